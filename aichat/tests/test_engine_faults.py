"""The database or Redis goes away under a running answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from pytest_django.fixtures import Settings

from aichat.engine import engines
from aichat.models import ChatMessage
from aichat.services import answers
from aichat.tests.talking import Talk
from aichat.tests.talking import text_of
from billing.models import TokenHold
from billing.models import UsageEntry
from core.llm.generation import engine as generation_engine


def _fails(times: int, error: Exception, work: Callable[..., Any]) -> Callable[..., Any]:
    left = [times]

    def sometimes(*args: Any, **kwargs: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise error
        return work(*args, **kwargs)

    return sometimes


async def test_the_end_waits_for_the_database(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "finish", _fails(2, OperationalError("gone"), answers.finish))
    chat = await talk.chat(title="Waiting")
    events = await talk.ask(chat, "Hello")
    assert events[-1].data["status"] == "complete"
    row = await ChatMessage.objects.aget(role="assistant")
    assert (row.status, row.content) == ("complete", text_of(events))
    assert await UsageEntry.objects.acount() == 1


async def test_an_end_that_can_never_be_stored_is_left_to_the_sweeper(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "finish", _fails(1, RuntimeError("a defect"), answers.finish))
    chat = await talk.chat(title="Never")
    events = await talk.ask(chat, "Hello")
    assert not events[-1].is_last, "the client is told nothing, and asks again"
    row = await ChatMessage.objects.aget(role="assistant")
    assert row.is_running
    await ChatMessage.objects.aupdate(heartbeat_at="2020-01-01T00:00:00Z")
    rest = await talk.resume(row)
    assert rest[-1].data["code"] == "interrupted"
    assert (await TokenHold.objects.aget()).state == "settled"


async def test_a_failed_checkpoint_is_made_good_by_the_next(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(generation_engine, "CHECKPOINT_SECONDS", 0.05)
    monkeypatch.setattr(answers, "checkpoint", _fails(1, OperationalError("gone"), answers.checkpoint))
    settings.LLM_DEMO_WORD_SECONDS = 0.05
    chat = await talk.chat(title="Checkpoints")
    stream = await talk.open(chat, "Hello")
    message_id = (await anext(stream)).data["message"]["id"]
    async for _event in stream:
        row = await ChatMessage.objects.aget(pk=message_id)
        if row.content:
            break
    assert row.status == "streaming"
    await engines.stop(row.pk)
    await stream.aclose()


async def test_redis_going_away_is_not_felt_in_the_process_that_writes(talk: Talk, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    chat = await talk.chat(title="Without Redis")
    events = await talk.ask(chat, "Hello")
    assert events[-1].data["status"] == "complete"
    assert text_of(events) == (await ChatMessage.objects.aget(role="assistant")).content
