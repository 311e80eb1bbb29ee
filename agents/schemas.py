"""JSON schemas that somebody else wrote: made small and free of references, then used to check arguments.

A schema is a program in disguise: references that hold themselves, references of references (a hundred million of
them in 16 KiB) and patterns that backtrack for hours. So only what :func:`unfolded` has made is ever used to check.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from functools import cache
from typing import Any

import jsonschema
import regex  # type: ignore[import-untyped]
from jsonschema import validators

from agents import untrusted

MAX_BYTES = 16 * 1024
"""Of one function's parameters, as JSON."""
MAX_NODES = 1_500
"""Schemas unfolded for one function."""
MAX_DEPTH = 8
"""Of references inside references; what lies deeper becomes "anything"."""
MAX_LEVELS = 60
MAX_ALTERNATIVES = 8
MAX_TEXT = 300
MAX_PATTERN = 500
PATTERN_SECONDS = 0.05
MAX_UNIQUE = 500
"""Items that are compared with each other for ``uniqueItems``."""
MAX_PROBLEMS = 5

_KEPT = tuple(
    """
    type format enum const default multipleOf minimum maximum exclusiveMinimum exclusiveMaximum maxLength minLength
    maxItems minItems uniqueItems maxProperties minProperties required
    """.split()  # noqa: SIM905
)
_TYPES = frozenset({"string", "number", "integer", "boolean", "object", "array", "null"})


class SchemaRefused(Exception):
    """It is too large, or holds what is no JSON; the message says which, after "its parameters"."""


class References:
    """What ``#/…`` means in a document. Anything else is noted and never fetched."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self.notes: set[str] = set()

    def found(self, node: Any) -> Any:
        """The node, or what its reference leads to; ``{}`` where that leads nowhere."""
        for _hop in range(20):
            reference = node.get("$ref") if isinstance(node, Mapping) else None
            if not isinstance(reference, str):
                return node
            target = self._look_up(reference)
            if target is None:
                return {}
            beside = {key: value for key, value in node.items() if key != "$ref"}
            node = {**target, **beside} if beside and isinstance(target, Mapping) else target
        self.notes.add("A reference that leads to itself was left out.")
        return {}

    def _look_up(self, reference: str) -> Any:
        if reference != "#" and not reference.startswith("#/"):
            self.notes.add("A reference to another document was left out: such are never fetched.")
            return None
        found: Any = self._document
        for part in reference.split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            if isinstance(found, Mapping):
                found = found.get(name)
            elif isinstance(found, list) and name.isascii() and name.isdigit() and len(name) < 8:
                found = found[int(name)] if int(name) < len(found) else None
            else:
                found = None
        if found is None:
            self.notes.add("A reference to nothing was left out.")
        return found


class Unfolding:
    """The schemas of one function, written out. Raises SchemaRefused."""

    def __init__(self, references: References, *, writing: bool = True) -> None:
        self._references = references
        self._left = MAX_NODES
        self._bytes = 2 * MAX_BYTES
        self._writing = writing

    def schema(self, node: Any, path: tuple[str, ...] = (), level: int = 0) -> dict[str, Any]:
        """``path`` are the references that led here: a schema inside itself becomes "anything"."""
        self._left -= 1
        if self._left < 0:
            raise SchemaRefused("are too many")
        reference = node.get("$ref") if isinstance(node, Mapping) else None
        if isinstance(reference, str):
            if reference in path or len(path) >= MAX_DEPTH:
                return {}
            path = (*path, reference)
        node = self._references.found(node)
        if not isinstance(node, Mapping) or level > MAX_LEVELS:
            return {}
        shape = _own_words(node)
        self._pay(shape)
        self._inside(node, shape, path, level + 1)
        self._merged(node, shape, path, level + 1)
        return _tidied(shape)

    def _pay(self, value: Any) -> None:
        # Counted as it grows: what a reference leads to is written out each time, however large it is.
        self._bytes -= size(value)
        if self._bytes < 0:
            raise SchemaRefused("are too many")

    def _inside(self, node: Mapping[str, Any], shape: dict[str, Any], path: tuple[str, ...], level: int) -> None:
        if isinstance(properties := node.get("properties"), Mapping):
            shape.setdefault("type", "object")
            self._pay([str(name) for name in properties])
            shape["properties"] = {
                str(name): self.schema(inner, path, level)
                for name, inner in properties.items()
                if not (self._writing and isinstance(inner, Mapping) and inner.get("readOnly") is True)
            }
        if isinstance(more := node.get("additionalProperties"), bool):
            shape["additionalProperties"] = more
        elif isinstance(more, Mapping):
            shape["additionalProperties"] = self.schema(more, path, level)
        if isinstance(items := node.get("items"), Mapping):
            shape["items"] = self.schema(items, path, level)

    def _merged(self, node: Mapping[str, Any], shape: dict[str, Any], path: tuple[str, ...], level: int) -> None:
        for part in _listed(node, "allOf"):
            inner = self.schema(part, path, level)
            shape.setdefault("properties", {}).update(inner.pop("properties", {}))
            shape["required"] = [*_strings(shape.get("required")), *_strings(inner.pop("required", ()))]
            for key, value in inner.items():
                shape.setdefault(key, value)
        for key in ("oneOf", "anyOf"):
            if alternatives := _listed(node, key):
                shape["anyOf"] = [self.schema(part, path, level) for part in alternatives[:MAX_ALTERNATIVES]]


def unfolded(schema: Any, document: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A schema of an object without references, for :func:`problems`; ``document`` is where they lead.

    Raises SchemaRefused, also for what is larger than MAX_BYTES.
    """
    whole = schema if isinstance(schema, Mapping) else {}
    try:
        made = Unfolding(References(whole if document is None else document)).schema(whole)
    except RecursionError:
        raise SchemaRefused("are nested too deeply") from None
    return within_bounds({"type": "object", "properties": {}} | made | {"type": "object"})


