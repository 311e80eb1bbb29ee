"""What a model thinks: beside the answer, never in it, paid for, and there again for whoever comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as django_settings
from pytest_django.fixtures import Settings

from aichat.engine import ChatAnswers
from aichat.models import ChatMessage
from aichat.services import answers
from aichat.tests.talking import Event
from aichat.tests.talking import Talk
from aichat.tests.talking import text_of
from billing.models import TokenQuota
from billing.models import UsageEntry
from billing.services.metering import prove_ledger
from core.llm.generation import Engine
from core.llm.generation import Thinking
from core.llm.generation import engine as generation_engine
from core.llm.generation import transcript as transcripts
from core.llm.tests.wires import Wire
from core.llm.tests.wires import event

THINK = "/demo think 1 s: what is gold?"
HELD_BACK = "I look through my built-in facts"


def thought_of(events: Sequence[Event]) -> str:
    """What a client has after them, by the rule of the contract."""
    thought = ""
    for each in events:
        if each.event == "thinking":
            assert each.id == ""
            assert len(thought) >= each.data["from"], "a piece was missed"
            thought = thought[: each.data["from"]] + each.data["delta"]
    return thought


async def _row(events: Sequence[Event]) -> ChatMessage:
    return await ChatMessage.objects.aget(pk=events[0].data["message"]["id"])


class TestThinking:
    async def test_it_streams_apart_from_the_answer_and_stays_with_the_message(self, talk: Talk) -> None:
        chat = await talk.chat(title="Named")
        events = await talk.ask(chat, THINK)
        thought, row = thought_of(events), await _row(events)
        assert HELD_BACK in thought
        assert row.reasoning == thought
        assert row.content == text_of(events)
        assert HELD_BACK not in row.content
        assert events[-1].data["reasoning_tokens"] == row.reasoning_tokens
        assert row.reasoning_tokens
        assert row.thinking_ms
        assert row.thinking_ms >= 900
        shown = (await talk.get(f"/api/chats/{chat.pk}/messages")).json()["results"][0]
        assert (shown["reasoning"], shown["thinking_ms"]) == (thought, row.thinking_ms)
        first_word = next(at for at, each in enumerate(events) if each.event == "message")
        assert all(each.event == "thinking" for each in events[1:first_word])

    async def test_whoever_comes_back_gets_all_of_it_from_the_beginning(self, talk: Talk) -> None:
        chat = await talk.chat(title="Named")
        stream = await talk.open(chat, THINK)
        start = await anext(stream)
        assert (await anext(stream)).event == "thinking"
        row = await ChatMessage.objects.aget(pk=start.data["message"]["id"])
        live = asyncio.create_task(talk.resume(row))
        first = [each async for each in stream]
        for again in (await live, await talk.resume(row), await talk.resume(row, first[-2].id)):
            first_thought = next(each for each in again if each.event == "thinking")
            assert first_thought.data["from"] == 0
            assert HELD_BACK in thought_of(again)
            assert again[-1].data == first[-1].data

    async def test_it_is_in_no_search_title_or_later_prompt(self, talk: Talk) -> None:
        chat = await talk.chat()
        await talk.ask(chat, THINK)
        found = (await talk.get("/api/chats?search=built-in+facts+fits+best")).json()["results"]
        assert found == []
        exported = await talk.get(f"/api/chats/{chat.pk}/export?as=markdown")
        markdown = b"".join([part async for part in exported.streaming_content]).decode()
        assert HELD_BACK not in markdown
        second = await talk.ask(chat, "And then?")
        row = await _row(second)
        prompt = await sync_to_async(lambda: row.prompt_tokens)()
        first = await ChatMessage.objects.filter(chat=chat, role="assistant").order_by("id").afirst()
        assert first
        assert prompt < first.prompt_tokens + first.completion_tokens - (first.reasoning_tokens or 0) + 40

    async def test_what_must_not_be_kept_is_shown_and_not_kept(self, talk: Talk, settings: Settings) -> None:
        settings.KEEP_REASONING = False
        chat = await talk.chat(title="Named")
        events = await talk.ask(chat, THINK)
        row = await _row(events)
        assert HELD_BACK in thought_of(events)
        assert row.reasoning == ""
        assert row.reasoning_tokens
        assert thought_of(await talk.resume(row)) == ""

    async def test_no_more_than_its_bytes_are_kept(self, talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(transcripts, "LONGEST_THOUGHT", 41)
        chat = await talk.chat(title="Named")
        events = await talk.ask(chat, "/demo think 1 s: чому золото?")
        row = await _row(events)
        assert 39 <= len(row.reasoning.encode()) <= 41
        assert thought_of(events) == row.reasoning

    async def test_its_export_and_its_end_are_those_of_the_message(self, talk: Talk) -> None:
        chat = await talk.chat(title="Named")
        await talk.ask(chat, THINK)
        exported = await talk.get(f"/api/chats/{chat.pk}/export?as=json")
        assert HELD_BACK in b"".join([part async for part in exported.streaming_content]).decode()
        gone = await talk.client.delete(f"/api/chats/{chat.pk}", headers=talk.headers)
        assert gone.status_code == 204
        assert not await ChatMessage.objects.filter(reasoning__contains=HELD_BACK).aexists()

    @pytest.mark.parametrize("way", ["redis", "database"])
    async def test_another_process_shows_it_too(self, talk: Talk, settings: Settings, way: str) -> None:
        if way == "database":
            settings.REDIS_URL = ""
        elif not django_settings.REDIS_URL:
            pytest.skip("needs REDIS_URL")
        chat = await talk.chat(title="Named")
        stream = await talk.open(chat, "/demo think 3 s: what is gold?")
        start = await anext(stream)
        row = await ChatMessage.objects.aget(pk=start.data["message"]["id"])
        elsewhere = Engine(ChatAnswers())
        mirror = elsewhere.transcript(row.pk, answers.snapshot(row))
        pieces = [each async for each in mirror.watch(0, idle=60)]
        here = [each async for each in stream]
        thoughts = [each for each in pieces if isinstance(each, Thinking)]
        assert "".join(each.text for each in thoughts) == thought_of(here)
        assert len([each for each in thoughts if each.text]) > 1, "it came while it was thought"
        assert "".join(each for each in pieces if isinstance(each, str)) == text_of(here)
        assert mirror.outcome
        assert mirror.outcome.reasoning_tokens == here[-1].data["reasoning_tokens"]
        await elsewhere.shut_down()


@pytest.fixture
def _quick_checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generation_engine, "CHECKPOINT_SECONDS", 0.2)


@pytest.mark.usefixtures("_quick_checkpoints")
class TestHiddenThinking:
    async def test_the_seconds_go_on_and_tokens_are_taken_for_them(self, talk: Talk) -> None:
        chat = await talk.chat(title="Named")
        stream = await talk.open(chat, "/demo hide 30 s", effort="high")
        start = await anext(stream)
        told = await anext(stream)
        assert (told.event, told.data["from"], told.data["delta"]) == ("thinking", 0, "")
        assert told.data["seconds"] >= 1.5
        row = await ChatMessage.objects.aget(pk=start.data["message"]["id"])
        assert row.progress_completion > 20
        await talk.post(f"/api/chats/{chat.pk}/messages/{row.pk}/stop")
        last = [each async for each in stream][-1]
        entry = await UsageEntry.objects.aget(feature="aichat")
        assert last.data["status"] == "stopped"
        assert last.data["estimated"]
        assert entry.completion_tokens == last.data["completion_tokens"] >= 60
        assert await sync_to_async(prove_ledger)() == []

    async def test_what_does_not_think_is_not_charged_for_time(self, talk: Talk) -> None:
        chat = await talk.chat(title="Named")
        stream = await talk.open(chat, "/demo hide 30 s", effort="none")
        start = await anext(stream)
        row = await ChatMessage.objects.aget(pk=start.data["message"]["id"])
        await asyncio.sleep(0.5)
        await talk.post(f"/api/chats/{chat.pk}/messages/{row.pk}/stop")
        assert [each async for each in stream][-1].data["completion_tokens"] == 0


class TestAnAnswerOfThoughtAlone:
    async def test_it_is_charged_and_the_way_on_is_named(self, talk: Talk) -> None:
        chat = await talk.chat(title="Named")
        events = await talk.ask(chat, "/demo eaten", effort="high")
        error = events[-1].data
        assert (error["code"], error["effort"], error["fits"]) == ("thought_too_long", "high", "medium")
        assert error["reasoning_tokens"]
        assert error["completion_tokens"] >= error["reasoning_tokens"]
        entry = await UsageEntry.objects.aget(feature="aichat")
        assert (entry.completion_tokens, entry.reasoning_tokens) == (
            error["completion_tokens"],
            entry.completion_tokens,
        )
        assert await sync_to_async(prove_ledger)() == []

    async def test_nothing_at_all_is_not_charged(self, talk: Talk, wire: Wire) -> None:
        usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
        wire.streams(event(finish="stop"), event(usage=usage))
        chat = await talk.chat(model="gpt-6-luna", title="Named")
        error = (await talk.ask(chat, "Hello"))[-1].data
        assert (error["code"], error["total_tokens"], error["cost"]) == ("empty_answer", 0, None)
        entry = await UsageEntry.objects.aget(feature="aichat")
        assert entry.total_tokens == 0
        assert entry.cost is not None
        assert entry.cost > 0, "the operator paid all the same"

    async def test_it_goes_on_with_twice_the_room(self, talk: Talk, settings: Settings) -> None:
        settings.LLM_CEILINGS = {"low": 300, "high": 400}
        chat = await talk.chat(title="Named")
        events = await talk.ask(chat, "/demo eaten", effort="high")
        row = await _row(events)
        again = await talk.act(row, "continue", {"effort": "low", "room": 2})
        row = await _row(events)
        assert (row.effort, row.attempt) == ("low", 2)
        held = [entry async for entry in UsageEntry.objects.filter(feature="aichat").select_related("hold")]
        assert sorted(entry.hold.max_tokens for entry in held) == [400, 600]
        assert again[-1].data["thinking_ms"] >= events[-1].data["thinking_ms"]
        assert row.reasoning.startswith(thought_of(events))


class TestARefusedTurn:
    async def test_question_and_answer_are_left_out_of_later_prompts(self, talk: Talk) -> None:
        chat = await talk.chat(title="Named")
        first = await talk.ask(chat, "Before it")
        refused = await talk.ask(chat, "/demo refuse: the forbidden word")
        assert refused[-1].data["finish_reason"] == "refusal"
        page = (await talk.get(f"/api/chats/{chat.pk}/messages")).json()["results"]
        assert [each["withheld"] for each in page] == [True, True, False, False]
        after = await talk.ask(chat, "Before it")
        once, now = (await _row(first)), (await _row(after))
        own = once.prompt_tokens
        assert now.prompt_tokens <= own + once.completion_tokens + own + 10

    async def test_a_question_asked_anew_counts_again(self, talk: Talk, wire: Wire) -> None:
        chat = await talk.chat(title="Named")
        refused = await talk.ask(chat, "/demo refuse")
        row = await _row(refused)
        wire.streams(event("Gladly."), event(finish="stop"))
        await talk.act(row, "regenerate", {"model": "gpt-6-luna"})
        question = await ChatMessage.objects.aget(children=row)
        assert not question.withheld
        assert (await ChatMessage.objects.aget(pk=row.pk)).withheld


class TestEfforts:
    async def test_one_the_model_lacks_is_refused_with_those_it_has(self, talk: Talk) -> None:
        chat = await talk.chat()
        for path, body in (
            (f"/api/chats/{chat.pk}/messages", {"content": "?"}),
            ("/api/chats/estimate", {"content": "?", "chat_id": str(chat.pk)}),
            ("/api/chats", {"model": "demo"}),
        ):
            refused = await talk.post(path, body | {"effort": "max"})
            assert (refused.status_code, refused.json()["code"]) == (400, "unknown_effort")
            assert "none, low, medium, high" in refused.json()["error"]
        changed = await talk.client.patch(
            f"/api/chats/{chat.pk}", {"effort": "max"}, content_type="application/json", headers=talk.headers
        )
        assert changed.status_code == 400
        assert await ChatMessage.objects.acount() == 0

    async def test_the_questions_then_the_chats_then_the_models(self, talk: Talk) -> None:
        chat = await talk.chat(title="Named", effort="low")
        assert (await talk.ask(chat, "One"))[-1].data["effort"] == "low"
        assert (await talk.ask(chat, "Two", effort="medium"))[-1].data["effort"] == "medium"
        await talk.client.patch(
            f"/api/chats/{chat.pk}", {"effort": None}, content_type="application/json", headers=talk.headers
        )
        last = await talk.ask(chat, "Three", effort=None)
        assert last[-1].data["effort"] == "none"
        again = await talk.act(await _row(last), "regenerate", {"effort": "high"})
        assert again[-1].data["effort"] == "high"
        efforts = [entry.effort async for entry in UsageEntry.objects.filter(feature="aichat").order_by("created_at")]
        assert efforts == ["low", "medium", "none", "high"]

    async def test_one_that_cannot_be_paid_is_refused_before_anything_is_written(self, talk: Talk, wire: Wire) -> None:
        await sync_to_async(_leave)(talk, 3_000)
        chat = await talk.chat(model="gpt-6-luna", title="Named")
        refused = await talk.post(f"/api/chats/{chat.pk}/messages", {"content": "Hello", "effort": "high"})
        body = refused.json()
        assert (refused.status_code, body["code"]) == (403, "effort_too_dear")
        assert (body["effort"], body["floor"], body["fits"]) == ("high", 12_256, "low")
        assert 2_900 < body["left"] <= 3_000
        assert await ChatMessage.objects.acount() == 0
        assert not wire.bodies
        estimate = await talk.post(
            "/api/chats/estimate", {"content": "Hello", "effort": "high", "chat_id": str(chat.pk)}
        )
        assert (estimate.json()["fits"], estimate.json()["fits_effort"]) == (False, "low")


def _leave(talk: Talk, tokens: int) -> None:
    from billing import metering

    metering.allowance(talk.user.pk)
    quota = TokenQuota.objects.get(pk=talk.user.pk)
    TokenQuota.objects.filter(pk=talk.user.pk).update(tokens_used=quota.tokens_limit - tokens)


class TestCosts:
    @pytest.mark.parametrize(
        ("who", "staff", "seen"),
        [("everyone", False, True), ("staff", False, False), ("staff", True, True), ("nobody", True, False)],
    )
    async def test_they_are_shown_to_whom_they_should_be(
        self, talk: Talk, settings: Settings, who: str, staff: bool, seen: bool
    ) -> None:
        settings.SHOW_COSTS = who
        talk.user.is_staff = staff
        await talk.user.asave()
        chat = await talk.chat(title="Named")
        done = (await talk.ask(chat, "Hello"))[-1].data
        shown = (await talk.get(f"/api/chats/{chat.pk}/messages")).json()["results"][0]
        estimate: dict[str, Any] = (await talk.post("/api/chats/estimate", {"content": "Hello"})).json()
        for cost in (done["cost"], shown["cost"], estimate["typical_cost"], estimate["at_most_cost"]):
            assert (cost is not None) is seen
        entry = await UsageEntry.objects.aget(feature="aichat")
        assert entry.cost
        assert entry.cost_source == "catalogue"
        assert (await talk.get("/api/config")).json()["show_costs"] == who
