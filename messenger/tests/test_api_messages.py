from __future__ import annotations

import json
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from conftest import JsonClient
from conftest import make_user
from conftest import signed_in
from core.models import StoredFile
from core.models import StreamEvent
from messenger.events import ConversationCreated
from messenger.events import MessageShape
from messenger.models import Block
from messenger.models import Conversation
from messenger.models import Message
from messenger.models import Participant
from messenger.models import Reaction
from messenger.models import ReadReceipt
from messenger.services import messages
from messenger.services import pins
from messenger.services import reactions
from messenger.services import telling
from messenger.tests.factories import make_direct
from messenger.tests.factories import make_group
from messenger.tests.factories import make_row
from messenger.tests.factories import membership
from messenger.tests.reading import types

API = "/api/messenger"


@pytest.fixture
def talk(alice: User, bob: User) -> Conversation:
    return make_direct(alice, bob)


@pytest.fixture
def group(alice: User, bob: User) -> Conversation:
    return make_group(alice, bob)


def make_file(owner: User, kind: str = "image", **fields: Any) -> StoredFile:
    defaults: dict[str, Any] = {
        "name": f"it.{kind}",
        "mime_type": f"{kind}/x",
        "size": 10,
        "sha256": "0" * 64,
        "purpose": "message",
        "key": uuid4().hex,
    }
    return StoredFile.objects.create(owner=owner, kind=kind, **(defaults | fields))


def told(conversation: Conversation) -> list[tuple[str, dict[str, Any]]]:
    events = StreamEvent.objects.filter(stream_id=conversation.pk).order_by("seq")
    return [(event.type, json.loads(event.payload)) for event in events]


def messages_of(conversation: Conversation) -> str:
    return f"{API}/conversations/{conversation.pk}/messages"


# Sending --------------------------------------------------------------------------------------------------------------


def test_a_message_is_sent_once(alice_client: JsonClient, bob_client: JsonClient, talk: Conversation) -> None:
    body = {"content": "Tea at five?", "client_id": "c1"}
    first = alice_client.post(messages_of(talk), body)
    again = alice_client.post(messages_of(talk), body)
    assert (first.status_code, first.json()["duplicate"]) == (201, False)
    assert (again.status_code, again.json()) == (200, first.json() | {"duplicate": True})
    mixed_up = alice_client.post(messages_of(talk), body | {"content": "Coffee"})
    assert (mixed_up.status_code, mixed_up.json()["code"]) == (409, "idempotency_mismatch")
    (event,) = told(talk)
    shown = {key: value for key, value in first.json().items() if key != "duplicate"}
    assert event == ("message.new", shown)
    assert bob_client.get(messages_of(talk)).json()["results"] == [shown]
    assert bob_client.get(f"{API}/messages/{shown['id']}").json() == shown


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
    events = told(group)
    assert [name for name, _payload in events] == ["message.new", "message.new", "message.updated"]
    assert events[2][1] == edited
    assert events[0][1]["content"] == "Coffee, @bob?"
    assert events[1][1]["reply_to"]["content"] == "Coffee, @bob?"
    assert events[1][1]["id"] == str(quote.id)
    assert alice_client.put(url, {"content": "Coffee, @bob?"}).json() == edited
    assert len(told(group)) == 3
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


# Deleting -------------------------------------------------------------------------------------------------------------


def test_what_is_taken_back_is_gone_everywhere(
    alice: User, bob: User, alice_client: JsonClient, group: Conversation
) -> None:
    secret = "The secret @bob https://example.com/secret"
    picture = make_file(alice)
    said = messages.send(alice, conversation_id=group.pk, content=secret, media_id=picture.pk).message
    messages.send(bob, conversation_id=group.pk, content="I see", reply_to_id=said.id)
    reactions.add(bob, message_id=said.id, emoji="🔥")
    pins.pin(alice, message_id=said.id)
    url = f"{API}/messages/{said.id}"
    assert [alice_client.delete(url).status_code for _ in range(2)] == [204, 204]
    stone = alice_client.get(url).json()
    assert stone["is_deleted"] is True
    gone: dict[str, Any] = {
        "content": "",
        "media": None,
        "reactions": [],
        "mentions": [],
        "link_preview": None,
        "is_pinned": False,
    }
    assert stone | gone == stone
    assert not StoredFile.objects.filter(pk=picture.pk).exists()
    assert not Reaction.objects.exists()
    answer = alice_client.get(messages_of(group)).json()["results"][1]
    assert (answer["reply_to"]["content"], answer["reply_to"]["is_deleted"]) == ("", True)
    assert not StreamEvent.objects.filter(payload__contains="secret").exists()
    assert told(group)[-1] == (
        "message.deleted",
        {
            "conversation_id": str(group.pk),
            "message_id": str(said.id),
            "message_seq": said.seq,
            "deleted_by": str(alice.pk),
        },
    )
    assert [name for name, _payload in told(group)].count("message.deleted") == 1


