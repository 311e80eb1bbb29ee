"""Bodies and queries in their shapes: what is taken, and in which words the rest is refused."""

from __future__ import annotations

import json
from typing import Annotated
from typing import Any
from typing import Literal
from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.validators import validate_email
from pydantic import Field
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from core.api.request import actor
from core.api.request import queried
from core.api.request import validated
from core.errors import InvalidInput
from core.errors import Unauthenticated
from core.shapes import Body
from core.shapes import Filled
from core.shapes import Verbatim
from core.shapes import checked_by

ID = "01990000-0000-7000-8000-000000000001"


class Part(Body):
    name: Filled


class Order(Body):
    title: Annotated[Filled, Field(max_length=5)]
    secret: Verbatim = ""
    email: Annotated[str, checked_by(validate_email)] = "a@b.example"
    kind: Literal["tea", "cake"] = "tea"
    many: Annotated[int, Field(ge=1, le=3)] = 1
    is_hot: bool = False
    guest: UUID | None = None
    parts: Annotated[list[Part], Field(max_length=2)] = []


def posted(body: Any) -> Request:
    return Request(
        APIRequestFactory().post("/", json.dumps(body), content_type="application/json"), parsers=[JSONParser()]
    )


def refused(body: Any) -> Any:
    with pytest.raises(InvalidInput) as caught:
        validated(posted(body), Order)
    return caught.value.details


def test_a_body_is_read_as_people_and_programs_write_it() -> None:
    order = validated(
        posted({"title": " tea ", "secret": " x ", "many": "2", "is_hot": "true", "guest": ID, "unknown": 1}), Order
    )
    assert (order.title, order.secret, order.many, order.is_hot, order.guest) == ("tea", " x ", 2, True, UUID(ID))
    assert set(order.model_dump(exclude_unset=True)) == {"title", "secret", "many", "is_hot", "guest"}
    assert validated(posted({"title": 42}), Order).title == "42"


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ({}, {"title": ["This field is required."]}),
        ({"title": None}, {"title": ["This field may not be null."]}),
        ({"title": "  "}, {"title": ["This field may not be blank."]}),
        ({"title": "longer"}, {"title": ["Ensure this field has no more than 5 characters."]}),
        ({"title": ["x"]}, {"title": ["Not a valid string."]}),
        ({"title": "a\x00"}, {"title": ["Null characters are not allowed."]}),
        ({"title": "a\ud800"}, {"title": ["Surrogate characters are not allowed."]}),
        ({"title": "t", "email": "{x}"}, {"email": ["Enter a valid email address."]}),
        ({"title": "t", "kind": "beer"}, {"kind": ["Use one of 'tea' or 'cake'."]}),
        ({"title": "t", "many": 4}, {"many": ["Ensure this value is less than or equal to 3."]}),
        ({"title": "t", "many": 1.5}, {"many": ["A valid integer is required."]}),
        ({"title": "t", "is_hot": "warm"}, {"is_hot": ["Must be a valid boolean."]}),
        ({"title": "t", "guest": "x"}, {"guest": ["Must be a valid UUID."]}),
        ({"title": "t", "parts": [{"name": "a"}, {}]}, {"parts.1.name": ["This field is required."]}),
        ({"title": "t", "parts": [{"name": "\x00"}]}, {"parts.0.name": ["Null characters are not allowed."]}),
        ({"title": "t", "parts": [{}] * 3}, {"parts": ["Ensure this field has no more than 2 elements."]}),
        ([], {"non_field_errors": ["Expected an object."]}),
    ],
)
def test_what_is_wrong_is_said_by_field(body: Any, details: dict[str, list[str]]) -> None:
    assert refused(body) == details


def test_a_query_without_a_value_is_left_out() -> None:
    request = Request(APIRequestFactory().get("/", {"title": "x", "many": ""}))
    assert queried(request, Order).many == 1


def test_nobody_is_no_actor() -> None:
    request = posted({})
    request.user = AnonymousUser()
    with pytest.raises(Unauthenticated):
        actor(request)
