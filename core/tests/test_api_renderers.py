from __future__ import annotations

import json
from collections import OrderedDict
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from datetime import timezone
from decimal import Decimal
from ipaddress import ip_address
from typing import Any

import pytest
from django.db import models
from django.utils.functional import lazystr
from django.utils.safestring import mark_safe
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.renderers import JSONRenderer as RestFrameworkJSONRenderer

from core.api.renderers import JSONRenderer
from core.ids import uuid7


class Colour(models.TextChoices):
    GOLD = "gold"


class Level(models.IntegerChoices):
    HIGH = 3


class Stone(serializers.Serializer[Any]):
    name = serializers.CharField()
    price = serializers.DecimalField(max_digits=8, decimal_places=2)
    found_at = serializers.DateTimeField()


STONE = {"name": "agate", "price": Decimal("12.50"), "found_at": datetime(2026, 5, 1, 12, tzinfo=UTC)}


@pytest.mark.parametrize(
    "data",
    [
        {"id": uuid7(), "none": None, "yes": True, "no": False, "count": 2**53, "share": 0.1},
        {"at": datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC), "exact": datetime(2026, 5, 1, 12, 0, 0, 1200, tzinfo=UTC)},
        {"at": datetime(2026, 5, 1, 12, tzinfo=timezone(timedelta(hours=3))), "day": date(2026, 5, 1)},
        {"naive": datetime(2026, 5, 1, 12, 0, 0)},
        {"text": 'quotes " and \\ and / and \n\t\x00\x1f\x7f', "wide": "Кінцуґі 金継ぎ 🏺", "lines": "a\u2028b\u2029c"},
        {"lazy": lazystr("later"), "safe": mark_safe("<b>"), "error": ErrorDetail("Required.", code="required")},
        {"colour": Colour.GOLD, "level": Level.HIGH, "ip": ip_address("2001:db8::1")},
        OrderedDict(b=1, a=[OrderedDict(c=(1, 2)), []]),
        {uuid7().hex: {"7": {}}},
        [],
        [1, "two", None],
        "text",
        {"pair": (1, (2, [3]))},
    ],
)
def test_it_writes_what_rest_framework_writes(data: Any) -> None:
    assert JSONRenderer().render(data, "application/json", {}) == RestFrameworkJSONRenderer().render(data)


def test_serializers_come_out_the_same() -> None:
    for data in (Stone(STONE).data, Stone([STONE, STONE], many=True).data, {"results": Stone([STONE], many=True).data}):
        assert JSONRenderer().render(data, "application/json", {}) == RestFrameworkJSONRenderer().render(data)
    wrong = Stone(data={"price": "much"})
    assert not wrong.is_valid()
    assert JSONRenderer().render(wrong.errors, "application/json", {}) == RestFrameworkJSONRenderer().render(
        wrong.errors
    )


def test_a_bare_decimal_keeps_every_digit() -> None:
    assert json.loads(JSONRenderer().render({"price": Decimal("0.10")})) == {"price": "0.10"}


def test_nothing_is_nothing_and_indentation_is_served() -> None:
    assert JSONRenderer().render(None) == b""
    assert JSONRenderer().render({"a": 1}, "application/json; indent=2") == b'{\n  "a": 1\n}'


def test_what_nobody_can_render_is_an_error() -> None:
    with pytest.raises(TypeError):
        JSONRenderer().render({"thing": object()})
