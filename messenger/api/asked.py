"""What the query of a request asks for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from core.errors import InvalidInput

_TRUTHS = {"true": True, "1": True, "false": False, "0": False}
_LONGEST_WORDS = 100

PAGE = [OpenApiParameter("limit", int), OpenApiParameter("cursor", str)]
"""Of every list, for the schema."""


def validated(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The body, checked; raises the framework's ValidationError."""
    values = serializer(data=request.data)
    values.is_valid(raise_exception=True)
    return dict(values.validated_data)


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
