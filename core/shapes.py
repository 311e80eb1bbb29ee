"""One language of shapes for REST and the socket: what comes in and what goes out, as pydantic models.

What goes out is a :class:`Shape`, what comes in over REST a :class:`Body`; over the socket it is a
:class:`core.realtime.commands.Payload`. The OpenAPI document, ``docs/websocket.md`` and the client's types are made
from them.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from textwrap import dedent
from typing import Annotated
from typing import Any
from typing import Generic
from typing import TypeVar

from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils.translation import gettext
from pydantic import AfterValidator
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import StringConstraints
from pydantic import ValidationError
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ModelSchema

from core import text

Item = TypeVar("Item")
Value = TypeVar("Value")


class Shape(BaseModel):
    """What the server says: an answer, an event, a part of one. A docstring below a field describes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Body(BaseModel):
    """What a client sends over REST. Fields nobody knows are passed over, and text loses the blanks around it.

    A docstring below a field describes it in the document. ``model_dump(exclude_unset=True)`` is what was really sent,
    for changes in which leaving out means keeping.
    """

    model_config = ConfigDict(
        extra="ignore",
        frozen=True,
        str_strip_whitespace=True,
        coerce_numbers_to_str=True,
    )


class Page(Shape, Generic[Item]):
    """Part of a list. Give each list a class of its own: its name is that of the component in the document."""

    results: list[Item]
    next: str | None
    """Path and query of the next page."""
    previous: str | None


def _visible(value: str) -> str:
    if not text.is_visible(value):
        raise refusal(gettext("This field may not be blank."))
    return value


Filled = Annotated[str, StringConstraints(min_length=1), AfterValidator(_visible)]
"""Text in which there is something to see: not only blanks, nor characters that are drawn as nothing."""

Line = Annotated[str, AfterValidator(text.line)]
"""A title: one line, which turns no text around it. Empty when there is nothing to see of it."""

Name = Annotated[Filled, AfterValidator(text.line)]
"""The same, where it must not be empty."""

Verbatim = Annotated[str, StringConstraints(strip_whitespace=False)]
"""Text in which the blanks around it count: a password, a message."""


def checked_by(validator: Callable[[Any], object]) -> AfterValidator:
    """A validator of Django's as a part of ``Annotated[str, …]``; its sentences become those of the field."""

    def check(value: Value) -> Value:
        try:
            validator(value)
        except DjangoValidationError as error:
            raise refusal(" ".join(error.messages)) from error
        return value

    return AfterValidator(check)


def refusal(sentence: str, *, field: str = "") -> PydanticCustomError:
    """What a validator of a shape raises: the sentence stands in ``details`` as it is, braces included.

    A validator of the whole shape names the ``field`` it is about.
    """
    return PydanticCustomError("refused", "{sentence}", {"sentence": sentence, "field": field})


def optional() -> Any:
    """The default of a field that may be left out, though not be null: in the document it has no default.

    Read such a shape with ``model_dump(exclude_unset=True)``; until it was sent the attribute is None.
    """
    return Field(default=None, json_schema_extra=_without_default)


def absent() -> Any:
    """The default of a field of what goes out that is missing when there is nothing to say; drop it when None."""
    return Field(default=None, json_schema_extra={"absent": True})


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


class SchemaGenerator(GenerateJsonSchema):
    """Of what goes out every field is required, but for those whose schema says that they may be ``absent``.

    The docstrings below fields are read here and not by pydantic's ``use_attribute_docstrings``, which searches the
    sources of every module while each class is made: half of what starting a process took.
    """

    def model_schema(self, schema: ModelSchema) -> dict[str, Any]:
        made = super().model_schema(schema)
        for name, words in _words_below_fields(schema["cls"]).items():
            if name in made.get("properties", {}):
                made["properties"][name].setdefault("description", words)
        if self.mode == "serialization" and "properties" in made:
            made["required"] = [name for name, part in made["properties"].items() if not part.get("absent")]
            for part in made["properties"].values():
                part.pop("default", None)  # which says what may be left out, and nothing is
        return made


