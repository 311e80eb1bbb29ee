"""A provider that talks nonsense harms at most the answer it was asked for."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from aichat.engine import engines
from aichat.models import ChatMessage
from aichat.services import answers
from aichat.tests.talking import Talk
from aichat.tests.talking import text_of
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from core.llm import encodings
from core.llm.generation import Engine
from core.llm.generation import Generated
from core.llm.generation import engine as generation_engine
from core.llm.tests.wires import DONE
from core.llm.tests.wires import Wire
from core.llm.tests.wires import event

PATIENCE = 10


@pytest.mark.parametrize("count", [-1, 2**31, 10**15, 10**30])
async def test_an_impossible_count_is_not_believed(talk: Talk, wire: Wire, count: int) -> None:
    usage = {"prompt_tokens": 1, "completion_tokens": count}
    wire.streams(event("Hello there"), event(finish="stop"), event(choices=[], usage=usage), DONE)
    chat = await talk.chat(model="gpt-4o-mini", title="Counted here")
    async with asyncio.timeout(PATIENCE):
        done = (await talk.ask(chat, "Hello"))[-1].data
    assert done["status"] in {"complete", "incomplete"}
    entry = await UsageEntry.objects.aget(feature="aichat")
    assert (entry.completion_tokens, entry.source) == (2, "local")


async def test_a_long_finish_reason_is_cut(talk: Talk, wire: Wire) -> None:
    wire.streams(event("Hello"), event(finish="because " * 20), DONE)
    chat = await talk.chat(model="gpt-4o-mini", title="Reasons")
    async with asyncio.timeout(PATIENCE):
        done = (await talk.ask(chat, "Hello"))[-1].data
    assert (done["status"], len(done["finish_reason"])) == ("complete", 30)


@pytest.mark.parametrize("text", ["\ud83d", "ok \udc00"])
async def test_half_a_character_breaks_only_its_own_answer(talk: Talk, wire: Wire, text: str) -> None:
    half = b'data: {"choices":[{"delta":{"content":"%s"}}]}\n\n' % text.encode("ascii", "backslashreplace")
    wire.streams(event("Hello "), half, event(finish="stop"), DONE)
    chat = await talk.chat(model="gpt-4o-mini", title="Halves")
    async with asyncio.timeout(PATIENCE):
        events = await talk.ask(chat, "Hello")
    assert events[-1].is_last
    message = await ChatMessage.objects.aget(role="assistant")
    assert not message.is_running
    assert message.content == text_of(events)


async def test_an_answer_that_cannot_be_stored_lets_its_readers_go(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise ValueError("a defect of ours")

    monkeypatch.setattr(answers, "finish", broken)
    async with asyncio.timeout(PATIENCE):
        events = await talk.ask(await talk.chat(title="Broken"), "Hello")
    # Nobody knows the end, so there is no last event; the sweepers will find the row.
    assert not events[-1].is_last
    assert not engines.current()._running


async def test_a_checkpoint_that_breaks_is_tried_again(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """One text that cannot be stored must not end the heartbeats of all the others."""
    monkeypatch.setattr(generation_engine, "CHECKPOINT_SECONDS", 0.01)
    calls: list[Any] = []
    store = answers.checkpoint

    def fails_first(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        if len(calls) == 1:
            raise ValueError("a defect of ours")
        return store(*args, **kwargs)

    monkeypatch.setattr(answers, "checkpoint", fails_first)
    await talk.ask(await talk.chat(title="Twice"), "Hello")
    assert len(calls) > 1


async def test_the_end_of_a_lost_attempt_leaves_the_next_one_alone(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """The database was away, the sweeper gave the answer up, the user went on: all in one process."""
    settings.LLM_DEMO_WORD_SECONDS = 0.02
    chat = await talk.chat(title="Twice")
    first = await talk.open(chat, "Hello")
    await anext(first)
    here = engines.current()
    (old,) = here._running.values()
    may_end = asyncio.Event()
    finish = Engine._finish

    async def late(self: Engine[Any], running: Any, generated: Generated) -> Any:
        if running is old:
            await may_end.wait()
        return await finish(self, running, generated)

    monkeypatch.setattr(Engine, "_finish", late)
    old.interrupt()
    message = await ChatMessage.objects.aget(role="assistant")
    assert await asyncio.to_thread(answers.abandon, message.pk, 1)
    response = await talk.post(f"/api/chats/{chat.pk}/messages/{message.pk}/continue")
    assert response.status_code == 200
    new, task = here._running[message.pk], here._tasks[message.pk]
    assert new is not old
    may_end.set()
    async for _event in first:
        pass
    assert (here._running[message.pk], here._tasks[message.pk]) == (new, task)
    await here.drain()
    await message.arefresh_from_db()
    assert (message.status, message.attempt) == ("complete", 2)


@pytest.mark.parametrize("is_exact", [True, False])
@pytest.mark.parametrize("at_once", [True, False])
async def test_a_provider_that_ignores_its_limit_is_cut_at_what_was_held(
    talk: Talk, wire: Wire, settings: Settings, monkeypatch: pytest.MonkeyPatch, *, is_exact: bool, at_once: bool
) -> None:
    """It has 500 tokens, of a model whose own encoding we know, or do not."""
    settings.TOKEN_LIMITS = settings.TOKEN_LIMITS | {"basic": 500}
    if not is_exact:
        monkeypatch.setattr(encodings, "encoding", lambda _name: None)
    words = "gold in the cracks, " * 1_000
    pieces = [words] if at_once else [words[start : start + 40] for start in range(0, len(words), 40)]
    usage = {"prompt_tokens": 10, "completion_tokens": 11_439}
    wire.streams(*map(event, pieces), event(finish="stop"), event(choices=[], usage=usage), DONE)
    chat = await talk.chat(model="gpt-4o-mini", title="Cut here")
    async with asyncio.timeout(PATIENCE):
        events = await talk.ask(chat, "Hello")
    done = events[-1].data
    hold = await TokenHold.objects.aget()
    assert (done["status"], done["finish_reason"]) == ("complete", "length")
    message = await ChatMessage.objects.aget(role="assistant")
    assert message.content == text_of(events) != ""
    assert words.startswith(message.content)
    assert message.completion_tokens <= hold.max_tokens
    entry = await UsageEntry.objects.aget()
    assert (entry.overrun, entry.completion_tokens) == (0, message.completion_tokens)
    quota = await TokenQuota.objects.aget()
    assert quota.tokens_used <= 500
