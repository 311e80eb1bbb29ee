from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from asgiref.sync import sync_to_async
from pytest_django.fixtures import Settings

from accounts.models import User
from core.errors import DomainError
from core.models import StreamEvent
from core.realtime import commands
from core.realtime.bus import get_bus
from core.redis import Pause
from messenger.access import conversation_stream
from messenger.models import Block
from messenger.models import Conversation
from messenger.models import Message
from messenger.presentation.answers import SentMessage
from messenger.services import messages
from messenger.services import typing
from messenger.shapes import MessageShape
from messenger.tests.factories import make_direct

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def talk(alice: User, bob: User) -> Conversation:
    return make_direct(alice, bob)


def ask(actor: User, frame: str, **payload: Any) -> Any:
    """One command, as the socket gives it to the registry; the payload of ``ok`` or of ``error``."""

    async def run() -> Any:
        try:
            return await commands.run(actor, frame, payload, connection=None)
        except DomainError as error:
            return commands.error_payload(error)

    return async_to_sync(run)()


def test_a_conversation_over_the_socket(alice: User, bob: User, talk: Conversation) -> None:
    sent = ask(alice, "message.send", conversation_id=str(talk.pk), content="Tea?", client_id="c1")
    assert isinstance(sent, SentMessage)
    again = ask(alice, "message.send", conversation_id=str(talk.pk), content="Tea?", client_id="c1")
    assert (sent.duplicate, again.duplicate, again.id) == (False, True, sent.id)
    assert SentMessage.model_validate(sent.model_dump()) == sent

    edited = ask(alice, "message.edit", message_id=str(sent.id), content="Coffee?")
    assert isinstance(edited, MessageShape)
    assert edited.content == "Coffee?"
    for frame in ("reaction.add", "reaction.remove"):
        assert ask(bob, frame, message_id=str(sent.id), emoji="🔥") is None
    at = ask(bob, "read.mark", conversation_id=str(talk.pk), message_id=str(sent.id))
    assert at.model_dump() == {"read_seq": 1, "unread_count": 0}
    assert ask(alice, "message.delete", message_id=str(sent.id)) is None
    assert list(StreamEvent.objects.filter(stream_id=talk.pk).order_by("seq").values_list("type", flat=True)) == [
        "message.new",
        "message.updated",
        "reaction.added",
        "reaction.removed",
        "message.read",
        "message.deleted",
    ]


_COMMANDS: dict[str, Callable[[Message], dict[str, Any]]] = {
    "message.send": lambda said: {"conversation_id": str(said.conversation_id), "content": "Let me in"},
    "message.edit": lambda said: {"message_id": str(said.pk), "content": "Mine"},
    "message.delete": lambda said: {"message_id": str(said.pk)},
    "reaction.add": lambda said: {"message_id": str(said.pk), "emoji": "🔥"},
    "reaction.remove": lambda said: {"message_id": str(said.pk), "emoji": "🔥"},
    "typing.start": lambda said: {"conversation_id": str(said.conversation_id)},
    "typing.stop": lambda said: {"conversation_id": str(said.conversation_id)},
    "read.mark": lambda said: {"conversation_id": str(said.conversation_id), "message_id": str(said.pk)},
}


def test_every_command_of_the_messenger_is_listed_here() -> None:
    ours = {name for name, found in commands.registry().items() if found.function.__module__ == "messenger.commands"}
    assert ours == set(_COMMANDS)


@pytest.mark.parametrize("frame", sorted(_COMMANDS))
def test_a_stranger_finds_nothing(alice: User, charlie: User, talk: Conversation, frame: str) -> None:
    messages.send(alice, conversation_id=talk.pk, content="Tea?")
    said = Message.objects.get()
    error = ask(charlie, frame, **_COMMANDS[frame](said))
    assert (error["code"], error["retryable"]) == ("not_found", False)
    assert StreamEvent.objects.count() == 1
    assert Message.objects.get().content == "Tea?"


@pytest.mark.parametrize("frame", sorted(_COMMANDS))
def test_what_is_no_payload_is_a_bad_request(alice: User, talk: Conversation, frame: str) -> None:
    messages.send(alice, conversation_id=talk.pk, content="Tea?")
    good = _COMMANDS[frame](Message.objects.get())
    for payload in ({}, good | {"more": 1}, dict.fromkeys(good, "nonsense")):
        error = ask(alice, frame, **payload)
        assert (error["code"], error["retryable"]) == ("bad_request", False)
        assert error["details"]


def test_refusals_say_whether_to_try_again(alice: User, bob: User, talk: Conversation) -> None:
    room = str(talk.pk)
    ask(alice, "message.send", conversation_id=room, content="Tea?", client_id="c1")
    Block.objects.create(blocker=bob, blocked=alice)
    refused = [
        ask(alice, "message.send", conversation_id=room, content="x" * 10_001),
        ask(alice, "message.send", conversation_id=room, content=""),
        ask(alice, "message.send", conversation_id=room, content="Coffee?", client_id="c1"),
        ask(alice, "message.send", conversation_id=room, content="Please"),
        ask(alice, "message.send", conversation_id=room, content="", media_id=str(uuid4()), client_id="c2"),
    ]
    assert [error["code"] for error in refused] == [
        "bad_request",
        "bad_request",
        "idempotency_mismatch",
        "blocked",
        "blocked",
    ]
    assert not any(error["retryable"] for error in refused)


async def test_typing_is_told_once_until_it_changes(alice: User, bob: User, talk: Conversation) -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    ear = get_bus().listener(lambda message: heard.put_nowait(message.frame), lambda: None)
    await ear.start()
    await ear.subscribe([conversation_stream(talk.pk)])
    room = {"conversation_id": str(talk.pk)}
    for frame in ("typing.start", "typing.start", "typing.stop", "typing.stop", "typing.start"):
        assert await commands.run(alice, frame, room, connection=None) is None
    await sync_to_async(Block.objects.create)(blocker=bob, blocked=alice)
    assert await commands.run(bob, "typing.start", room, connection=None) is None
    await sync_to_async(Block.objects.all().delete)()
    await commands.run(bob, "typing.stop", room, connection=None)
    told = [json.loads(await asyncio.wait_for(heard.get(), 10)) for _ in range(4)]
    await ear.stop()
    assert [frame["payload"] for frame in told] == [
        {**room, "user_id": str(alice.pk), "is_typing": True},
        {**room, "user_id": str(alice.pk), "is_typing": False},
        {**room, "user_id": str(alice.pk), "is_typing": True},
        {**room, "user_id": str(bob.pk), "is_typing": False},
    ]
    assert {(frame["type"], frame["room"], frame.get("seq")) for frame in told} == {("user.typing", str(talk.pk), None)}


def test_typing_does_not_wait_for_a_cache_that_hangs(
    alice: User, talk: Conversation, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It costs the time of one look, not of each: the thread it waits in is one that messages are sent from."""
    monkeypatch.setattr(typing, "_pause", Pause("Everything is published", seconds=10.0))
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and never answers
        settings.CACHES = {
            "default": {
                "BACKEND": "core.observability.caches.RedisCache",
                "LOCATION": f"redis://127.0.0.1:{silent.getsockname()[1]}/0",
                "OPTIONS": {"socket_timeout": 0.5},
            }
        }
        begun = time.monotonic()
        for number in range(20):
            typing.notify(alice, conversation_id=talk.pk, is_typing=number % 2 == 0)
        assert time.monotonic() - begun < 5
    assert typing._pause.is_on
