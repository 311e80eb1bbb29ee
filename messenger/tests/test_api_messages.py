"""Sending, reading back, editing and forwarding."""

from __future__ import annotations

import json
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import time_machine
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from conftest import JsonClient
from conftest import signed_in
from messenger.models import Conversation
from messenger.models import Message
from messenger.models import Participant
from messenger.services import messages
from messenger.services import reactions
from messenger.shapes import MessageShape
from messenger.tests.factories import make_file
from messenger.tests.factories import make_group
from messenger.tests.factories import make_row
from messenger.tests.factories import messages_of
from messenger.tests.reading import events

API = "/api/messenger"


# Sending --------------------------------------------------------------------------------------------------------------


def test_a_message_is_sent_once(alice_client: JsonClient, bob_client: JsonClient, talk: Conversation) -> None:
    body = {"content": "Tea at five?", "client_id": "c1"}
    first = alice_client.post(messages_of(talk), body)
    again = alice_client.post(messages_of(talk), body)
    assert (first.status_code, first.json()["duplicate"]) == (201, False)
    assert (again.status_code, again.json()) == (200, first.json() | {"duplicate": True})
    mixed_up = alice_client.post(messages_of(talk), body | {"content": "Coffee"})
    assert (mixed_up.status_code, mixed_up.json()["code"]) == (409, "idempotency_mismatch")
    (event,) = events(talk)
    shown = {key: value for key, value in first.json().items() if key != "duplicate"}
    assert event == ("message.new", shown)
    assert bob_client.get(messages_of(talk)).json()["results"] == [shown]
    assert bob_client.get(f"{API}/messages/{shown['id']}").json() == shown


def test_a_repeat_is_answered_after_the_removal_too(
    alice: User, bob: User, alice_client: JsonClient, bob_client: JsonClient
) -> None:
    """Its ok was lost: the message stands for everybody else, so it did not fail."""
    group = make_group(alice, bob)
    for content in ("Tea at five?", "Tea at five, @alice?"):  # written with others, and alone
        body = {"content": content, "client_id": content}
        first = bob_client.post(messages_of(group), body).json()
        alice_client.post(f"{API}/messages/{first['id']}/reactions", {"emoji": "👍"})
        alice_client.delete(f"{API}/conversations/{group.pk}/participants/{bob.pk}")
        again = bob_client.post(messages_of(group), body)
        assert (again.status_code, again.json()) == (200, first | {"duplicate": True}), "and nothing said by others"
        assert bob_client.post(messages_of(group), body | {"content": "Coffee"}).status_code == 404
        assert bob_client.post(messages_of(group), {"content": "More", "client_id": "other"}).status_code == 404
        assert bob_client.post(messages_of(group), {"content": "More"}).status_code == 404
        alice_client.post(f"{API}/conversations/{group.pk}/participants", {"user_ids": [str(bob.pk)]})
    alice_client.delete(f"{API}/conversations/{group.pk}")
    assert bob_client.post(messages_of(group), body).status_code == 200
    said = Message.objects.filter(conversation=group, message_type="text")
    assert said.count() == 2


def test_a_file_goes_with_a_message(alice: User, bob: User, alice_client: JsonClient, talk: Conversation) -> None:
    picture = make_file(alice, width=40, height=30)
    sent = alice_client.post(messages_of(talk), {"media_id": str(picture.pk)})
    assert sent.status_code == 201
    assert sent.json()["message_type"] == "image"
    assert sent.json()["media"] == {
        "id": str(picture.pk),
        "kind": "image",
        "name": "it.image",
        "mime_type": "image/x",
        "size": 10,
        "width": 40,
        "height": 30,
        "duration": None,
        "has_thumbnail": False,
    }
    document = make_file(alice, "pdf")
    assert alice_client.post(messages_of(talk), {"media_id": str(document.pk)}).json()["message_type"] == "file"
    for wrong in ("text", "audio", "system", "nonsense"):
        refused = alice_client.post(messages_of(talk), {"media_id": str(picture.pk), "message_type": wrong})
        assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
    for other in (make_file(bob), make_file(alice, purpose="avatar")):
        assert alice_client.post(messages_of(talk), {"media_id": str(other.pk)}).status_code == 404


