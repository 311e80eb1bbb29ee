"""How far somebody has read, and the files of a conversation."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from conftest import JsonClient
from conftest import make_user
from core.models import StreamEvent
from messenger.models import Block
from messenger.models import Conversation
from messenger.models import Participant
from messenger.models import ReadReceipt
from messenger.services import messages
from messenger.tests.factories import make_direct
from messenger.tests.factories import make_file
from messenger.tests.factories import make_group
from messenger.tests.factories import make_row
from messenger.tests.factories import membership
from messenger.tests.reading import events
from messenger.tests.reading import types

API = "/api/messenger"


# Reading --------------------------------------------------------------------------------------------------------------


def test_reading_moves_forward_only(
    alice: User, bob: User, bob_client: JsonClient, alice_client: JsonClient, talk: Conversation
) -> None:
    rows = [make_row(talk, alice, f"{number}") for number in range(3)]
    url = f"{API}/conversations/{talk.pk}/read"
    assert bob_client.get(f"{API}/unread").json() == {"unread_count": 3, "conversations": 1}
    answers = [bob_client.post(url, {"message_id": str(rows[number].pk)}).json() for number in (1, 0, 1)]
    assert answers == [{"read_seq": 2, "unread_count": 1}] * 3
    ((name, payload),) = events(talk)
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


@pytest.mark.parametrize("blocker", ["alice", "bob"])
def test_a_block_hides_when_the_other_reads(
    alice: User, bob: User, bob_client: JsonClient, alice_client: JsonClient, talk: Conversation, *, blocker: str
) -> None:
    """Presence by another name: a mark moves for oneself only."""
    first, second = (make_row(talk, alice, f"{number}") for number in range(2))
    url = f"{API}/conversations/{talk.pk}"
    bob_client.post(f"{url}/read", {"message_id": str(first.pk)})
    told = len(events(talk))
    before = membership(talk, bob).last_read_at
    by, whom = (alice_client, bob) if blocker == "alice" else (bob_client, alice)
    by.post(f"{API}/blocks", {"user_id": str(whom.pk)})

    answer = bob_client.post(f"{url}/read", {"message_id": str(second.pk)})
    assert answer.json() == {"read_seq": 2, "unread_count": 0}
    assert len(events(talk)) == told
    own = StreamEvent.objects.filter(stream_id=bob.pk, type="message.read").get()
    assert json.loads(own.payload)["read_seq"] == 2
    assert not StreamEvent.objects.filter(stream_id=alice.pk, type="message.read").exists()
    for shown in (
        alice_client.get(url).json()["participants"],
        alice_client.get(f"{url}/participants").json()["results"],
    ):
        marks = {member["user"]["username"]: (member["read_seq"], member["last_read_at"]) for member in shown}
        assert marks["bob"] == (0, None)
    assert {
        member["user"]["username"]: member["read_seq"] for member in bob_client.get(url).json()["participants"]
    } == {
        "alice": 0,
        "bob": 2,
    }
    for message in (first, second):
        assert alice_client.get(f"{API}/messages/{message.pk}/receipts").json()["results"] == []

    by.delete(f"{API}/blocks/{whom.pk}")
    assert membership(talk, bob).last_read_at == before, "nor is it told afterwards"
    later = alice_client.get(f"{API}/messages/{second.pk}/receipts").json()["results"]
    assert [datetime.fromisoformat(one["read_at"]) for one in later] == [before]


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
    assert events(group) == []
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
