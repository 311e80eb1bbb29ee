"""A message that grows, as sockets see it: a conversation of 500, and who comes in the middle."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from dataclasses import field
from itertools import pairwise
from typing import Any
from uuid import UUID
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async

from accounts.models import User
from conftest import JsonClient
from conftest import signed_in
from core.db_threads import in_db_thread
from core.realtime.hub import Hub
from core.realtime.tests.peers import Client
from messenger.models import Conversation
from messenger.services import speaking
from messenger.tests.factories import make_group
from tests.kit.asgi_sockets import connected

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]
SOCKETS = 500
WORDS = [f"word{number} 🍵" for number in range(40)]


@dataclass
class Reader:
    """A client written from the protocol alone: the text it shows, and how often it had to ask."""

    rest: JsonClient
    path: str
    text: str = ""
    attempt: int = 0
    is_whole: bool = False
    asked: int = 0
    seen: list[str] = field(default_factory=list)
    """The types of what it took."""

    def take(self, frame: dict[str, Any]) -> None:
        kind, payload = frame["type"], frame["payload"]
        self.seen.append(kind)
        if kind in {"message.new", "message.updated"}:
            self._show(payload)
        elif not self.is_whole and payload["attempt"] >= self.attempt:
            if payload["attempt"] > self.attempt or payload["at"] > len(self.text):
                self.read()
            if payload["attempt"] == self.attempt and payload["at"] <= len(self.text):
                self.text = max(self.text, self.text[: payload["at"]] + payload["text"], key=len)

    def read(self) -> None:
        self.asked += 1
        self._show(self.rest.get(self.path).json())

    def _show(self, message: dict[str, Any]) -> None:
        self.text, self.attempt = message["content"], message["agent"]["attempt"]
        self.is_whole = message["agent"]["state"] != "writing"


def _crowd(alice: User, agent: User) -> tuple[Conversation, list[UUID]]:
    people = User.objects.bulk_create(User(username=f"user{number}", password="!") for number in range(SOCKETS - 1))
    return make_group(alice, agent, *people), [alice.pk, *(user.pk for user in people)]


async def test_five_hundred_sockets_hear_two_events_and_at_most_four_deltas_a_second(alice: User, agent: User) -> None:
    room, ids = await sync_to_async(_crowd)(alice, agent)
    hub = Hub()
    clients = [Client(hub, user_id) for user_id in ids]
    try:
        for client in clients:
            await client.connect()
            await client.sync({f"c:{room.pk}": 0})
        speech = await in_db_thread(
            speaking.begin, agent, conversation_id=room.pk, client_id="r:0", text=WORDS[0], run_id=uuid4()
        )
        text, told = WORDS[0], list[tuple[float, float]]()
        for word in WORDS[1:]:
            text += " " + word
            before, asked = speech.told, time.monotonic()
            await in_db_thread(speaking.tell, speech, text)
            if speech.told > before:
                told.append((asked, time.monotonic()))  # it was told somewhere between
            await asyncio.sleep(0.03)  # as fast as a model speaks
        await in_db_thread(speaking.finish, speech, text)
        for client in clients:
            await client.until(lambda client=client: any(f["type"] == "message.updated" for f in client.frames))  # type: ignore[misc]
        assert len(told) >= 3, "it was told while it grew"
        assert all(later[1] - earlier[0] >= 0.25 for earlier, later in pairwise(told))
        for client in clients:
            frames = [frame for frame in client.frames if frame.get("room") == str(room.pk)]
            assert [frame["type"] for frame in frames if "seq" in frame] == ["message.new", "message.updated"]
            deltas = [frame["payload"] for frame in frames if frame["type"] == "message.delta"]
            assert len(deltas) == len(told)
            assert [text[one["at"] :].startswith(one["text"]) for one in deltas] == [True] * len(told)
            assert frames[-1]["payload"]["content"] == text
    finally:
        for client in clients:
            await client.leave()
        await hub.stop()


async def test_a_socket_that_comes_in_the_middle_has_the_same_text(
    alice: User, bob: User, agent: User, room: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also before the last event: by the history and the next delta."""
    monkeypatch.setattr(speaking, "PAUSE_SECONDS", 0.0)
    said: dict[str, Any] = {"conversation_id": room.pk, "client_id": "r:0", "run_id": uuid4()}
    rest = [await sync_to_async(signed_in)(user) for user in (alice, bob)]

    async def hear(socket: Any, reader: Reader, *, until: str) -> None:
        while until not in reader.text:
            frame = await socket.hear("message.new", "message.delta", "message.updated")
            await sync_to_async(reader.take)(frame)

    async with connected(alice, sync=True) as first:
        speech = await sync_to_async(lambda: speaking.begin(agent, text="one", **said))()
        path = f"/api/messenger/messages/{speech.message_id}"
        there, text = Reader(rest[0], path), "one"
        for word in ("two", "three", "four"):
            text += f" {word} 🍵"
            await in_db_thread(speaking.tell, speech, text)
        await in_db_thread(speaking.keep, speech, text)
        text += " five"
        await in_db_thread(speaking.tell, speech, text)  # which the second one does not hear
        async with connected(bob, sync=True) as second:
            late = Reader(rest[1], path)
            await sync_to_async(late.read)()
            assert late.text == text.removesuffix(" five")
            text += " six 🍵"
            await in_db_thread(speaking.tell, speech, text)
            await hear(second, late, until="six")
            await hear(first, there, until="six")
            assert (there.text, late.text, there.asked, late.asked) == (text, text, 0, 1)

            again = await sync_to_async(lambda: speaking.begin(agent, text="uno", **said))()
            await in_db_thread(speaking.tell, again, "uno due")
            await in_db_thread(speaking.finish, again, "uno due tre")
            for socket, reader in ((first, there), (second, late)):
                await hear(socket, reader, until="tre")
                assert (reader.text, reader.attempt, reader.is_whole) == ("uno due tre", 2, True)
            assert there.seen == [
                "message.new",
                *["message.delta"] * 5,
                "message.updated",
                "message.delta",
                "message.updated",
            ]
            assert (there.asked, late.asked) == (0, 1)
