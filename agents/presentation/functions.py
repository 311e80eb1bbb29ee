"""Functions and sources as their agent's owner sees them; secrets never."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext

from agents import untrusted
from agents.models import AgentFunction
from agents.models import AgentSource
from agents.shapes import AuthShape
from agents.shapes import FunctionShape
from agents.shapes import PlaceShape
from agents.shapes import SourceShape


def host_of(url: str) -> str | None:
    """Where calls of this address go."""
    try:
        return urlsplit(url).hostname or None
    except ValueError:
        return None


def auth(row: AgentFunction | AgentSource) -> AuthShape:
    """Of a secret its last four characters at most."""
    last4 = row.secret.last4() if row.secret else None
    return AuthShape.model_validate({"kind": row.auth_kind, "name": row.auth_name, "secret_last4": last4})


def places(row: AgentFunction) -> dict[str, PlaceShape]:
    """Where its arguments go, by argument."""
    return {
        name: PlaceShape(kind=place["in"], name=place["name"], join=place.get("join", ""))
        for name, place in row.places.items()
    }


def notices(row: AgentFunction) -> list[str]:
    """What to look at in a function that waits for its owner's yes."""
    if row.source_id is None or (row.approved_at and not row.offered):
        return []
    said = row.offered or {"description": row.description, "parameters": row.parameters}
    if untrusted.speaks_to_model(json.dumps(said, ensure_ascii=False)):
        return [gettext("This text talks to the model, or hides something. Read it closely before you approve it.")]
    return []


def function(row: AgentFunction) -> FunctionShape:
    """One function; no query."""
    return FunctionShape.model_validate(
        {
            "id": row.pk,
            "source_id": row.source_id,
            "name": row.name,
            "description": row.description,
            "parameters": row.parameters,
            "function_type": row.function_type,
            "tool": row.remote_name,
            "endpoint_url": row.endpoint_url,
            "host": host_of(row.endpoint_url),
            "http_method": row.http_method,
            "headers": row.headers,
            "places": places(row),
            "auth_config": auth(row),
            "effect": row.effect,
            "repeat": row.repeat,
            "confirm": row.confirm,
            "callable_by": row.callable_by,
            "timeout": row.timeout,
            "per_run": row.per_run,
            "per_day": row.per_day,
            "is_enabled": row.is_enabled,
            "approved_at": row.approved_at,
            "pinned_hash": row.pinned_hash,
            "definition_hash": row.definition_hash,
            "changed": row.offered,
            "notices": notices(row),
            "problem": row.problem,
            "called_at": row.called_at,
        }
    )


def source(row: AgentSource) -> SourceShape:
    """One source; no query."""
    fields: dict[str, Any] = {
        "id": row.pk,
        "kind": row.kind,
        "name": row.name,
        "url": row.url,
        "auth_config": auth(row),
        "protocol": row.protocol,
        "server_label": row.server_label,
        "state": row.state,
        "problem": row.problem,
        "checked_at": row.checked_at,
    }
    return SourceShape.model_validate(fields)
