"""What an answer costs, before it is asked and afterwards: receipts, estimates, habits, and what follows an error."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from aichat import habits
from aichat.engine import engines
from aichat.models import Chat
from aichat.models import ChatMessage
from aichat.models import ModelHabit
from aichat.services import answers
from aichat.tests.factories import make_chat
from aichat.tests.factories import make_message
from aichat.tests.factories import make_talk
from aichat.tests.talking import Talk
from billing import metering
from billing.metering.tokens import quotas
from billing.models import PlatformDay
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from billing.services.metering import prove_ledger
from conftest import JsonClient
from core import llm
from core.llm import prices
from core.llm.tests.wires import HEAD
from core.llm.tests.wires import Wire
from core.llm.tests.wires import event
from core.llm.tests.wires import piece
from core.llm.tests.wires import plain

USAGE = {
    "prompt_tokens": 12_400,
    "completion_tokens": 2_750,
    "total_tokens": 15_150,
    "prompt_tokens_details": {"cached_tokens": 9_800},
    "completion_tokens_details": {"reasoning_tokens": 2_140},
}

LITTLE = {"prompt_tokens": 12, "completion_tokens": 5, "total_tokens": 17}
HELD = ("held_tokens", "released_tokens")


class TestReceipts:
    async def test_one_conversation_on_two_makers_adds_up(self, talk: Talk, wire: Wire) -> None:
        """What was cached and what was thought are parts: neither is paid twice."""
        chat = await talk.chat(model="gpt-6-luna", title="Named")
        wire.streams(event("Gladly."), event(finish="stop"), event(usage=USAGE))
        first = (await talk.ask(chat, "Hello", effort="low"))[-1].data
        second = (await talk.ask(chat, "And you?", model="demo", effort="none"))[-1].data
        luna = llm.catalogue.get("gpt-6-luna")
        usage = llm.Usage(12_400, 2_750, cached_tokens=9_800, reasoning_tokens=2_140)
        expected = prices.cost(usage, luna, llm.catalogue.today())
        assert expected
        assert Decimal(first["cost"]) == expected
        assert (first["cached_tokens"], first["reasoning_tokens"], first["total_tokens"]) == (9_800, 2_140, 15_150)
        assert first["priced"] == str(prices.price_on(luna, llm.catalogue.today()).since)  # type: ignore[union-attr]
        assert second["cached_tokens"] == 0
        entries = [entry async for entry in UsageEntry.objects.filter(feature="aichat").order_by("created_at")]
        assert [(e.total_tokens, e.cached_tokens, e.reasoning_tokens) for e in entries] == [
            (15_150, 9_800, 2_140),
            (second["total_tokens"], 0, None),
        ]
        assert [entry.cost for entry in entries] == [expected, Decimal(second["cost"])]
        quota = await TokenQuota.objects.aget(pk=talk.user.pk)
        assert (quota.tokens_used, quota.tokens_held) == (sum(e.total_tokens for e in entries), 0)
        assert await sync_to_async(prove_ledger)() == []

    async def test_the_providers_own_figure_beats_ours(self, talk: Talk, wire: Wire) -> None:
        chat = await talk.chat(model="gpt-6-luna", title="Named")
        wire.streams(event("Gladly."), event(finish="stop"), event(usage=USAGE | {"cost": 0.5}))
        done = (await talk.ask(chat, "Hello"))[-1].data
        entry = await UsageEntry.objects.aget(feature="aichat")
        assert (done["cost"], done["priced"], entry.cost_source) == ("0.5", None, "provider")

    async def test_both_attempts_at_an_answer_are_paid(self, talk: Talk, wire: Wire) -> None:
        chat = await talk.chat(model="gpt-6-luna", title="Named")
        wire.streams(event("Half"), event(finish="length"), event(usage=USAGE))
        wire.streams(event(" and half."), event(finish="stop"), event(usage=USAGE))
        first = await talk.ask(chat, "Hello", effort="low")
        row = await ChatMessage.objects.aget(pk=first[0].data["message"]["id"])
        done = (await talk.act(row, "continue"))[-1].data
        assert Decimal(done["cost"]) == 2 * Decimal(first[-1].data["cost"])
        assert (done["reasoning_tokens"], done["cached_tokens"]) == (4_280, 19_600)
        assert done["effort"] == "low", "it goes on as hard as it began"

    @pytest.mark.parametrize("how", ["complete", "length", "cut", "failed", "refused"])
    async def test_however_it_ends_it_says_what_was_held_and_what_was_released(
        self, talk: Talk, wire: Wire, how: str
    ) -> None:
        chat = await talk.chat(model="gpt-6-luna", title="Named")
        {
            "complete": lambda: wire.streams(event("Gladly."), event(finish="stop"), event(usage=LITTLE)),
            "length": lambda: wire.streams(event("Glad"), event(finish="length"), event(usage=LITTLE)),
            "cut": lambda: wire.cuts_after(HEAD, piece(event("Glad"))),
            "failed": lambda: wire.says(plain("401 Unauthorized", b'{"error":{"message":"wrong key"}}')),
            "refused": lambda: wire.streams(event(finish="refusal"), event(usage=LITTLE)),
        }[how]()
        estimate = await talk.post("/api/chats/estimate", {"chat_id": str(chat.pk), "content": "Hello"})
        last = (await talk.ask(chat, "Hello"))[-1].data
        hold = await TokenHold.objects.aget(feature="aichat")
        assert last["held_tokens"] == hold.amount > 0
        assert last["released_tokens"] == hold.amount - hold.charged
        assert last["held_tokens"] - last["released_tokens"] == last["total_tokens"]
        told = estimate.json()
        margin = metering.for_prompt(told["prompt_tokens"]) - told["prompt_tokens"]
        assert last["held_tokens"] == told["at_most"] + margin, "the estimate's word is kept"
        stored = (await talk.get(f"/api/chats/{chat.pk}/messages")).json()["results"][0]
        assert [stored[name] for name in HELD] == [last[name] for name in HELD]
        assert (last["status"], how) in {
            ("complete", "complete"), ("complete", "length"), ("incomplete", "cut"), ("failed", "failed"),
            ("complete", "refused"), ("failed", "refused"),
        }  # fmt: skip

    async def test_a_stopped_answer_says_it_as_well(self, talk: Talk, settings: Settings) -> None:
        settings.LLM_DEMO_WORD_SECONDS = 0.1
        chat = await talk.chat()
        stream = await talk.open(chat, "A long one")
        start = await anext(stream)
        assert [start.data["message"][name] for name in HELD] == [None, None], "it is not over"
        await anext(stream)
        message_id = start.data["message"]["id"]
        assert (await talk.post(f"/api/chats/{chat.pk}/messages/{message_id}/stop")).status_code < 300
        last = [event async for event in stream][-1].data
        hold = await TokenHold.objects.aget(feature="aichat")
        assert last["status"] == "stopped"
        assert (last["held_tokens"], last["released_tokens"]) == (hold.amount, hold.amount - hold.charged)

    def test_so_does_one_whose_process_died(self, alice: User, alice_client: JsonClient) -> None:
        chat = make_chat(alice)
        answer = make_message(
            chat, role="assistant", status="streaming", content="Half", attempt=1, hold_key="aichat:1", model="demo",
            progress_prompt=20, progress_completion=10, heartbeat_at=timezone.now() - timedelta(minutes=5),
        )  # fmt: skip
        hold = metering.hold(alice.pk, key="aichat:1", prompt_tokens=20, max_tokens=300, feature="aichat")
        assert answers.abandon(answer.pk, 1)
        stored = alice_client.get(f"/api/chats/{chat.pk}/messages").json()["results"][0]
        assert [stored[name] for name in HELD] == [hold.amount, hold.amount - 30]

    async def test_the_holds_of_both_attempts_add_up(self, talk: Talk, wire: Wire) -> None:
        chat = await talk.chat(model="gpt-6-luna", title="Named")
        wire.streams(event("Half"), event(finish="length"), event(usage=LITTLE))
        wire.streams(event(" and half."), event(finish="stop"), event(usage=LITTLE))
        first = await talk.ask(chat, "Hello")
        done = (await talk.act(first[0].data["message"]["id"], "continue"))[-1].data
        holds = [hold async for hold in TokenHold.objects.filter(feature="aichat")]
        assert len(holds) == 2
        assert done["held_tokens"] == sum(hold.amount for hold in holds)
        assert done["released_tokens"] == sum(hold.amount - hold.charged for hold in holds)

    async def test_its_provider_is_told_how_hard_and_not_who(self, talk: Talk, wire: Wire) -> None:
        chat = await talk.chat(model="gpt-6-luna", title="Named")
        wire.streams(event("Yes"), event(finish="stop"))
        await talk.ask(chat, "Hello", effort="high")
        assert wire.bodies[0]["reasoning_effort"] == "high"
        assert wire.bodies[0]["max_completion_tokens"] == 64_000
        assert str(talk.user.pk) not in str(wire.bodies[0])


class TestThePrompt:
    def test_no_more_history_than_the_row_says_unless_everything_is_wanted(
        self, alice: User, alice_client: JsonClient, settings: Settings, tmp_path: Path
    ) -> None:
        chat = make_chat(alice)
        make_talk(chat, 20, "word " * 40)
        settings.LLM_CATALOGUE = tmp_path / "models.json"
        settings.LLM_CATALOGUE.write_text('{"models": [{"id": "demo", "prompt_tokens": 300}]}')
        body = {"content": "Hello", "chat_id": str(chat.pk)}
        usual = alice_client.post("/api/chats/estimate", body).json()
        assert usual["prompt_tokens"] <= 300
        assert usual["left_out"] > 0
        assert alice_client.patch(f"/api/chats/{chat.pk}", {"read_everything": True}).json()["read_everything"] is True
        everything = alice_client.post("/api/chats/estimate", body).json()
        assert everything["left_out"] == 0
        assert everything["prompt_tokens"] > 1_500


class TestEstimates:
    def test_a_usual_answer_and_the_longest(self, alice_client: JsonClient, transactional_db: None) -> None:
        quick = alice_client.post("/api/chats/estimate", {"content": "Hello"}).json()
        deep = alice_client.post("/api/chats/estimate", {"content": "Hello", "effort": "low"}).json()
        assert quick["typical"] == quick["prompt_tokens"] + 400
        assert deep["typical"] == deep["prompt_tokens"] + 1_900
        assert (deep["at_most"], deep["estimated_tokens"]) == (deep["prompt_tokens"] + 4_096,) * 2
        assert Decimal(deep["typical_cost"]) < Decimal(deep["at_most_cost"])
        assert (quick["step"], quick["effort"], quick["fits_effort"]) == (None, "none", "none")

    def test_a_prompt_beyond_the_price_step_says_so(
        self, alice: User, alice_client: JsonClient, settings: Settings
    ) -> None:
        settings.ANTHROPIC_API_KEY = "sk-ant-canary"
        chat = make_chat(alice, model="claude-haiku-5-5", read_everything=True)
        make_message(chat, "user", "word " * 70_000)
        make_message(chat, "assistant", "Yes.", ChatMessage.objects.get())
        body = {"content": "Hello", "chat_id": str(chat.pk)}
        told = alice_client.post("/api/chats/estimate", body).json()
        assert told["prompt_tokens"] > 100_000
        assert told["step"] == {"tokens": 100_000, "times": "5"}
        Chat.objects.update(read_everything=False)
        assert alice_client.post("/api/chats/estimate", body).json()["step"] is None

    def test_they_know_what_this_sites_answers_take(self, alice: User, alice_client: JsonClient) -> None:
        chat = make_chat(alice)
        for number in range(40):
            make_message(
                chat,
                "assistant",
                "Yes",
                effort="low",
                completion_tokens=100 + number,
                reasoning_tokens=50 + number,
                thinking_ms=1_000,
            )
        assert habits.count() == 1
        row = ModelHabit.objects.get()
        assert (row.model, row.effort, row.answers) == ("demo", "low", 40)
        assert (row.typical_tokens, row.thought_tokens, row.tokens_a_second) == (119, 85, 69.0)
        told = alice_client.post("/api/chats/estimate", {"content": "Hello", "effort": "low"}).json()
        assert told["typical"] == told["prompt_tokens"] + 119

    def test_few_old_and_broken_answers_are_no_habit(self, alice: User) -> None:
        chat = make_chat(alice)
        for number in range(30):
            asked_at = timezone.now() - timedelta(days=40 if number % 3 == 0 else 0)
            status = "failed" if number % 3 == 1 else "complete"
            make_message(chat, "assistant", "Yes", completion_tokens=5, status=status, created_at=asked_at)
        ModelHabit.objects.create(model="demo", effort="", answers=20, typical_tokens=9)
        assert habits.count() == 0
        assert not ModelHabit.objects.exists()


class TestTheNextStep:
    async def _error(self, talk: Talk, **chat: Any) -> dict[str, Any]:
        made = await talk.chat(**{"model": "gpt-6-luna", "title": "Named"} | chat)
        error: dict[str, Any] = (await talk.ask(made, "Hello"))[-1].data
        return error

    async def test_an_overloaded_provider_leaves_two_others(self, talk: Talk, wire: Wire, settings: Settings) -> None:
        settings.LLM_RETRIES = 0
        settings.ANTHROPIC_API_KEY, settings.GEMINI_API_KEY = "sk-ant-canary", "canary"
        wire.says(plain("529 Overloaded", b'{"error": {"message": "Overloaded"}}'))
        error = await self._error(talk)
        assert error["code"] == "provider_overloaded"
        assert [other["id"] for other in error["others"]] == ["claude-haiku-5-5", "gemini-3.5-flash-lite"]
        assert set(error["others"][0]) == {"id", "name"}

    async def test_a_model_that_is_gone_names_its_heir(self, talk: Talk, wire: Wire, november: None) -> None:
        gone = b'{"error": {"message": "The model does not exist.", "code": "model_not_found"}}'
        wire.says(plain("404 Not Found", gone))
        error = await self._error(talk, model="gpt-4o-mini")
        assert (error["code"], error["successor"], error["successor_name"]) == (
            "model_gone",
            "gpt-6-luna",
            "GPT-6 Luna",
        )


class TestTheDaysMoney:
    async def test_the_demo_costs_nobody_money(self, talk: Talk, settings: Settings) -> None:
        settings.DAILY_COST_LIMIT = Decimal("0.000001")
        chat = await talk.chat(title="Named")
        done = (await talk.ask(chat, "Hello"))[-1].data
        assert done["status"] == "complete"
        assert done["cost"]  # shown, as people see what a receipt looks like
        assert not await PlatformDay.objects.exclude(micros_used=0, micros_held=0).aexists()

    async def test_beyond_it_nothing_is_asked(self, talk: Talk, wire: Wire, settings: Settings) -> None:
        settings.DAILY_COST_LIMIT = Decimal(1)
        wire.streams(event("Gladly."), event(finish="stop"))
        chat = await talk.chat(title="Named", model="gpt-4o-mini")
        done = (await talk.ask(chat, "Hello"))[-1].data
        assert done["status"] == "complete"
        settings.DAILY_COST_LIMIT = Decimal("0.0016")
        refused = await talk.post(f"/api/chats/{chat.pk}/messages", {"content": "Again"})
        assert (refused.status_code, refused.json()["code"]) == (503, "platform_limit_reached")
        assert await TokenHold.objects.filter(feature="aichat").acount() == 1
        assert await sync_to_async(prove_ledger)() == []


class TestTitles:
    async def test_the_cheapest_model_of_the_same_provider_names_a_chat(
        self, talk: Talk, wire: Wire, settings: Settings
    ) -> None:
        settings.ANTHROPIC_API_KEY = "sk-ant-canary"
        await sync_to_async(quotas.change_tier)(talk.user.pk, "premium_starter", timezone.now())
        wire.streams(event("Gladly."), event(finish="stop"))
        wire.streams(event("Gold and lacquer"), event(finish="stop"))
        chat = await talk.chat(model="gpt-6.1-terra")
        await talk.ask(chat, "Tell me of gold", effort="high")
        await engines.current().drain()
        await chat.arefresh_from_db()
        assert chat.title == "Gold and lacquer"
        assert [body["model"] for body in wire.bodies] == ["gpt-6.1-terra", "gpt-6-luna"]
        assert wire.bodies[1]["reasoning_effort"] == "none"
        assert wire.bodies[1]["max_completion_tokens"] == 64
