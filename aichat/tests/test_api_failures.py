"""What a user meets when something is wrong: each its own sentence and code, before the stream or inside it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from pytest_django.fixtures import Settings

from aichat.errors import QuestionTooLong
from aichat.models import ChatMessage
from aichat.tests.talking import Event
from aichat.tests.talking import Talk
from aichat.tests.talking import text_of
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from core.llm import discovery
from core.llm import errors
from core.llm.tests.wires import DONE
from core.llm.tests.wires import HEAD
from core.llm.tests.wires import Wire
from core.llm.tests.wires import event
from core.llm.tests.wires import piece
from core.llm.tests.wires import plain
from tests.peers import LLAMACPP_MODEL
from tests.peers import LLMock

USAGE = {"prompt_tokens": 21, "completion_tokens": 2, "total_tokens": 23}


async def _refusal(talk: Talk, body: dict[str, Any], **chat: Any) -> tuple[int, dict[str, Any]]:
    """A request that must fail before the stream: nothing written, nothing held."""
    made = await talk.chat(**chat)
    response = await talk.post(f"/api/chats/{made.pk}/messages", body)
    assert not response.streaming
    assert response.headers["content-type"] == "application/json"
    assert not await ChatMessage.objects.aexists()
    assert not await TokenHold.objects.aexists()
    return response.status_code, response.json()


async def _failure(talk: Talk, **chat: Any) -> tuple[Event, ChatMessage]:
    """A request whose stream ends in an error, and the message that keeps it."""
    made = await talk.chat(**{"model": "gpt-4o-mini", "title": "Failing"} | chat)
    *events, last = await talk.ask(made, "Hello")
    assert (last.event, last.is_last) == ("error", True)
    message = await ChatMessage.objects.aget(role="assistant")
    assert last.data["message_id"] == str(message.pk)
    assert last.data["request_id"]
    assert message.error is not None
    assert message.error["code"] == last.data["code"]
    assert text_of(events) == message.content
    hold = await TokenHold.objects.aget(feature="aichat")
    assert hold.state == "settled"
    return last, message


async def _ledger() -> tuple[int, int, str]:
    entry = await UsageEntry.objects.aget(feature="aichat")
    return entry.prompt_tokens, entry.completion_tokens, entry.source


class TestBeforeTheStream:
    async def test_no_provider_for_the_model(self, talk: Talk) -> None:
        status, body = await _refusal(talk, {"content": "Hi"}, model="gpt-4o-mini")
        assert (status, body["code"], body["error"]) == (503, "no_provider", errors.NoProvider.message)

    async def test_an_unknown_model(self, talk: Talk) -> None:
        status, body = await _refusal(talk, {"content": "Hi", "model": "gpt-99"})
        assert (status, body["code"]) == (400, "unknown_model")

    async def test_a_model_above_the_plan(self, talk: Talk, settings: Settings) -> None:
        settings.OPENAI_API_KEY = "sk-test"
        status, body = await _refusal(talk, {"content": "Hi", "model": "gpt-6.2-sol"})
        assert (status, body["code"]) == (403, "upgrade_required")
        assert body["required_tier"].startswith("premium")

    async def test_our_quota(self, talk: Talk, settings: Settings) -> None:
        settings.TOKEN_LIMITS = settings.TOKEN_LIMITS | {"basic": 70}
        status, body = await _refusal(talk, {"content": "Hello, how are you today?"})
        assert (status, body["code"], body["limit"], body["used"]) == (429, "token_limit_exceeded", 70, 0)
        assert body["reset_at"]

    async def test_a_question_longer_than_the_model_reads(self, talk: Talk) -> None:
        status, body = await _refusal(talk, {"content": "слово " * 33_000})
        assert (status, body["code"], body["error"]) == (400, "context_too_long", QuestionTooLong.message)

    @pytest.mark.parametrize("body", [{"content": "  "}, {}, {"content": "x" * 200_001}, {"content": "a\x00b"}])
    async def test_a_question_that_is_none(self, talk: Talk, body: dict[str, Any]) -> None:
        status, answer = await _refusal(talk, body)
        assert (status, answer["code"]) == (400, "invalid")
        assert "content" in answer["details"]

    async def test_the_ledger_is_asked_inside_the_same_transaction(
        self, talk: Talk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from billing import metering

        def broken(*_args: object, **_kwargs: object) -> None:
            raise metering.MeteringUnavailable

        monkeypatch.setattr(metering, "hold", broken)
        status, body = await _refusal(talk, {"content": "Hi"})
        assert (status, body["code"]) == (503, "metering_unavailable")


class TestInsideTheStream:
    @pytest.mark.parametrize(
        ("status", "body", "error"),
        [
            ("401 Unauthorized", b'{"error": {"message": "bad key"}}', errors.ProviderRejectedKey),
            ("429 Too Many", b'{"error": {"code": "insufficient_quota"}}', errors.ProviderQuotaExceeded),
            ("400 Bad", b'{"error": {"code": "context_length_exceeded"}}', errors.ContextTooLong),
            ("422 No", b'{"error": {"message": "not like this"}}', errors.ProviderRefused),
        ],
    )
    async def test_a_refusal_of_the_provider_costs_nothing(
        self, talk: Talk, wire: Wire, status: str, body: bytes, error: type[errors.ModelError]
    ) -> None:
        wire.says(plain(status, body))
        last, message = await _failure(talk)
        assert (last.data["code"], last.data["error"]) == (error.code, error.message)
        assert message.status == "failed"
        assert await _ledger() == (0, 0, "local")

    async def test_429_names_the_time_to_come_back(self, talk: Talk, llmock_server: LLMock) -> None:
        llmock_server.script(*[{"type": "fail", "status": 429, "retry_after": 1}] * 5)
        last, message = await _failure(talk)
        assert last.data["code"] == "provider_rate_limited"
        assert (message.status, await _ledger()) == ("failed", (0, 0, "local"))

    async def test_a_silent_provider(self, talk: Talk, wire: Wire, settings: Settings) -> None:
        settings.LLM_SILENCE_SECONDS = 0.3
        settings.LLM_RETRIES = 0
        wire.says(HEAD)
        last, message = await _failure(talk)
        assert (last.data["code"], message.status) == ("provider_silent", "failed")
        assert await _ledger() == (0, 0, "local")

    async def test_a_provider_that_falls_silent(self, talk: Talk, wire: Wire, settings: Settings) -> None:
        settings.LLM_SILENCE_SECONDS = 0.3
        wire.says(HEAD, piece(event("So far ")))
        last, message = await _failure(talk)
        assert (last.data["code"], message.status, message.content) == ("provider_silent", "incomplete", "So far ")
        prompt, completion, source = await _ledger()
        assert (prompt > 0, completion, source) == (True, 3, "local")
        told = [last.data[name] for name in ("status", "prompt_tokens", "completion_tokens", "total_tokens")]
        assert told == ["incomplete", prompt, completion, prompt + completion]

    async def test_a_cut_stream_keeps_its_text(self, talk: Talk, wire: Wire) -> None:
        wire.cuts_after(HEAD, piece(event("Half")))
        last, message = await _failure(talk)
        assert (last.data["code"], message.status, message.content) == ("stream_cut", "incomplete", "Half")
        assert last.id == "4.done"

    async def test_a_filtered_answer(self, talk: Talk, wire: Wire) -> None:
        wire.streams(event("Well, "), event(finish="content_filter"), event(choices=[], usage=USAGE), DONE)
        last, message = await _failure(talk)
        assert (last.data["code"], last.data["error"]) == ("content_filtered", errors.ContentFiltered.message)
        assert (message.finish_reason, await _ledger()) == ("content_filter", (21, 2, "provider"))

    async def test_a_defect_of_ours_says_nothing_about_the_inside(
        self, talk: Talk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from core import llm

        def broken(*_args: object, **_kwargs: object) -> None:
            raise RuntimeError("canary-inside")

        monkeypatch.setattr(llm, "stream", broken)
        last, message = await _failure(talk, model="demo")
        assert (last.data["code"], message.status) == ("server_error", "failed")
        assert "canary" not in str(last.data)


class TestCounting:
    async def test_a_zero_beside_text_is_no_count(self, talk: Talk, wire: Wire) -> None:
        usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
        wire.streams(event("Not free"), event(finish="stop"), event(choices=[], usage=usage), DONE)
        chat = await talk.chat(model="gpt-4o-mini", title="Free")
        done = (await talk.ask(chat, "Hello"))[-1].data
        assert (done["completion_tokens"], done["estimated"]) == (2, True)
        assert (await _ledger())[1:] == (2, "local")

    async def test_without_its_count_ours_is_marked(self, talk: Talk, wire: Wire) -> None:
        wire.streams(event("Hello there"), event(finish="stop"), DONE)
        chat = await talk.chat(model="gpt-4o-mini", title="Counted here")
        done = (await talk.ask(chat, "Hello"))[-1].data
        assert (done["completion_tokens"], done["estimated"]) == (2, True)
        assert (await _ledger())[2] == "local"

    async def test_a_nul_in_an_answer_shifts_no_position(self, talk: Talk, wire: Wire) -> None:
        wire.streams(event("a\x00b"), event("c"), event(finish="stop"), DONE)
        chat = await talk.chat(model="gpt-4o-mini", title="NUL")
        events = await talk.ask(chat, "Hello")
        assert (text_of(events), events[-1].id) == ("abc", "3.done")

    async def test_a_real_engine_counts_what_is_charged(self, talk: Talk, llamacpp_server: str) -> None:
        await asyncio.to_thread(discovery.search)
        models = (await talk.get("/api/chats/models?all=true")).json()["results"]
        model = next(found["id"] for found in models if LLAMACPP_MODEL in found["id"])
        chat = await talk.chat(model=model, title="Noise")
        done = (await talk.ask(chat, "Hello"))[-1].data
        assert done["estimated"] is False
        assert await _ledger() == (done["prompt_tokens"], done["completion_tokens"], "provider")

    async def test_what_is_asked_for_is_what_was_held(self, talk: Talk, wire: Wire, settings: Settings) -> None:
        settings.TOKEN_LIMITS = settings.TOKEN_LIMITS | {"basic": 500}
        wire.streams(event("ok"), event(finish="stop"), DONE)
        chat = await talk.chat(model="gpt-4o-mini", title="Held")
        await talk.ask(chat, "Hello")
        hold = await TokenHold.objects.aget()
        assert wire.bodies[0]["max_tokens"] == hold.max_tokens < 500
        quota = await TokenQuota.objects.aget()
        assert (quota.tokens_held, quota.tokens_used) == (0, hold.charged)


async def test_answers_need_the_servers_loop(talk: Talk) -> None:
    """Under WSGI there is no loop that would go on writing."""
    from conftest import signed_in

    def ask() -> None:
        client = signed_in(talk.user)
        chat = client.post("/api/chats", {}).json()
        client.raise_request_exception = True
        client.post(f"/api/chats/{chat['id']}/messages", {"content": "Hi"})

    with pytest.raises(Exception, match="event loop"):
        await sync_to_async(ask)()
