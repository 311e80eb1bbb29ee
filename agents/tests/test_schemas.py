from __future__ import annotations

import time
from typing import Any

import pytest

from agents import schemas
from agents.schemas import SchemaRefused

pytestmark = pytest.mark.any_stack


def of(inner: Any) -> Any:
    return {"type": "object", "properties": {"x": inner}}


def test_references_are_written_out_and_a_schema_inside_itself_becomes_anything() -> None:
    document = {
        "properties": {"tree": {"$ref": "#/$defs/Tree"}},
        "$defs": {
            "Tree": {"type": "object", "properties": {"name": {"type": "string"}, "left": {"$ref": "#/$defs/Tree"}}}
        },
    }
    made = schemas.unfolded(document)
    assert made["properties"]["tree"]["properties"] == {"name": {"type": "string"}, "left": {}}


@pytest.mark.parametrize(
    "reference", ["http://169.254.169.254/x", "file:///etc/passwd#/a", "#anchor", "#/nowhere", "other.yaml#/a", "#/0/1"]
)
def test_references_elsewhere_are_never_followed(reference: str) -> None:
    assert schemas.unfolded(of({"$ref": reference}))["properties"] == {"x": {}}


def test_all_of_is_merged_and_one_of_is_kept() -> None:
    made = schemas.unfolded(
        {
            "allOf": [
                {"properties": {"a": {"type": "string"}}, "required": ["a"]},
                {"properties": {"b": {"type": ["string", "null"], "nullable": True}}, "required": ["b", "ghost"]},
            ],
            "properties": {"c": {"oneOf": [{"type": "integer"}, {"type": "string", "nullable": True, "enum": ["x"]}]}},
        }
    )
    assert set(made["properties"]) == {"a", "b", "c"}
    assert made["required"] == ["a", "b"]
    assert made["properties"]["c"]["anyOf"][1] == {"type": ["string", "null"], "enum": ["x", None]}


def test_words_that_make_no_sense_are_dropped() -> None:
    given = {
        "type": "wish",
        "minLength": -1,
        "maximum": "7",
        "enum": "a",
        "pattern": 5,
        "exclusiveMinimum": True,
        "minimum": 1,
    }
    assert schemas.unfolded(of(given))["properties"]["x"] == {"exclusiveMinimum": 1}


def _wide(levels: int, each: int) -> Any:
    defs = {
        f"A{i}": {"properties": {f"p{j}": {"$ref": f"#/$defs/A{i + 1}"} for j in range(each)}} for i in range(levels)
    }
    return {"$ref": "#/$defs/A0", "$defs": defs}


@pytest.mark.parametrize(
    "schema",
    [
        _wide(12, 10),
        _wide(30, 4),
        {
            "properties": {f"p{i}": {"$ref": "#/$defs/big"} for i in range(1_000)},
            "$defs": {"big": {"enum": ["x" * 100_000]}},
        },
        {"properties": {f"p{i}": {"type": "string"} for i in range(3_000)}},
        of({"default": float("nan")}),
        of({"default": "\ud800"}),
        of({"default": "a\0b"}),
        {
            "allOf": [{"$ref": "#/$defs/a"}] * 60,
            "$defs": {"a": {"allOf": [{"$ref": "#/$defs/b"}] * 60}, "b": {"minLength": 1}},
        },
    ],
    ids=["wide", "deep", "large again and again", "many", "nan", "half", "nul", "all of all"],
)
def test_what_would_grow_or_cannot_be_stored_is_refused_soon(schema: Any) -> None:
    began = time.monotonic()
    with pytest.raises(SchemaRefused):
        schemas.unfolded(schema)
    assert time.monotonic() - began < 2


def test_a_deep_schema_ends_somewhere() -> None:
    deep: Any = {"type": "string"}
    for _ in range(5_000):
        deep = {"properties": {"x": deep}}
    assert schemas.unfolded(deep)["type"] == "object"


def test_a_pattern_that_backtracks_for_ever_checks_nothing() -> None:
    schema = schemas.unfolded(of({"type": "string", "pattern": "^(a|a)*(b|b)*(a+)+(a+)+$"}))
    began = time.monotonic()
    assert schemas.problems(schema, {"x": "a" * 5_000 + "!"}) == []
    assert time.monotonic() - began < 2
    assert schemas.problems(schemas.unfolded(of({"pattern": "^[a-z]+$"})), {"x": "A1"}) != []


def test_comparing_many_items_is_not_tried() -> None:
    schema = schemas.unfolded(of({"uniqueItems": True}))
    began = time.monotonic()
    assert schemas.problems(schema, {"x": [{"a": i} for i in range(20_000)]}) == []
    assert time.monotonic() - began < 2
    assert schemas.problems(schema, {"x": [1, 1]}) != []


def test_a_schema_that_was_not_unfolded_is_not_used() -> None:
    assert schemas.problems({"$ref": "#"}, {}) == ["The description of the parameters cannot be used."]
    assert schemas.problems({"type": "wish"}, {}) == ["The description of the parameters cannot be used."]
