from __future__ import annotations

import asyncio

from aichat.models import ChatMessage
from aichat.tests.talking import Talk
from aichat.tests.talking import text_of
from billing.models import TokenHold
from billing.models import UsageEntry


async def test_an_answer_streams_and_is_stored_and_charged(talk: Talk) -> None:
    chat = await talk.chat()
    start, *deltas, done = await talk.ask(chat, "What is Kintsugi?", client_id="c1")

    assert (start.event, start.id) == ("start", "0")
    assert start.data["user_message"]["content"] == "What is Kintsugi?"
    assert start.data["message"]["content"] == ""
    text = text_of(deltas)  # in one piece, where nobody had time to read before it was whole
    ends = [delta.position for delta in deltas]
    assert ends == sorted(ends)
    assert ends[-1] == len(text)
    assert done.id == f"{len(text)}.done"
    assert done.data["status"] == "complete"
    assert done.data["finish_reason"] == "stop"
    assert done.data["total_tokens"] == done.data["prompt_tokens"] + done.data["completion_tokens"] > 0
    assert done.data["estimated"] is False

    row = await ChatMessage.objects.aget(pk=start.data["message"]["id"])
    assert (row.content, row.status) == (text, "complete")
    entry = await UsageEntry.objects.aget(feature="aichat")
    assert entry.total_tokens == done.data["total_tokens"]
    assert entry.reference == str(row.pk)


async def test_leaving_is_not_stopping(talk: Talk) -> None:
    chat = await talk.chat()
    stream = await talk.open(chat, "Tell me more")
    start = await anext(stream)
    await anext(stream)
    await stream.aclose()

    rest = await talk.resume(await ChatMessage.objects.aget(pk=start.data["message"]["id"]))
    row = await ChatMessage.objects.aget(pk=start.data["message"]["id"])
    assert row.status == "complete"
    assert text_of(rest) == row.content
    hold = await TokenHold.objects.aget(feature="aichat")
    assert hold.state == "settled"


async def test_the_same_question_ten_times_at_once_is_charged_once(talk: Talk) -> None:
    chat = await talk.chat()
    answers = await asyncio.gather(*(talk.ask(chat, "Once", client_id="same") for _ in range(10)))
    assert len({events[0].data["message"]["id"] for events in answers}) == 1
    assert len({text_of(events) for events in answers}) == 1
    assert await TokenHold.objects.filter(feature="aichat").acount() == 1
    assert await ChatMessage.objects.acount() == 2