def test_what_is_taken_back_is_not_told_to_newcomers_either(
    alice: User, bob: User, charlie: User, group: Conversation
) -> None:
    said = messages.send(alice, conversation_id=group.pk, content="The secret").message
    newcomer = Participant.objects.create(conversation=group, user=charlie)
    with transaction.atomic():
        telling.opened([newcomer])
    assert StreamEvent.objects.get(stream_id=charlie.pk).payload.count("secret") == 1
    messages.delete(alice, message_id=said.id)
    event = StreamEvent.objects.get(stream_id=charlie.pk)
    shape = ConversationCreated.model_validate_json(event.payload).conversation
    assert shape.last_message is not None
    assert (shape.last_message.id, shape.last_message.is_deleted, shape.last_message.content) == (said.id, True, "")
    assert event.audience == {"opens": {f"c:{group.pk}": said.seq}}


def test_who_may_take_back(alice: User, bob: User, group: Conversation, talk: Conversation, charlie: User) -> None:
    alice_client, bob_client, charlie_client = signed_in(alice), signed_in(bob), signed_in(charlie)
    by_admin, by_bob = make_row(group, alice), make_row(group, bob)
    between, system = make_row(talk, alice), make_row(group, None, "", message_type="system")
    assert bob_client.delete(f"{API}/messages/{by_admin.pk}").status_code == 403
    assert charlie_client.delete(f"{API}/messages/{by_admin.pk}").status_code == 404
    assert alice_client.delete(f"{API}/messages/{by_bob.pk}").status_code == 204
    assert bob_client.delete(f"{API}/messages/{between.pk}").status_code == 403
    assert alice_client.delete(f"{API}/messages/{system.pk}").status_code == 403


def test_a_shared_file_stays_until_its_last_message_goes(
    alice: User, bob: User, talk: Conversation, group: Conversation
) -> None:
    picture = make_file(alice)
    said = messages.send(alice, conversation_id=talk.pk, content="", media_id=picture.pk).message
    (forwarded,) = messages.forward(bob, message_id=said.id, conversation_ids=[group.pk])
    messages.delete(alice, message_id=said.id)
    assert StoredFile.objects.filter(pk=picture.pk).exists()
    messages.delete(bob, message_id=forwarded.message.id)
    assert not StoredFile.objects.filter(pk=picture.pk).exists()


def test_what_is_deleted_takes_nothing_more(alice: User, alice_client: JsonClient, group: Conversation) -> None:
    said = messages.send(alice, conversation_id=group.pk, content="Tea?").message
    messages.delete(alice, message_id=said.id)
    url = f"{API}/messages/{said.id}"
    answers = [
        alice_client.put(url, {"content": "Back"}),
        alice_client.put(f"{url}/pin"),
        alice_client.post(f"{url}/reactions", {"emoji": "🔥"}),
        alice_client.post(f"{url}/forward", {"conversation_ids": [str(group.pk)]}),
    ]
    assert [answer.status_code for answer in answers] == [404] * 4


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


# Reactions ------------------------------------------------------------------------------------------------------------


def test_reactions_come_and_go(
    alice: User, bob: User, alice_client: JsonClient, bob_client: JsonClient, talk: Conversation
) -> None:
    said = messages.send(alice, conversation_id=talk.pk, content="Tea?").message
    url = f"{API}/messages/{said.id}/reactions"
    assert bob_client.post(url, {"emoji": "🔥"}).status_code == 201
    assert bob_client.post(url, {"emoji": "🔥"}).status_code == 200
    message = alice_client.post(url, {"emoji": "🔥"}).json()
    assert message["reactions"] == [{"emoji": "🔥", "user_ids": [str(bob.pk), str(alice.pk)]}]
    assert alice_client.post(url, {"emoji": "❤️"}).json()["reactions"][1]["emoji"] == "❤️"
    for _ in range(2):
        assert bob_client.delete(f"{url}/%F0%9F%94%A5").status_code == 204
    assert [name for name, _payload in told(talk)[1:]] == ["reaction.added"] * 3 + ["reaction.removed"]
    assert told(talk)[-1][1] == {
        "conversation_id": str(talk.pk),
        "message_id": str(said.id),
        "user_id": str(bob.pk),
        "emoji": "🔥",
    }


