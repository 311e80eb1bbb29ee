"""What is taken back, and by whom."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts.models import User
from conftest import JsonClient
from conftest import signed_in
from core.models import StoredFile
from core.models import StreamEvent
from messenger.events import ConversationCreated
from messenger.models import Conversation
from messenger.models import Participant
from messenger.models import Reaction
from messenger.services import messages
from messenger.services import notify
from messenger.services import pins
from messenger.services import reactions
from messenger.tests.factories import make_file
from messenger.tests.factories import make_row
from messenger.tests.factories import messages_of
from messenger.tests.reading import events

API = "/api/messenger"


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
    assert events(group)[-1] == (
        "message.deleted",
        {
            "conversation_id": str(group.pk),
            "message_id": str(said.id),
            "message_seq": said.seq,
            "deleted_by": str(alice.pk),
        },
    )
    assert [name for name, _payload in events(group)].count("message.deleted") == 1


def test_what_is_taken_back_is_not_told_to_newcomers_either(
    alice: User, bob: User, charlie: User, group: Conversation
) -> None:
    said = messages.send(alice, conversation_id=group.pk, content="The secret").message
    newcomer = Participant.objects.create(conversation=group, user=charlie)
    with transaction.atomic():
        notify.publish_created([newcomer])
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
