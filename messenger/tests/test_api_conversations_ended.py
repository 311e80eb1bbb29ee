"""Conversations that end, and taking them away."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.models import AuditEvent
from accounts.models import User
from conftest import JsonClient
from messenger.models import Participant
from messenger.tests.factories import make_direct
from messenger.tests.factories import make_group
from messenger.tests.factories import make_row
from messenger.tests.reading import audiences
from messenger.tests.reading import events
from messenger.tests.reading import types

LIST = "/api/messenger/conversations"


def _direct(client: JsonClient, other: User) -> Any:
    return client.post(LIST, {"type": "direct", "participant_ids": [str(other.pk)]})


def _group(client: JsonClient, *others: User, name: str = "Tea") -> Any:
    return client.post(LIST, {"type": "group", "name": name, "participant_ids": [str(other.pk) for other in others]})


# Ending --------------------------------------------------------------------------------------------------------------


def test_an_admin_ends_a_group_for_everybody(
    alice_client: JsonClient, bob_client: JsonClient, alice: User, bob: User
) -> None:
    group = make_group(alice, bob)
    path = f"{LIST}/{group.pk}"
    assert bob_client.delete(path).status_code == 403
    assert alice_client.delete(path).status_code == 204
    assert events(group) == [("conversation.deleted", {"conversation_id": str(group.pk), "reason": "deleted"})]
    assert audiences(group) == [{"ends": True}]
    assert events(alice) == events(bob) == events(group)
    for client in (alice_client, bob_client):
        assert client.get(path).status_code == client.delete(path).status_code == 404
        assert client.get(LIST).json()["results"] == []
    assert AuditEvent.objects.get(event="conversation.deleted").object_ref == f"conversation:{group.pk}"


def test_a_direct_conversation_goes_from_the_own_list_with_its_history(
    alice_client: JsonClient, bob_client: JsonClient, alice: User, bob: User
) -> None:
    direct = make_direct(alice, bob)
    make_row(direct, bob, "before")
    path = f"{LIST}/{direct.pk}"
    assert alice_client.delete(path).status_code == 204
    assert events(alice) == [("conversation.deleted", {"conversation_id": str(direct.pk), "reason": "hidden"})]
    assert types(bob) == types(direct) == []
    assert alice_client.get(LIST).json()["results"] == []
    assert bob_client.get(LIST).json()["results"][0]["last_message"]["content"] == "before"

    sent = bob_client.post(f"{path}/messages", {"content": "after"})
    assert sent.status_code == 201
    (back,) = alice_client.get(LIST).json()["results"]
    assert (back["last_message"]["content"], back["unread_count"], back["cleared_seq"]) == ("after", 1, 1)


def test_beginning_a_hidden_conversation_again_shows_it(alice_client: JsonClient, alice: User, bob: User) -> None:
    direct = make_direct(alice, bob)
    make_row(direct, bob, "before")
    alice_client.delete(f"{LIST}/{direct.pk}")
    answer = _direct(alice_client, bob)
    assert (answer.status_code, answer.json()["id"], answer.json()["last_message"]) == (200, str(direct.pk), None)
    assert types(alice) == ["conversation.deleted", "conversation.created"]
    assert audiences(alice)[1] == {"opens": {f"c:{direct.pk}": 1}}
    assert len(alice_client.get(LIST).json()["results"]) == 1


# Taking away ---------------------------------------------------------------------------------------------------------


def _content(answer: Any) -> bytes:
    from asgiref.sync import async_to_sync

    async def collect() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    return async_to_sync(collect)()


@pytest.mark.django_db(transaction=True)
def test_a_conversation_can_be_taken_away(alice_client: JsonClient, alice: User, bob: User) -> None:
    group = make_group(alice, bob, name="../Tea & biscuits")
    make_row(group, bob, "cleared")
    for number in range(450):
        make_row(group, bob, f"line {number}")
    make_row(group, alice, "", is_deleted=True)
    Participant.objects.filter(user=alice).update(cleared_seq=1)

    answer = alice_client.get(f"{LIST}/{group.pk}/export?format=json")
    assert answer["Content-Disposition"] == 'attachment; filename="Tea-biscuits.json"'
    body = json.loads(_content(answer))
    assert body["conversation"]["name"] == "../Tea & biscuits"
    assert [message["content"] for message in body["messages"]] == [*(f"line {number}" for number in range(450)), ""]

    text = _content(alice_client.get(f"{LIST}/{group.pk}/export?format=txt")).decode()
    assert "] bob: line 449\n" in text
    assert text.rstrip().endswith("alice: (deleted)")
    assert alice_client.get(f"{LIST}/{group.pk}/export?format=pdf").status_code == 400
    assert AuditEvent.objects.filter(event="conversation.exported").count() == 2


def test_an_empty_conversation_is_an_empty_list(db: None, alice_client: JsonClient, alice: User, bob: User) -> None:
    body = json.loads(_content(alice_client.get(f"{LIST}/{make_direct(alice, bob).pk}/export")))
    assert body["messages"] == []
