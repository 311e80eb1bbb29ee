"""What was taken back, cleared away or left is told to nobody again."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async

from accounts.models import User
from conftest import JsonClient
from conftest import signed_in
from core.models import StreamEvent
from messenger.models import Conversation
from messenger.services import conversations
from messenger.services import messages
from messenger.tests.factories import make_direct
from messenger.tests.factories import make_group
from messenger.tests.factories import membership
from tests.kit.asgi_sockets import connected

SECRET = "canary-9d1f"


@pytest.fixture
def talk(alice: User, bob: User) -> Conversation:
    return make_direct(alice, bob)


def _clear(actor: User, talk: Conversation) -> None:
    """The history goes from the actor's own view; the conversation itself comes back with the next message."""
    messages.send(actor, conversation_id=talk.pk, content=SECRET)
    conversations.delete_conversation(actor, conversation_id=talk.pk)


@pytest.mark.django_db(transaction=True)
async def test_what_one_cleared_away_is_not_caught_up_with_over_the_socket(
    alice: User, bob: User, talk: Conversation
) -> None:
    await sync_to_async(_clear)(alice, talk)
    await sync_to_async(messages.send)(bob, conversation_id=talk.pk, content="Tea?")
    async with connected(alice) as client:
        synced = await client.ask("sync", {"streams": {f"c:{talk.pk}": 0, f"u:{alice.pk}": 0}})
        assert f"c:{talk.pk}" in synced["payload"]["reset"]
        assert SECRET not in str(client.seen)


def test_what_one_cleared_away_is_not_caught_up_with_by_polling(
    alice: User, bob: User, alice_client: JsonClient, talk: Conversation
) -> None:
    _clear(alice, talk)
    messages.send(bob, conversation_id=talk.pk, content="Tea?")
    cleared = membership(talk, alice).cleared_seq
    before = alice_client.get(f"/api/sync?streams=c:{talk.pk}:{cleared - 1},u:{alice.pk}:0")
    assert f"c:{talk.pk}" in before.json()["reset"]
    assert SECRET not in before.content.decode()
    since = alice_client.get(f"/api/sync?streams=c:{talk.pk}:{cleared}").json()
    assert [event["payload"]["content"] for event in since["events"]] == ["Tea?"]
    bob_reads = signed_in(bob).get(f"/api/sync?streams=c:{talk.pk}:0")
    assert SECRET in bob_reads.content.decode()


def test_what_told_of_a_conversation_shows_nothing_of_it_once_it_was_cleared(
    alice: User, bob: User, alice_client: JsonClient, talk: Conversation
) -> None:
    conversations.delete_conversation(alice, conversation_id=talk.pk)
    messages.send(bob, conversation_id=talk.pk, content=SECRET)
    told = alice_client.get(f"/api/sync?streams=u:{alice.pk}:0")
    assert SECRET in told.content.decode()  # conversation.created brings it back
    conversations.delete_conversation(alice, conversation_id=talk.pk)
    told = alice_client.get(f"/api/sync?streams=u:{alice.pk}:0")
    assert [event["type"] for event in told.json()["events"]] == [
        "conversation.deleted",
        "conversation.created",
        "conversation.deleted",
    ]
    assert SECRET not in told.content.decode()


@pytest.mark.parametrize("path", ["invites/%00", "invites/a%00b/join", "messages/{message}/reactions/%00"])
def test_a_path_with_a_nul_leads_nowhere(alice: User, bob: User, path: str) -> None:
    group = make_group(alice, bob)
    sent = messages.send(alice, conversation_id=group.pk, content="Tea?")
    method = "delete" if "reactions" in path else ("post" if "join" in path else "get")
    answer = getattr(signed_in(bob), method)(f"/api/messenger/{path.format(message=sent.message.id)}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_draft_that_was_written_over_or_taken_away_is_kept_nowhere(
    alice: User, alice_client: JsonClient, talk: Conversation
) -> None:
    path = f"/api/messenger/conversations/{talk.pk}/draft"
    for content in (f"{SECRET} one", f"{SECRET} two", "Tea?"):
        assert alice_client.put(path, {"content": content}).status_code == 200
    told = alice_client.get(f"/api/sync?streams=u:{alice.pk}:0").json()["events"]
    assert [event["payload"]["draft"]["content"] for event in told] == ["", "", "Tea?"]
    alice_client.put(path, {"content": ""})
    told = alice_client.get(f"/api/sync?streams=u:{alice.pk}:0").json()["events"]
    assert [event["payload"]["draft"]["content"] for event in told] == [""] * 4

    alice_client.put(path, {"content": SECRET})
    conversations.delete_conversation(alice, conversation_id=talk.pk)
    assert SECRET not in str(StreamEvent.objects.values_list("payload"))