def test_a_message_has_twenty_different_reactions(alice: User, alice_client: JsonClient, talk: Conversation) -> None:
    said = make_row(talk, alice)
    url = f"{API}/messages/{said.pk}/reactions"
    answers = [alice_client.post(url, {"emoji": chr(0x1F600 + number)}) for number in range(21)]
    assert [answer.status_code for answer in answers] == [201] * 20 + [400]
    assert answers[-1].json()["code"] == "too_many_reactions"


@pytest.mark.parametrize(
    "text", ["", "a", "1", "OK", "🔥🔥", "🔥a", " 🔥", "<b>", "é", "的", "\u200d", "\ufe0f", "🔥" * 33]
)
def test_what_is_no_emoji_is_refused(alice: User, alice_client: JsonClient, talk: Conversation, text: str) -> None:
    said = make_row(talk, alice)
    refused = alice_client.post(f"{API}/messages/{said.pk}/reactions", {"emoji": text})
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize("emoji", ["❤️", "❤", "👍🏽", "😂", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇺🇦", "1️⃣", "✅", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "❤️‍🔥", "🫶🏻"])
def test_emoji_of_every_make_are_taken(alice: User, alice_client: JsonClient, talk: Conversation, emoji: str) -> None:
    said = make_row(talk, alice)
    assert alice_client.post(f"{API}/messages/{said.pk}/reactions", {"emoji": emoji}).status_code == 201


def test_a_block_ends_reactions_and_edits(
    alice: User, bob: User, alice_client: JsonClient, bob_client: JsonClient, talk: Conversation
) -> None:
    said = messages.send(alice, conversation_id=talk.pk, content="Tea?").message
    Block.objects.create(blocker=bob, blocked=alice)
    answers = [
        bob_client.post(f"{API}/messages/{said.id}/reactions", {"emoji": "🔥"}),
        alice_client.put(f"{API}/messages/{said.id}", {"content": "Please"}),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(403, "blocked")] * 2
    assert alice_client.delete(f"{API}/messages/{said.id}").status_code == 204


# Pins -----------------------------------------------------------------------------------------------------------------


def test_admins_pin_in_groups_and_everybody_between_two(
    alice: User, alice_client: JsonClient, bob_client: JsonClient, talk: Conversation, group: Conversation
) -> None:
    between, first, second = make_row(talk, alice), make_row(group, alice), make_row(group, alice)
    assert bob_client.put(f"{API}/messages/{between.pk}/pin").json()["is_pinned"] is True
    assert bob_client.put(f"{API}/messages/{first.pk}/pin").status_code == 403
    for row in (first, second, second):
        assert alice_client.put(f"{API}/messages/{row.pk}/pin").status_code == 200
    pinned = bob_client.get(f"{API}/conversations/{group.pk}/pins").json()["results"]
    assert [message["id"] for message in pinned] == [str(second.pk), str(first.pk)]
    assert bob_client.delete(f"{API}/messages/{first.pk}/pin").status_code == 403
    assert alice_client.delete(f"{API}/messages/{first.pk}/pin").status_code == 204
    events = told(group)
    assert [(name, payload["is_pinned"]) for name, payload in events] == [
        ("message.updated", True),
        ("message.updated", True),
        ("message.updated", False),
    ]
    assert events[1][1] == pinned[0]


# Reading --------------------------------------------------------------------------------------------------------------


def test_reading_moves_forward_only(
    alice: User, bob: User, bob_client: JsonClient, alice_client: JsonClient, talk: Conversation
) -> None:
    rows = [make_row(talk, alice, f"{number}") for number in range(3)]
    url = f"{API}/conversations/{talk.pk}/read"
    assert bob_client.get(f"{API}/unread").json() == {"unread_count": 3, "conversations": 1}
    answers = [bob_client.post(url, {"message_id": str(rows[number].pk)}).json() for number in (1, 0, 1)]
    assert answers == [{"read_seq": 2, "unread_count": 1}] * 3
    ((name, payload),) = told(talk)
    member = membership(talk, bob)
    assert name == "message.read"
    assert payload["read_seq"] == member.read_seq == 2
    assert (payload["message_id"], payload["user_id"]) == (str(rows[1].pk), str(bob.pk))
    assert set(ReadReceipt.objects.values_list("message_id", "user_id")) == {
        (rows[0].pk, bob.pk),
        (rows[1].pk, bob.pk),
    }
    receipts = alice_client.get(f"{API}/messages/{rows[0].pk}/receipts").json()["results"]
    assert [receipt["user"]["username"] for receipt in receipts] == ["bob"]
    assert datetime.fromisoformat(receipts[0]["read_at"]) == member.last_read_at
    assert alice_client.get(f"{API}/messages/{rows[2].pk}/receipts").json()["results"] == []
    other = make_row(make_group(bob), bob)
    assert bob_client.post(url, {"message_id": str(other.pk)}).status_code == 404


def test_who_answers_has_read(alice: User, bob: User, alice_client: JsonClient, talk: Conversation) -> None:
    said = messages.send(alice, conversation_id=talk.pk, content="Tea?").message
    answer = messages.send(bob, conversation_id=talk.pk, content="Yes").message
    (receipt,) = alice_client.get(f"{API}/messages/{said.id}/receipts").json()["results"]
    assert datetime.fromisoformat(receipt["read_at"]) == answer.created_at


def test_unread_leaves_out_own_deleted_cleared_and_system(
    alice: User, bob: User, bob_client: JsonClient, group: Conversation
) -> None:
    make_row(group, alice, "cleared")
    Participant.objects.filter(user=bob).update(cleared_seq=1)
    make_row(group, bob, "own")
    make_row(group, alice, "", is_deleted=True)
    make_row(group, None, "", message_type="system")
    make_row(group, None, "of somebody who is gone")
    last = make_row(group, alice, "new")
    assert bob_client.get(f"{API}/unread").json() == {"unread_count": 2, "conversations": 1}
    make_row(make_direct(alice, bob), alice)
    assert bob_client.get(f"{API}/unread").json() == {"unread_count": 3, "conversations": 2}
    url = f"{API}/conversations/{group.pk}/read"
    assert bob_client.post(url, {"message_id": str(last.pk)}).json()["unread_count"] == 0
    assert ReadReceipt.objects.filter(user=bob).count() == 2


def test_in_large_groups_only_the_readers_devices_learn_of_it(
    alice: User, bob: User, bob_client: JsonClient, alice_client: JsonClient
) -> None:
    group = make_group(alice, bob, *(make_user(f"user{number}") for number in range(49)))
    said = make_row(group, alice)
    url = f"{API}/conversations/{group.pk}/read"
    for _ in range(2):
        assert bob_client.post(url, {"message_id": str(said.pk)}).json() == {"read_seq": 1, "unread_count": 0}
    assert told(group) == []
    (event,) = StreamEvent.objects.filter(stream_id=bob.pk)
    assert event.type == "message.read"
    assert not ReadReceipt.objects.exists()
    (receipt,) = alice_client.get(f"{API}/messages/{said.pk}/receipts").json()["results"]
    assert receipt["user"]["username"] == "bob"


# Media ----------------------------------------------------------------------------------------------------------------


def test_the_files_of_a_conversation(alice: User, alice_client: JsonClient, talk: Conversation) -> None:
    sent = [
        messages.send(alice, conversation_id=talk.pk, content="", media_id=make_file(alice, kind).pk).message
        for kind in ("image", "pdf", "audio", "other")
    ]
    messages.send(alice, conversation_id=talk.pk, content="Just text")

    def listed(query: str = "") -> list[str]:
        answer = alice_client.get(f"{API}/conversations/{talk.pk}/media{query}")
        return [message["id"] for message in answer.json()["results"]]

    ids = [str(message.id) for message in sent]
    assert listed() == ids[::-1]
    assert listed("?kind=file") == [ids[3], ids[1]]
    assert listed("?kind=image") == [ids[0]]
    assert alice_client.get(f"{API}/conversations/{talk.pk}/media?kind=x").status_code == 400


def test_links_are_for_those_who_may_see_the_file(
    alice: User, bob: User, bob_client: JsonClient, charlie_client: JsonClient, talk: Conversation
) -> None:
    seen, unsent, cleared = make_file(alice), make_file(alice), make_file(alice)
    messages.send(alice, conversation_id=talk.pk, content="", media_id=cleared.pk)
    Participant.objects.filter(user=bob).update(cleared_seq=1)
    messages.send(alice, conversation_id=talk.pk, content="", media_id=seen.pk)
    body = {"ids": [str(file.pk) for file in (seen, unsent, cleared)] + [str(uuid4())]}
    (link,) = bob_client.post(f"{API}/media/links", body).json()["results"]
    assert link["id"] == str(seen.pk)
    assert f"/api/files/{seen.pk}/content?" in link["url"]
    assert datetime.fromisoformat(link["expires_at"]) > timezone.now()
    assert charlie_client.post(f"{API}/media/links", body).json()["results"] == []


def test_who_is_blocked_does_not_change_what_is_kept_in_sight(
    alice: User, bob: User, alice_client: JsonClient, bob_client: JsonClient
) -> None:
    talk = make_direct(alice, bob)
    said = make_row(talk, alice)
    Block.objects.create(blocker=bob, blocked=alice)
    path = f"/api/messenger/messages/{said.pk}/pin"
    for client in (alice_client, bob_client):
        for answer in (client.put(path), client.delete(path)):
            assert (answer.status_code, answer.json()["code"]) == (403, "blocked")
    assert types(talk) == []
