"""Single parameters of a query. A view with several of its own describes them as one shape: ``request.queried``."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from datetime import time
from uuid import UUID

from django.utils.dateparse import parse_date
from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from core.errors import InvalidInput

_TRUTHS = {"true": True, "1": True, "false": False, "0": False}
_LONGEST_WORDS = 100  # characters
_MOST = 2**63 - 1  # what a bigint holds

PAGE = [OpenApiParameter("limit", int), OpenApiParameter("cursor", str)]
"""Of every list, for the schema."""


def flag(request: Request, name: str) -> bool | None:
    """A parameter that is true, false or absent. Raises InvalidInput."""
    value = request.query_params.get(name)
    if value is None or value == "":
        return None
    if value.lower() not in _TRUTHS:
        raise InvalidInput(details={name: ["Use true or false."]})
    return _TRUTHS[value.lower()]


def words(request: Request, name: str = "search") -> str:
    """What is looked for; empty when nothing is."""
    return request.query_params.get(name, "").replace("\x00", "").strip()[:_LONGEST_WORDS]


def ids(request: Request, name: str, *, most: int) -> list[UUID]:
    """Ids with commas between them. Raises InvalidInput."""
    given = [part for part in request.query_params.get(name, "").split(",") if part.strip()]
    if len(given) > most:
        raise InvalidInput(details={name: [f"Name at most {most}."]})
    try:
        return [UUID(part.strip()) for part in given]
    except ValueError:
        raise InvalidInput(details={name: ["These are not ids."]}) from None


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
