"""What a server says of its tools: pinned as it was said, cleaned before anybody reads it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents import schemas
from agents import untrusted
from agents.schemas import SchemaRefused

MAX_TOOLS = 200
_MAX_NAME = 128


@dataclass(frozen=True, slots=True)
class ToolDefinition:
    """A tool as it may be shown and given to a model, once its owner has approved this very ``pinned_hash``."""

    remote_name: str
    title: str
    description: str
    parameters: Mapping[str, Any]
    pinned_hash: str
    """SHA-256 of all that was said, cleaned of nothing."""
    claims_read_only: bool
    """The server's word only: it may make nothing less strict before the owner ticks it."""
    claims_idempotent: bool
    is_suspicious: bool
    """Its text talks to the model, or hides something."""


@dataclass(frozen=True, slots=True)
class Listing:
    """All tools of a server; ``left_out`` has a line for each that cannot be used."""

    protocol: str
    server_label: str
    tools: tuple[ToolDefinition, ...]
    left_out: tuple[str, ...] = ()

    def tool(self, remote_name: str) -> ToolDefinition | None:
        """The one of this name."""
        return next((one for one in self.tools if one.remote_name == remote_name), None)


def listing(protocol: str, label: str, told: list[dict[str, Any]]) -> Listing:
    """What a server told, tool by tool as JSON: the first MAX_TOOLS, and of two by one name the first."""
    tools: dict[str, ToolDefinition] = {}
    left_out = []
    for one in told[:MAX_TOOLS]:
        name = str(one.get("name", ""))
        shown = untrusted.cleaned(name, 60) or "a tool without a name"
        if not 0 < len(name) <= _MAX_NAME or untrusted.cleaned(name, _MAX_NAME) != name:
            left_out.append(f"{shown}: its name cannot be used")
        elif name in tools:
            left_out.append(f"{shown}: it is listed twice")
        else:
            try:
                tools[name] = _definition(name, one)
            except SchemaRefused as error:
                left_out.append(f"{shown}: its parameters {error}")
    if len(told) > MAX_TOOLS:
        left_out.append(f"{len(told) - MAX_TOOLS} more: at most {MAX_TOOLS} tools of a server are read")
    return Listing(protocol, untrusted.cleaned(label, 100), tuple(tools.values()), tuple(left_out))


def pin(told: Mapping[str, Any]) -> str:
    """The hash of what a tool says of itself, in a form that does not depend on order."""
    said = {key: told.get(key) for key in ("name", "title", "description", "inputSchema", "annotations")}
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def named(source: str, remote_name: str) -> str:
    """The function's name: the source's stands in front, so that no server can take the place of another's tool."""
    whole = re.sub(r"[^A-Za-z0-9_-]", "_", f"{source}__{remote_name}")
    whole = whole if whole[:1].isalpha() else f"f_{whole}"
    if len(whole) <= 60 and whole == f"{source}__{remote_name}":
        return whole
    return f"{whole[:51]}_{hashlib.sha256(f'{source}/{remote_name}'.encode()).hexdigest()[:8]}"


def _definition(name: str, told: Mapping[str, Any]) -> ToolDefinition:
    given = told.get("annotations")
    claims = given if isinstance(given, Mapping) else {}
    texts = [name, told.get("title"), told.get("description"), *_texts(told.get("inputSchema"))]
    return ToolDefinition(
        remote_name=name,
        title=untrusted.cleaned(told.get("title") or claims.get("title"), 100),
        description=untrusted.cleaned(told.get("description")),
        parameters=schemas.unfolded(told.get("inputSchema")),
        pinned_hash=pin(told),
        claims_read_only=claims.get("readOnlyHint") is True,
        claims_idempotent=claims.get("idempotentHint") is True,
        is_suspicious=any(untrusted.speaks_to_model(text) for text in texts),
    )


def _texts(schema: Any) -> list[str]:
    """Every text in a schema, keys included: a model reads them all."""
    found: list[str] = []
    waiting = [schema]
    while waiting and len(found) < 5_000:
        node = waiting.pop()
        if isinstance(node, str):
            found.append(node[:5_000])
        elif isinstance(node, Mapping):
            found.extend(str(key)[:500] for key in node)
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
    return found