def test_an_answer_quotes_what_it_answers(alice: User, bob_client: JsonClient, talk: Conversation) -> None:
    said = messages.send(alice, conversation_id=talk.pk, content="x" * 500).message
    answer = bob_client.post(messages_of(talk), {"content": "Yes", "reply_to_id": str(said.id)}).json()
    assert answer["reply_to"]["content"] == "x" * 200
    assert answer["reply_to"]["sender"]["username"] == "alice"
    assert bob_client.get(messages_of(talk)).json()["results"][1] == {
        key: value for key, value in answer.items() if key != "duplicate"
    }
    elsewhere = make_row(make_group(alice), alice)
    missing = bob_client.post(messages_of(talk), {"content": "Yes", "reply_to_id": str(elsewhere.pk)})
    assert missing.status_code == 404


# History --------------------------------------------------------------------------------------------------------------


def test_history_is_read_in_pages_both_ways(alice: User, bob_client: JsonClient, talk: Conversation) -> None:
    for number in range(1, 11):
        make_row(talk, alice, f"{number}")

    def page(query: str) -> tuple[list[int], bool, bool]:
        answer = bob_client.get(f"{messages_of(talk)}?{query}").json()
        return [message["seq"] for message in answer["results"]], answer["has_before"], answer["has_after"]

    assert page("limit=3") == ([8, 9, 10], True, False)
    assert page("before_seq=8&limit=3") == ([5, 6, 7], True, True)
    assert page("before_seq=3&limit=3") == ([1, 2], False, True)
    assert page("after_seq=7&limit=2") == ([8, 9], True, True)
    assert page("after_seq=10") == ([], True, False)
    assert page("before_seq=1") == ([], False, True)
    assert page("around_seq=5&limit=4") == ([3, 4, 5, 6], True, True)
    assert page("around_seq=1&limit=4") == ([1, 2, 3, 4], False, True)
    newest = bob_client.get(f"{messages_of(talk)}?limit=4").json()
    assert newest["next"] is None
    older = bob_client.get(newest["previous"]).json()
    assert [message["seq"] for message in older["results"]] == [3, 4, 5, 6]
    assert [message["seq"] for message in bob_client.get(older["next"]).json()["results"]] == [7, 8, 9, 10]
    for nonsense in ("before_seq=1&after_seq=2", "around_seq=x", "after_seq=-1", f"before_seq={10**30}"):
        assert bob_client.get(f"{messages_of(talk)}?{nonsense}").status_code == 400


def test_removed_history_is_not_read(alice: User, bob_client: JsonClient, bob: User, talk: Conversation) -> None:
    rows = [make_row(talk, alice, f"{number}") for number in range(4)]
    Participant.objects.filter(user=bob).update(cleared_seq=2)
    page = bob_client.get(messages_of(talk)).json()
    assert [message["seq"] for message in page["results"]] == [3, 4]
    assert page["has_before"] is False
    assert bob_client.get(f"{API}/messages/{rows[1].pk}").status_code == 404
    assert bob_client.get(f"{messages_of(talk)}/at?date=2020-01-01").json() == {"seq": 3}


def test_an_empty_history_is_a_members(
    alice_client: JsonClient, charlie_client: JsonClient, talk: Conversation
) -> None:
    empty = alice_client.get(messages_of(talk))
    assert empty.json() == {"results": [], "has_before": False, "has_after": False, "next": None, "previous": None}
    assert charlie_client.get(messages_of(talk)).status_code == 404


