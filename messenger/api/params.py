"""What the query of a request about messages asks for."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from datetime import time
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_date
from django.utils.dateparse import parse_datetime
from rest_framework import serializers
from rest_framework.request import Request

from core.errors import InvalidInput

_MOST = 2**63 - 1


def validated(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The body, checked; raises the framework's ValidationError."""
    values = serializer(data=request.data)
    values.is_valid(raise_exception=True)
    return dict(values.validated_data)


def position(request: Request, name: str) -> int | None:
    """A position in a stream, or None. Raises InvalidInput."""
    given = request.query_params.get(name)
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 20 and int(given) <= _MOST):
        raise InvalidInput(details={name: ["Use a whole number."]})
    return int(given)


def beginning(request: Request, name: str) -> datetime:
    """The beginning of a day (UTC). Raises InvalidInput for anything else, nothing included."""
    try:
        found = parse_date(request.query_params.get(name, ""))
    except ValueError:
        found = None
    if found is None:
        raise InvalidInput(details={name: ["Use a date such as 2026-01-31."]})
    return datetime.combine(found, time(), UTC)


def moment(request: Request, name: str) -> datetime | None:
    """A point in time, or the beginning of a day (UTC), or None. Raises InvalidInput."""
    given = request.query_params.get(name)
    if not given:
        return None
    try:
        found = parse_datetime(given)
        if found is None or len(given) <= 10:
            return beginning(request, name)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput(details={name: ["Use a time such as 2026-01-31T12:00:00Z."]}) from None


def identity(request: Request, name: str) -> UUID | None:
    """An id, or None. Raises InvalidInput."""
    given = request.query_params.get(name)
    try:
        return UUID(given) if given else None
    except ValueError:
        raise InvalidInput(details={name: ["This is not an id."]}) from None


def choice(request: Request, name: str, choices: frozenset[str]) -> str | None:
    """One of the choices, or None. Raises InvalidInput."""
    given = request.query_params.get(name) or None
    if given is not None and given not in choices:
        raise InvalidInput(details={name: [f"Use one of {', '.join(sorted(choices))}."]})
    return given
