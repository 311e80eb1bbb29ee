"""What the owner's other tabs and devices are told: of every write, in order, and nobody else of anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from accounts.models import User
from aichat.models import Chat
from aichat.models import ChatMessage
from aichat.services import answers
from aichat.services import chats
from aichat.services import messages
from aichat.tests.factories import make_chat
from aichat.tests.factories import make_talk
from aichat.tests.talking import Talk
from conftest import JsonClient
from core.models import StreamEvent
from core.realtime import catalogue
from tests.kit.asgi_sockets import connected

pytestmark = pytest.mark.django_db(transaction=True)


def told(user: User) -> list[tuple[str, dict[str, Any]]]:
    rows = StreamEvent.objects.filter(stream_id=user.pk).order_by("seq").values_list("type", "payload")
    shapes = {shape.type: shape for shape in catalogue.events()}
    return [(kind, shapes[kind].model_validate_json(payload).model_dump(mode="json")) for kind, payload in rows]


def kinds(user: User) -> list[str]:
    return [kind for kind, _payload in told(user)]


def test_what_is_done_with_a_chat(alice: User, bob: User, alice_client: JsonClient) -> None:
    chat = alice_client.post("/api/chats", {}).json()
    path = f"/api/chats/{chat['id']}"
    alice_client.patch(path, {"title": "Secret plans"})
    alice_client.patch(path, {"pinned": True})
    alice_client.patch(path, {})
    rows = make_talk(Chat.objects.get(), 1)
    alice_client.patch(path, {"active_message_id": str(rows[0].pk)})
    alice_client.delete(path)
    assert kinds(alice) == ["chat.created", *["chat.updated"] * 3, "chat.deleted"]
    assert {payload["chat_id"] for _kind, payload in told(alice)} == {chat["id"]}
    assert "Secret plans" not in json.dumps(told(alice))
    assert told(bob) == []


def test_what_is_refused_tells_nothing(alice: User, charlie: User, charlie_client: JsonClient) -> None:
    path = f"/api/chats/{make_chat(alice).pk}"
    assert charlie_client.patch(path, {"title": "Mine"}).status_code == 404
    assert charlie_client.delete(path).status_code == 404
    assert told(alice) == told(charlie) == []


async def test_an_answer_from_its_beginning_to_its_end(talk: Talk) -> None:
    chat = await talk.chat(title="Named")
    await talk.ask(chat, "Hello")
    events = await sync_to_async(told)(talk.user)
    answer = await ChatMessage.objects.aget(role="assistant")
    place = {"chat_id": str(chat.pk), "message_id": str(answer.pk)}
    assert events[1:] == [("answer.started", place), ("answer.ended", place | {"status": "complete"})]


async def test_a_title_that_comes_later(talk: Talk) -> None:
    chat = await talk.chat()
    await talk.ask(chat, "Hello")
    from aichat.engine import engines

    await engines.current().drain()
    assert (await sync_to_async(kinds)(talk.user))[-2:] == ["answer.ended", "chat.updated"]


async def test_over_the_socket_of_the_owner_alone(talk: Talk, stranger: Talk) -> None:
    async with connected(talk.user) as mine, connected(stranger.user) as foreign:
        for client in (mine, foreign):
            await client.say("sync", {"streams": {}}, "s")
            await client.hear("synced")
        chat = await talk.chat(title="Named")
        await talk.ask(chat, "Hello")
        for kind in ("chat.created", "answer.started", "answer.ended"):
            assert (await mine.hear(kind))["payload"]["chat_id"] == str(chat.pk)
        other = await stranger.chat(title="Theirs")
        heard = await foreign.hear("chat.created", "answer.started", "answer.ended")
        assert heard["payload"]["chat_id"] == str(other.pk)


def test_an_answer_whose_process_is_gone_has_ended(alice: User) -> None:
    chat = make_chat(alice)
    attempt = messages.post_message(alice, chat_id=chat.pk, content="Hello").attempt
    assert attempt is not None
    ChatMessage.objects.filter(pk=attempt.answer_id).update(heartbeat_at=timezone.now() - timedelta(minutes=1))
    assert answers.abandon_stale() == 1
    assert answers.abandon_stale() == 0
    assert told(alice)[1:] == [
        (
            "answer.ended",
            {"chat_id": str(chat.pk), "message_id": str(attempt.answer_id), "status": "incomplete"},
        )
    ]


def test_temporary_chats_whose_time_is_over(alice: User) -> None:
    make_chat(alice, temporary=True, updated_at=timezone.now() - timedelta(days=2))
    assert chats.purge_temporary() == 1
    assert kinds(alice) == ["chat.deleted"]


# A tab that shows less than there is ----------------------------------------------------------------------------------


async def _asked(talk: Talk, chat: Chat, **body: Any) -> Any:
    response = await talk.post(f"/api/chats/{chat.pk}/messages", {"content": "And?"} | body)
    if response.streaming:
        async for _piece in response.streaming_content:
            pass
    return response


@pytest.mark.parametrize("seen", [lambda rows: rows[1].pk, lambda _rows: uuid4()], ids=["an older one", "none of it"])
async def test_nothing_is_asked_below_what_was_not_seen(talk: Talk, seen: Callable[[Any], Any]) -> None:
    chat = await talk.chat(title="Named")
    rows = await sync_to_async(make_talk)(chat, 2)
    refused = await _asked(talk, chat, leaf_id=str(seen(rows)))
    assert (refused.status_code, json.loads(refused.content)["code"]) == (409, "chat_moved")
    assert await ChatMessage.objects.acount() == 4
    assert (await _asked(talk, chat, leaf_id=str(rows[-1].pk))).status_code == 200
    assert (await ChatMessage.objects.aget(content="And?")).parent_id == rows[-1].pk


async def test_a_repeat_is_known_though_the_chat_has_gone_on_with_it(talk: Talk) -> None:
    chat = await talk.chat(title="Named")
    rows = await sync_to_async(make_talk)(chat, 1)
    for _again in range(2):
        assert (await _asked(talk, chat, leaf_id=str(rows[-1].pk), client_id="c1")).status_code == 200
    assert await ChatMessage.objects.acount() == 4


async def test_a_branch_is_asked_for_wherever_the_chat_stands(talk: Talk) -> None:
    chat = await talk.chat(title="Named")
    rows = await sync_to_async(make_talk)(chat, 2)
    answered = await _asked(talk, chat, leaf_id=str(rows[1].pk), parent_id=str(rows[1].pk))
    assert answered.status_code == 200
