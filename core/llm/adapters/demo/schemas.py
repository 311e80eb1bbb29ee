"""JSON that fits a schema, for answers and arguments of the demo model: small, and the same each time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_DEEPEST = 4
"""From here on only what is required stands in an object: a schema may hold itself."""


def fitting(
    schema: Mapping[str, Any], *, word: str = "demo", root: Mapping[str, Any] | None = None, depth: int = 0
) -> Any:
    """A document of the schema; ``word`` stands where any text may stand.

    Known are type, properties, required, items, enum, const, default, the bounds of numbers, texts and lists, anyOf,
    oneOf, allOf and references within the schema.
    """
    root = schema if root is None else root
    if "$ref" in schema:
        schema = _referred(str(schema["$ref"]), root)
    for name in ("const", "default"):
        if name in schema:
            return schema[name]
    if schema.get("enum"):
        return schema["enum"][0]
    for name in ("anyOf", "oneOf"):
        if schema.get(name):
            return fitting(schema[name][0], word=word, root=root, depth=depth)
    if schema.get("allOf"):
        merged: dict[str, Any] = {}
        for part in schema["allOf"]:
            merged |= _referred(str(part["$ref"]), root) if "$ref" in part else part
        return fitting(merged, word=word, root=root, depth=depth)
    return _of_type(schema, word, root, depth)


def _of_type(schema: Mapping[str, Any], word: str, root: Mapping[str, Any], depth: int) -> Any:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((name for name in kind if name != "null"), "null")
    match kind or ("object" if "properties" in schema else "string"):
        case "object":
            return _object(schema, word, root, depth)
        case "array":
            return _array(schema, word, root, depth)
        case "integer":
            return int(_number(schema, 1))
        case "number":
            return float(_number(schema, 0))
        case "boolean":
            return True
        case "null":
            return None
        case _:
            least, most = schema.get("minLength", 0), schema.get("maxLength", len(word) + 1000)
            return (word * (-(-least // len(word)) or 1))[:most] if word else ""


def _object(schema: Mapping[str, Any], word: str, root: Mapping[str, Any], depth: int) -> dict[str, Any]:
    properties = schema.get("properties", {})
    wanted = schema.get("required", []) if depth >= _DEEPEST else properties
    return {name: fitting(properties.get(name, {}), word=word, root=root, depth=depth + 1) for name in wanted}


def _array(schema: Mapping[str, Any], word: str, root: Mapping[str, Any], depth: int) -> list[Any]:
    least = schema.get("minItems", 0)
    count = least if depth >= _DEEPEST else min(max(least, 1), schema.get("maxItems", max(least, 1)))
    return [fitting(schema.get("items", {}), word=word, root=root, depth=depth + 1) for _ in range(count)]


def _number(schema: Mapping[str, Any], step: int) -> float:
    """The smallest that may be, else 0 or the largest."""
    if "minimum" in schema:
        return float(schema["minimum"])
    if "exclusiveMinimum" in schema:
        return float(schema["exclusiveMinimum"]) + (step or 0.5)
    most = schema.get("maximum", schema.get("exclusiveMaximum"))
    return 0.0 if most is None or most > 0 else float(most) - step


def _referred(reference: str, root: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Any = root
    for name in reference.removeprefix("#/").split("/"):
        found = found.get(name, {}) if isinstance(found, Mapping) else {}
    return found if isinstance(found, Mapping) else {}