def within_bounds(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema. Raises SchemaRefused for one that is larger than MAX_BYTES."""
    if (bytes_there := size(schema)) > MAX_BYTES:
        raise SchemaRefused(f"take {bytes_there // 1024} KiB")
    return schema


def size(value: Any) -> int:
    """Bytes, as JSON. Raises SchemaRefused for what no database would take: NaN, half a character, NUL, dates."""
    try:
        written = json.dumps(value, ensure_ascii=False, allow_nan=False)
        if "\\u0000" in written:
            raise ValueError("NUL")
        return len(written.encode())
    except (ValueError, TypeError, RecursionError):
        raise SchemaRefused("cannot be written as JSON") from None


def problems(schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> list[str]:
    """What is wrong with the arguments, in sentences a model can act on; MAX_PROBLEMS at most."""
    found = []
    try:
        for error in _validator()(schema).iter_errors(arguments):
            place = ".".join(str(part) for part in error.absolute_path)
            found.append(f"{place[:100]}: {error.message[:300]}" if place else error.message[:300])
            if len(found) == MAX_PROBLEMS:
                break
    except (RecursionError, ValueError, TypeError, jsonschema.SchemaError, jsonschema.exceptions.UnknownType):
        found.append("The description of the parameters cannot be used.")
    return found


def _own_words(node: Mapping[str, Any]) -> dict[str, Any]:
    shape = {key: node[key] for key in _KEPT if key in node}
    if isinstance(description := node.get("description"), str):
        shape["description"] = untrusted.cleaned(description, MAX_TEXT)
    if isinstance(pattern := node.get("pattern"), str) and len(pattern) <= MAX_PATTERN:
        shape["pattern"] = pattern
    _take_types(node, shape)
    for most, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        # Before OpenAPI 3.1 it was a word beside the limit.
        if isinstance(shape.get(exclusive), bool) and shape.pop(exclusive) and most in shape:
            shape[exclusive] = shape.pop(most)
    return {key: value for key, value in shape.items() if _makes_sense(key, value)}


def _take_types(node: Mapping[str, Any], shape: dict[str, Any]) -> None:
    given = shape.pop("type", None)
    types = [one for one in (given if isinstance(given, list) else [given]) if isinstance(one, str) and one in _TYPES]
    if types and node.get("nullable") is True and "null" not in types:
        types.append("null")
    if "null" in types and isinstance(shape.get("enum"), list) and None not in shape["enum"]:
        shape["enum"] = [*shape["enum"], None]
    if types:
        shape["type"] = types[0] if len(types) == 1 else list(dict.fromkeys(types))


def _makes_sense(key: str, value: Any) -> bool:
    """Whether checking by it cannot go wrong: others write anything anywhere."""
    match key:
        case "enum" | "required":
            return isinstance(value, list) and bool(value)
        case "format":
            return isinstance(value, str)
        case "uniqueItems":
            return isinstance(value, bool)
        case "multipleOf":
            return _is_number(value) and value > 0
        case "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum":
            return _is_number(value)
        case _ if key.startswith(("min", "max")):
            return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return True


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _tidied(shape: dict[str, Any]) -> dict[str, Any]:
    if "required" in shape:
        names = dict.fromkeys(_strings(shape["required"]))
        shape["required"] = [name for name in names if name in shape.get("properties", names)]
        if not shape["required"]:
            del shape["required"]
    if shape.get("properties") == {} and "type" not in shape:
        del shape["properties"]
    return shape


def _listed(node: Mapping[str, Any], key: str) -> list[Any]:
    value = node.get(key)
    return value if isinstance(value, list) else []


def _strings(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else []


# Checking


def _pattern(_validator: Any, pattern: Any, instance: Any, _schema: Any) -> Iterator[jsonschema.ValidationError]:
    """``re`` would backtrack for as long as a pattern wants; a pattern that takes too long checks nothing."""
    if not isinstance(instance, str) or not isinstance(pattern, str):
        return
    try:
        fits = regex.search(pattern, instance, timeout=PATTERN_SECONDS)
    except (regex.error, TimeoutError, RecursionError, MemoryError):
        return
    if fits is None:
        yield jsonschema.ValidationError(f"It does not match {pattern!r}.")


def _unique(validator: Any, unique: Any, instance: Any, schema: Any) -> Iterator[jsonschema.ValidationError]:
    if isinstance(instance, Sequence) and len(instance) <= MAX_UNIQUE:
        yield from jsonschema.Draft202012Validator.VALIDATORS["uniqueItems"](validator, unique, instance, schema)


def _reference(*_: Any) -> Iterator[jsonschema.ValidationError]:
    raise ValueError("A schema with references is not used.")


@cache
def _validator() -> Any:
    own = {"pattern": _pattern, "uniqueItems": _unique, "$ref": _reference, "$dynamicRef": _reference}
    dropped = ("patternProperties", "unevaluatedProperties", "unevaluatedItems", "contains", "dependentSchemas")
    return validators.extend(
        jsonschema.Draft202012Validator,
        own | {name: lambda *_: iter(()) for name in dropped},  # not kept by ``unfolded``
    )
