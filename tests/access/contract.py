"""The OpenAPI schema as the matrix reads it: what a request may say, and what an answer shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator

from tests.access.surface import routes

Schema = dict[str, Any]


@dataclass(frozen=True)
class Operation:
    """A route and a verb, with the fields of its JSON body and of its answer (nested ones by their own name)."""

    name: str
    path: str
    verb: str
    fields: frozenset[str]
    identities: frozenset[str]
    """Fields of the body that hold an id, or a list of them (then with ``[]``), and ``?parameters`` that do."""
    shown: frozenset[str]


@cache
def document() -> Schema:
    """The schema of the whole API."""
    generator: Any = SchemaGenerator
    found: Schema = generator().get_schema(request=None, public=True)
    return found


@cache
def operations() -> tuple[Operation, ...]:
    """All of them."""
    return tuple(_operations())


def _operations() -> Iterator[Operation]:
    names = {"/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.path): route.name for route in routes().values()}
    for path, verbs in document()["paths"].items():
        for verb, operation in verbs.items():
            contents = operation.get("requestBody", {}).get("content", {})
            body: Schema = next((part["schema"] for part in contents.values()), {})
            asked = {
                "?" + parameter["name"]
                for parameter in operation.get("parameters", [])
                if parameter["in"] == "query" and parameter["schema"].get("format") == "uuid"
            }
            answers = [
                part["schema"]
                for status, answer in operation["responses"].items()
                if status.startswith("2")
                for part in answer.get("content", {}).values()
            ]
            fields = frozenset(_resolved(body).get("properties", {}))
            identities = frozenset(_identities(body)) | asked
            shown = frozenset(name for answer in answers for name in _names(answer, frozenset()))
            yield Operation(names[path], path, verb, fields, identities, shown)


def _resolved(schema: Schema) -> Schema:
    while "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _identities(schema: Schema) -> Iterator[str]:
    for name, part in _resolved(schema).get("properties", {}).items():
        if _is_identity(part):
            yield name
        elif _is_identity(part.get("items", {})):
            yield f"{name}[]"


def _is_identity(part: Schema) -> bool:
    found = _resolved(part)
    return found.get("format") == "uuid" or any(map(_is_identity, found.get("anyOf", []) + found.get("oneOf", [])))


def _names(schema: Schema, seen: frozenset[str]) -> Iterator[str]:
    """All properties, at any depth."""
    reference = schema.get("$ref", "")
    if reference in seen:
        return
    found, seen = _resolved(schema), seen | ({reference} if reference else set())
    for name, part in found.get("properties", {}).items():
        yield name
        yield from _names(part, seen)
    for part in [found.get("items", {}), *found.get("anyOf", []), *found.get("oneOf", []), *found.get("allOf", [])]:
        if part:
            yield from _names(part, seen)
