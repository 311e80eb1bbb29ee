"""The twin of ``sync`` for clients that poll."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from accounts.models import User
from conftest import JsonClient
from core.realtime import streams
from core.realtime.names import user_stream
from core.realtime.presence_events import UserOnline

Queries = Callable[[int], Any]


def _write(user: User, count: int) -> None:
    for _ in range(count):
        with transaction.atomic():
            streams.append(user_stream(user.pk), UserOnline(user_id=user.pk))


def test_one_reads_what_one_misses_in_order(alice: User, alice_client: JsonClient) -> None:
    _write(alice, 5)
    answer = alice_client.get(f"/api/sync?streams=u:{alice.pk}:2")
    assert answer.status_code == 200
    body = answer.json()
    assert [event["seq"] for event in body["events"]] == [3, 4, 5]
    assert body["events"][0] == {"type": "user.online", "seq": 3, "payload": {"user_id": str(alice.pk)}}
    assert (body["reset"], body["heads"], body["more"]) == ([], {}, False)
    assert answer["Cache-Control"] == "no-store"


def test_without_positions_the_heads_say_where_to_begin(alice: User, alice_client: JsonClient) -> None:
    _write(alice, 3)
    body = alice_client.get("/api/sync").json()
    name = f"u:{alice.pk}"
    assert (body["events"], body["reset"], body["heads"][name]) == ([], [name], 3)


def test_a_stranger_reads_nothing(alice: User, charlie: User, charlie_client: JsonClient) -> None:
    _write(alice, 3)
    body = charlie_client.get(f"/api/sync?streams=u:{alice.pk}:0,c:{uuid4()}:0").json()
    assert body["events"] == []
    assert f"u:{alice.pk}" in body["reset"]
    assert f"u:{alice.pk}" not in body["heads"]


@pytest.mark.parametrize(
    "text",
    ["x", "u:1:2", "u:{user}", "u:{user}:-1", "u:{user}:x", "u:{user}:", "u:{user}:9999999999999999999", "u:{user}:١"],
)
def test_nonsense_is_refused(alice: User, alice_client: JsonClient, text: str) -> None:
    answer = alice_client.get("/api/sync", {"streams": text.format(user=alice.pk)})
    assert (answer.status_code, "streams" in answer.json()["details"]) == (400, True)


def test_at_most_a_hundred_streams_and_always_as_many_queries(
    alice: User, alice_client: JsonClient, django_assert_max_num_queries: Queries
) -> None:
    _write(alice, 3)
    names = [f"c:{uuid4()}:0" for _ in range(101)]
    assert alice_client.get(f"/api/sync?streams={','.join(names)}").status_code == 400
    for count in (0, 99):
        with django_assert_max_num_queries(5):
            body = alice_client.get(f"/api/sync?streams=u:{alice.pk}:0,{','.join(names[:count])}").json()
        assert len(body["events"]) == 3
