"""What a function is, as one hash: approvals and grants are for that and for nothing else."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from agents.models import AgentFunction


def canonical_hash(value: Any) -> str:
    """The same for the same JSON, however it is written."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def of_row(row: AgentFunction) -> str:
    """Of a function that its owner has written: what it does, and where."""
    return canonical_hash(
        {
            "name": row.name,
            "description": row.description,
            "parameters": row.parameters,
            "type": row.function_type,
            "url": row.endpoint_url,
            "method": row.http_method,
            "headers": row.headers,
            "places": row.places,
            "tool": row.remote_name,
        }
    )