def _words_below_fields(shape: type) -> dict[str, str]:
    """Field → the docstring below it, in the class itself or in one it is made from."""
    found: dict[str, str] = {}
    for parent in reversed(shape.__mro__):
        # A generic one with its type filled in has no source of its own; what it is made from has.
        if issubclass(parent, Shape | Body) and "[" not in parent.__name__:
            found |= _own_words(parent)
    return found


@cache
def _own_words(shape: type) -> dict[str, str]:
    source = ast.parse(dedent(inspect.getsource(shape)))
    fields = [
        statement for definition in source.body if isinstance(definition, ast.ClassDef) for statement in definition.body
    ]
    return {
        field.target.id: inspect.cleandoc(words.value.value)
        for field, words in pairwise(fields)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(words, ast.Expr)
        and isinstance(words.value, ast.Constant)
        and isinstance(words.value.value, str)
    }


def untitled(schema: Any) -> Any:
    """A JSON schema without the titles pydantic gives to every field, which would each become a type of the client."""
    if isinstance(schema, list):
        return [untitled(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key not in {"title", "absent"}}
    return {
        key: {name: untitled(part) for name, part in value.items()} if key == "properties" else untitled(value)
        for key, value in kept.items()
    }


def details(error: ValidationError, *, whole: str) -> dict[str, list[str]]:
    """What is wrong, as ``{"items.0.name": ["…"]}`` in the reader's language; what was sent is not repeated.

    ``whole`` is the key of what concerns no single field.
    """
    found: dict[str, list[str]] = {}
    for finding in error.errors(include_url=False):
        place = [*finding["loc"], *filter(None, [finding.get("ctx", {}).get("field")])]
        field = ".".join(str(part) for part in place) or whole
        found.setdefault(field, []).append(_sentence(finding))
    return found


def _sentence(finding: Mapping[str, Any]) -> str:
    context = finding.get("ctx", {})
    if finding["type"].endswith("_type") and finding["input"] is None:
        return gettext("This field may not be null.")
    if finding["type"] == "string_too_short" and context["min_length"] == 1:
        return gettext("This field may not be blank.")
    # Where a text is also looked at by a validator of ours, its length is that of any sequence to pydantic.
    prefix = "string_" if finding["type"] in {"too_long", "too_short"} and isinstance(finding["input"], str) else ""
    known = _SENTENCES.get(prefix + finding["type"])
    return gettext(known).format(**context) if known else str(finding["msg"]).removeprefix("Value error, ")


_SENTENCES = {
    "missing": "This field is required.",
    "string_type": "Not a valid string.",
    "string_too_long": "Ensure this field has no more than {max_length} characters.",
    "string_too_short": "Ensure this field has at least {min_length} characters.",
    "too_long": "Ensure this field has no more than {max_length} elements.",
    "too_short": "Ensure this field has at least {min_length} elements.",
    "uuid_parsing": "Must be a valid UUID.",
    "uuid_type": "Must be a valid UUID.",
    "bool_parsing": "Must be a valid boolean.",
    "bool_type": "Must be a valid boolean.",
    "int_parsing": "A valid integer is required.",
    "int_type": "A valid integer is required.",
    "int_from_float": "A valid integer is required.",
    "float_parsing": "A valid number is required.",
    "float_type": "A valid number is required.",
    "greater_than_equal": "Ensure this value is greater than or equal to {ge}.",
    "less_than_equal": "Ensure this value is less than or equal to {le}.",
    "datetime_parsing": "Use a time such as 2026-01-31T12:00:00Z.",
    "datetime_from_date_parsing": "Use a time such as 2026-01-31T12:00:00Z.",
    "date_parsing": "Use a date such as 2026-01-31.",
    "date_from_datetime_parsing": "Use a date such as 2026-01-31.",
    "literal_error": "Use one of {expected}.",
    "enum": "Use one of {expected}.",
    "list_type": "Expected a list of items.",
    "dict_type": "Expected an object.",
    "model_type": "Expected an object.",
    "model_attributes_type": "Expected an object.",
    "string_unicode": "Surrogate characters are not allowed.",
}
"""REST framework's words where it has some, so that its catalogues translate them; kind of error → sentence."""