def test_history_takes_a_fixed_number_of_queries(
    alice: User,
    bob: User,
    bob_client: JsonClient,
    group: Conversation,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(12):
        said = messages.send(alice, conversation_id=group.pk, content=f"{number} @bob").message
        messages.send(bob, conversation_id=group.pk, content="Yes", reply_to_id=said.id)
        reactions.add(bob, message_id=said.id, emoji="🔥")
        reactions.add(alice, message_id=said.id, emoji="👍🏽")
    bob_client.get(messages_of(group))
    for limit in (2, 20):
        with django_assert_num_queries(4):  # session, messages, reactions, ends
            page = bob_client.get(f"{messages_of(group)}?limit={limit}").json()
    for message in page["results"]:
        assert json.loads(MessageShape.model_validate(message).model_dump_json()) == message


def test_a_day_is_found(alice: User, alice_client: JsonClient, talk: Conversation) -> None:
    for day in (1, 3, 3, 7):
        make_row(talk, alice, created_at=datetime(2026, 1, day, 12, tzinfo=UTC))

    def at(day: str) -> Any:
        return alice_client.get(f"{messages_of(talk)}/at?date={day}").json().get("seq", "refused")

    assert [at(day) for day in ("2025-12-01", "2026-01-02", "2026-01-03", "2026-01-08")] == [1, 2, 2, None]
    # A day begins where the reader is: in Kyiv on the evening before.
    assert [at(moment) for moment in ("2026-01-03T12:00:00Z", "2026-01-03T12:00:01Z")] == [2, 4]
    assert [at(moment) for moment in ("2026-01-03T14:00:00%2B02:00", "2026-01-03T11:00:00-02:00")] == [2, 4]
    assert [at(day) for day in ("", "nonsense", "2026-02-31", "2026-01-03T25:00:00Z")] == ["refused"] * 4


# Editing --------------------------------------------------------------------------------------------------------------


def test_the_sender_edits(alice: User, bob: User, alice_client: JsonClient, group: Conversation) -> None:
    said = messages.send(alice, conversation_id=group.pk, content="Tea?").message
    quote = messages.send(bob, conversation_id=group.pk, content="Yes", reply_to_id=said.id).message
    url = f"{API}/messages/{said.id}"
    edited = alice_client.put(url, {"content": "Coffee, @bob?"}).json()
    assert (edited["content"], edited["is_edited"], edited["mentions"]) == ("Coffee, @bob?", True, [str(bob.pk)])
    assert edited["edited_at"] is not None
    assert Message.objects.get(pk=said.id).search_text == "coffee, @bob?"
    log = events(group)
    assert [name for name, _payload in log] == ["message.new", "message.new", "message.updated"]
    assert log[2][1] == edited
    assert log[0][1]["content"] == "Coffee, @bob?"
    assert log[1][1]["reply_to"]["content"] == "Coffee, @bob?"
    assert log[1][1]["id"] == str(quote.id)
    assert alice_client.put(url, {"content": "Coffee, @bob?"}).json() == edited
    assert len(events(group)) == 3
    assert alice_client.put(url, {"content": " "}).status_code == 400


def test_nobody_else_edits_and_not_for_ever(
    alice: User, alice_client: JsonClient, bob_client: JsonClient, charlie_client: JsonClient, group: Conversation
) -> None:
    said = messages.send(alice, conversation_id=group.pk, content="Tea?").message
    url = f"{API}/messages/{said.id}"
    assert bob_client.put(url, {"content": "Mine"}).status_code == 403
    assert charlie_client.put(url, {"content": "Mine"}).status_code == 404
    with time_machine.travel(timezone.now() + timedelta(hours=49), tick=True):
        late = signed_in(alice).put(url, {"content": "Late"})
    assert (late.status_code, late.json()["code"]) == (403, "edit_window_over")
    assert Message.objects.get().content == "Tea?"


# Forwarding -----------------------------------------------------------------------------------------------------------


def test_a_message_is_said_elsewhere_in_all_places_or_none(
    alice: User, bob: User, bob_client: JsonClient, talk: Conversation, group: Conversation
) -> None:
    said = messages.send(alice, conversation_id=talk.pk, content="Tea @bob").message
    other = make_group(bob)
    foreign = make_group(alice)
    url = f"{API}/messages/{said.id}/forward"
    assert bob_client.post(url, {"conversation_ids": [str(group.pk), str(foreign.pk)]}).status_code == 404
    assert Message.objects.count() == 1
    body = {"conversation_ids": [str(other.pk), str(group.pk)], "client_id": "f1"}
    first, again = bob_client.post(url, body).json()["results"], bob_client.post(url, body).json()["results"]
    assert [one["conversation_id"] for one in first] == body["conversation_ids"]
    assert [one["duplicate"] for one in again] == [True, True]
    assert [one["id"] for one in again] == [one["id"] for one in first]
    for one in first:
        assert (one["content"], one["is_forwarded"], one["mentions"]) == ("Tea @bob", True, [])
        assert one["forwarded_from"]["username"] == "alice"
        assert one["sender"]["username"] == "bob"
    third = make_group(bob)
    more = bob_client.post(url, body | {"conversation_ids": [str(third.pk), str(other.pk)]}).json()["results"]
    assert [one["duplicate"] for one in more] == [False, True]
    assert bob_client.put(f"{API}/messages/{first[0]['id']}", {"content": "He said"}).status_code == 403
