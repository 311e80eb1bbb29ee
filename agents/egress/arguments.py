"""What a model wrote as arguments, checked against what the function takes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from agents import schemas
from agents.egress import problems
from agents.egress.problems import ArgumentsRefused
from agents.egress.problems import CannotBuild

MAX_BYTES = 64 * 1024


def checked(parameters: Mapping[str, Any], arguments: Any) -> dict[str, Any]:
    """The arguments without those the function does not know. Raises ArgumentsRefused, CannotBuild."""
    if not isinstance(arguments, Mapping):
        raise ArgumentsRefused("The arguments must be a JSON object.")
    known = parameters.get("properties") or {}
    given = {name: value for name, value in arguments.items() if name in known}
    try:
        whole = json.dumps(given, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, TypeError, RecursionError):  # NaN, half a surrogate pair, no end
        raise ArgumentsRefused("The arguments are not JSON.") from None
    if len(whole) > MAX_BYTES:
        raise CannotBuild(problems.too_large(MAX_BYTES))
    if found := schemas.problems(parameters, given):
        raise ArgumentsRefused(*found)
    return given


def as_text(name: str, value: Any) -> str:
    """A value for an address or a header. Raises ArgumentsRefused for what is neither text nor a number."""
    match value:
        case bool():
            return "true" if value else "false"
        case str() | int() | float():
            return str(value)
    raise ArgumentsRefused(f"{name}: it must be a text or a number.")
