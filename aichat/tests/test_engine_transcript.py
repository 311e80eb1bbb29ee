"""One suite over everything that can be read as an answer: here, through Redis, through the database alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as django_settings
from pytest_django.fixtures import Settings

from accounts.models import User
from aichat.engine import ChatAnswers
from aichat.models import Chat
from aichat.models import ChatMessage
from aichat.services import answers
from core.ids import uuid7
from core.llm.generation import AnswerOutcome
from core.llm.generation import Engine
from core.llm.generation import Transcript
from core.llm.generation import relay as relays
from core.llm.generation.relay import Piece
from core.llm.generation.relay import Relay

DONE = AnswerOutcome("complete", "stop", 3, 4, estimated=False)


def _followed(row: ChatMessage) -> Transcript:
    return Engine(ChatAnswers()).transcript(row.pk, answers.snapshot(row))


def _stream(row: ChatMessage) -> str:
    return relays.stream_of(answers.STREAM_PREFIX, row.pk, row.attempt)


class Wire(Protocol):
    """A writer and the transcript its readers see."""

    transcript: Transcript

    async def append(self, text: str) -> None: ...
    async def finish(self) -> None: ...


class Here:
    def __init__(self) -> None:
        self.transcript = Transcript()

    async def append(self, text: str) -> None:
        self.transcript.append(text)

    async def finish(self) -> None:
        self.transcript.finish(DONE)


class Elsewhere:
    """What another process leaves behind, in Redis or in the database."""

    def __init__(self, row: ChatMessage, relay: Relay | None) -> None:
        self._row, self._relay, self._text = row, relay, ""
        self._stream = _stream(row)
        self.transcript = _followed(row)

    async def append(self, text: str) -> None:
        self._text += text
        await self._put(Piece(len(self._text), text), content=self._text)

    async def finish(self) -> None:
        fields = {"finish_reason": "stop", "prompt_tokens": 3, "completion_tokens": 4}
        await self._put(Piece(len(self._text), outcome=DONE), status="complete", **fields)

    async def _put(self, piece: Piece, **fields: object) -> None:
        if self._relay:
            assert await self._relay.publish({self._stream: [piece]})
        else:
            await ChatMessage.objects.filter(pk=self._row.pk).aupdate(**fields)


@pytest.fixture
async def row(transactional_db: None, alice: User) -> ChatMessage:
    chat = await Chat.objects.acreate(owner=alice)
    return await ChatMessage.objects.acreate(chat=chat, role="assistant", status="streaming", attempt=1)


@pytest.fixture(params=["here", "redis", "database"])
async def wire(request: pytest.FixtureRequest, settings: Settings, row: ChatMessage) -> AsyncIterator[Wire]:
    if request.param == "here":
        yield Here()
        return
    if request.param == "database":
        settings.REDIS_URL = ""
        yield Elsewhere(row, None)
        return
    if not django_settings.REDIS_URL:
        pytest.skip("needs REDIS_URL")
    relay = Relay()
    yield Elsewhere(row, relay)
    await relay.aclose()


async def read(transcript: Transcript, position: int = 0) -> str:
    return "".join([text async for text in transcript.follow(position, idle=60)])


async def test_two_readers_get_everything_once(wire: Wire) -> None:
    readers = [asyncio.create_task(read(wire.transcript)) for _ in range(2)]
    for text in ("Кін", "цу", "🏺 ґі"):
        await wire.append(text)
        await asyncio.sleep(0)
    await wire.finish()
    assert await asyncio.gather(*readers) == ["Кінцу🏺 ґі"] * 2
    assert wire.transcript.outcome == DONE
    assert wire.transcript.length == 9


async def test_a_late_reader_takes_the_rest_from_any_position(wire: Wire) -> None:
    first = asyncio.create_task(read(wire.transcript))
    for text in ("ab", "c🏺", "def"):
        await wire.append(text)
    await wire.finish()
    whole = await first
    for position in range(len(whole) + 2):
        assert await read(wire.transcript, position) == whole[position:]


async def test_a_reader_that_leaves_disturbs_nobody(wire: Wire) -> None:
    staying = asyncio.create_task(read(wire.transcript))
    leaving = asyncio.create_task(read(wire.transcript))
    await wire.append("one ")
    leaving.cancel()
    await asyncio.wait([leaving])
    await wire.append("two")
    await wire.finish()
    assert await staying == "one two"
    assert wire.transcript.readers == 0


async def test_silence_is_reported_and_ends_with_the_text() -> None:
    transcript = Transcript()
    pieces = transcript.follow(0, idle=0.01)
    assert await anext(pieces) == ""
    transcript.append("late")
    assert await anext(pieces) == "late"
    transcript.finish(None)
    assert [piece async for piece in pieces] == []


async def test_a_slow_reader_coalesces() -> None:
    transcript = Transcript()
    pieces = transcript.follow(0, idle=60)
    transcript.append("a")
    assert await anext(pieces) == "a"
    for text in "bcd":
        transcript.append(text)
    assert await anext(pieces) == "bcd"


@pytest.mark.skipif(not django_settings.REDIS_URL, reason="needs REDIS_URL")
class TestThroughRedis:
    async def test_a_flush_in_the_middle_is_bridged_by_the_database(self, row: ChatMessage) -> None:
        relay = Relay()
        wire = Elsewhere(row, relay)
        reading = asyncio.create_task(read(wire.transcript))
        await wire.append("before ")
        await relay._client.flushdb()
        await relay.publish({_stream(row): [Piece(18, "the gap")]})
        await ChatMessage.objects.filter(pk=row.pk).aupdate(content="before the ")
        await relay.publish({_stream(row): [Piece(18, outcome=DONE)]})
        await ChatMessage.objects.filter(pk=row.pk).aupdate(content="before and the gap", status="complete")
        assert await reading == "before and the gap"
        await relay.aclose()

    async def test_a_repeated_piece_is_taken_once(self, row: ChatMessage) -> None:
        relay, stream = Relay(), _stream(row)
        for _ in range(2):
            assert await relay.publish({stream: [Piece(3, "abc")]})
        assert await relay.publish({stream: [Piece(5, "bcde"), Piece(5, outcome=DONE)]})
        assert await read(_followed(row)) == "abcde"
        await relay.aclose()

    async def test_what_a_dead_process_had_sent_is_recovered(self, row: ChatMessage) -> None:
        relay = Relay()
        await relay.publish({_stream(row): [Piece(3, "abc"), Piece(6, "def"), Piece(9, "i")]})
        recovered = await sync_to_async(relays.recover)(_stream(row), "ab")
        assert recovered == "abcdef"
        await relay.aclose()


async def test_without_redis_the_relay_says_so_and_does_not_raise(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    relay = Relay()
    assert await relay.publish({"stream": [Piece(1, "a")]}) is False
    assert await relay.read({"stream": (0, 0)}) == {}
    await relay.aclose()


async def test_an_answer_that_is_gone_ends_the_reading_without_an_outcome(transactional_db: None) -> None:
    row = ChatMessage(pk=uuid7(), role="assistant", status="streaming", attempt=1)
    transcript = _followed(row)
    assert await read(transcript) == ""
    assert transcript.outcome is None
