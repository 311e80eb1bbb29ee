"""Reactions and pins."""

from __future__ import annotations

import pytest

from accounts.models import User
from conftest import JsonClient
from messenger import emoji as emojis
from messenger.models import Block
from messenger.models import Conversation
from messenger.services import messages
from messenger.tests.factories import make_row
from messenger.tests.factories import messages_of
from messenger.tests.reading import events

API = "/api/messenger"


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
    assert [name for name, _payload in events(talk)[1:]] == ["reaction.added"] * 3 + ["reaction.removed"]
    assert events(talk)[-1][1] == {
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


def test_an_emoji_has_one_form(alice_client: JsonClient, bob_client: JsonClient, talk: Conversation) -> None:
    said = alice_client.post(messages_of(talk), {"content": "Tea?"}).json()
    url = f"{API}/messages/{said['id']}/reactions"
    assert alice_client.post(url, {"emoji": "❤"}).status_code == 201
    assert alice_client.post(url, {"emoji": "❤\ufe0f"}).status_code == 200
    assert [one["emoji"] for one in bob_client.post(url, {"emoji": "❤"}).json()["reactions"]] == ["❤\ufe0f"]
    assert events(talk)[-1][1]["emoji"] == "❤\ufe0f"
    assert alice_client.delete(f"{url}/❤").status_code == 204
    (left,) = bob_client.get(f"{API}/messages/{said['id']}").json()["reactions"]
    assert len(left["user_ids"]) == 1


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("👁\u200d🗨", "👁\ufe0f\u200d🗨\ufe0f"),
        ("🏳\u200d🌈", "🏳\ufe0f\u200d🌈"),
        ("⛹🏽\u200d♂", "⛹🏽\u200d♂\ufe0f"),
        ("☝🏽", "☝🏽"),
        ("#\u20e3", "#\ufe0f\u20e3"),
        ("👍\ufe0f", "👍"),
        ("👩\u200d❤\u200d👨", "👩\u200d❤\ufe0f\u200d👨"),
        ("🇺🇦", "🇺🇦"),
    ],
)
def test_the_form_is_the_fully_qualified_one(typed: str, kept: str) -> None:
    assert emojis.qualified(typed) == emojis.qualified(kept) == kept


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
    log = events(group)
    assert [(name, payload["is_pinned"]) for name, payload in log] == [
        ("message.updated", True),
        ("message.updated", True),
        ("message.updated", False),
    ]
    assert log[1][1] == pinned[0]
