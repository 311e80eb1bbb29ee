"""A model that its maker has switched off: its chats say so, name the successor, and nothing else answers unasked."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from pytest_django.fixtures import Settings

from accounts.models import User
from aichat.models import Chat
from aichat.models import ChatMessage
from aichat.tests.factories import make_chat
from aichat.tests.factories import make_talk
from aichat.tests.talking import Talk
from conftest import JsonClient
from core import llm


@pytest.fixture(autouse=True)
def _key(settings: Settings) -> None:
    settings.OPENAI_API_KEY = "sk-test"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    def at(day: date) -> None:
        monkeypatch.setattr(llm.catalogue, "today", lambda: day)

    return at


class TestTheChatSaysSo:
    @pytest.mark.parametrize(
        ("day", "end"),
        [(date(2026, 11, 1), None), (date(2026, 12, 1), False), (date(2027, 1, 13), False), (date(2027, 1, 14), True)],
    )
    def test_from_sixty_days_before(
        self, alice: User, alice_client: JsonClient, clock: Any, day: date, end: bool | None
    ) -> None:
        clock(day)
        chat = make_chat(alice, model="gpt-4o-mini")
        told = alice_client.get(f"/api/chats/{chat.pk}").json()["model_end"]
        assert told == alice_client.get("/api/chats").json()["results"][0]["model_end"]
        if end is None:
            assert told is None
        else:
            assert told == {
                "ended": end,
                "name": "GPT-4o mini",
                "until": "2027-01-14",
                "successor": "gpt-6-luna",
                "successor_name": "GPT-6 Luna",
                "note": "",
            }

    def test_a_chat_stays_readable_and_takes_the_successor(
        self, alice: User, alice_client: JsonClient, clock: Any
    ) -> None:
        clock(date(2027, 1, 15))
        chat = make_chat(alice, model="gpt-4o-mini")
        make_talk(chat, 1)
        assert alice_client.get(f"/api/chats/{chat.pk}/messages").status_code == 200
        answer = alice_client.patch(f"/api/chats/{chat.pk}", {"model": "gpt-6-luna"})
        assert (answer.status_code, answer.json()["model"], answer.json()["model_end"]) == (200, "gpt-6-luna", None)

    def test_a_chat_is_neither_begun_with_it_nor_moved_to_it(
        self, alice: User, alice_client: JsonClient, clock: Any
    ) -> None:
        clock(date(2027, 1, 15))
        chat = make_chat(alice, model="demo")
        for answer in (
            alice_client.post("/api/chats", {"model": "gpt-4o-mini"}),
            alice_client.patch(f"/api/chats/{chat.pk}", {"model": "gpt-4o-mini"}),
        ):
            assert answer.status_code == 410
            body = answer.json()
            assert (body["code"], body["successor"]) == ("model_ended", "gpt-6-luna")
        assert [row.model for row in Chat.objects.all()] == ["demo"]

    def test_a_stranger_learns_nothing(self, alice: User, charlie_client: JsonClient, clock: Any) -> None:
        clock(date(2027, 1, 15))
        chat = make_chat(alice, model="gpt-4o-mini")
        assert charlie_client.get(f"/api/chats/{chat.pk}").status_code == 404
        answer = charlie_client.post(f"/api/chats/{chat.pk}/messages", {"content": "Hi"})
        assert answer.status_code == 404
        assert "successor" not in answer.json()


class TestAsking:
    async def _ask(self, talk: Talk) -> tuple[int, dict[str, Any]]:
        chat = await sync_to_async(make_chat)(talk.user, model="gpt-4o-mini", title="Old")
        response = await talk.post(f"/api/chats/{chat.pk}/messages", {"content": "Hi"})
        body = response.json()
        body.pop("request_id", None)
        return response.status_code, body

    async def test_it_is_refused_with_the_date_and_the_successor(self, talk: Talk, clock: Any) -> None:
        clock(date(2027, 1, 15))
        assert await self._ask(talk) == (
            410,
            {
                "error": "GPT-4o mini was switched off by its maker on 14 January 2027. Go on with GPT-6 Luna?",
                "code": "model_ended",
                "model": "gpt-4o-mini",
                "name": "GPT-4o mini",
                "ended": "2027-01-14",
                "successor": "gpt-6-luna",
                "successor_name": "GPT-6 Luna",
                "note": "",
            },
        )
        assert not await ChatMessage.objects.aexists()

    async def test_where_the_operator_wants_no_successor_none_is_named(
        self, talk: Talk, settings: Settings, clock: Any
    ) -> None:
        settings.LLM_SUCCEED = "never"
        clock(date(2027, 1, 15))
        status, body = await self._ask(talk)
        assert (status, body["successor"], body["successor_name"]) == (410, None, None)

    async def test_where_the_operator_wants_it_the_successor_answers_and_says_so(
        self, talk: Talk, settings: Settings, clock: Any, tmp_path: Path
    ) -> None:
        path = tmp_path / "own.json"
        path.write_text(json.dumps({"models": [{"id": "gpt-4o", "successor": "demo", "min_tier": "basic"}]}))
        settings.LLM_CATALOGUE = path
        settings.LLM_SUCCEED = "auto"
        clock(date(2027, 1, 15))
        chat = await sync_to_async(make_chat)(talk.user, model="gpt-4o", title="Old")
        start = (await talk.ask(chat, "Hi"))[0].data
        assert (start["message"]["model"], start["succeeded"]) == ("demo", "gpt-4o")
        await Chat.objects.filter(pk=chat.pk).aupdate(model="demo")
        again = (await talk.ask(await Chat.objects.aget(pk=chat.pk), "Hi"))[0].data
        assert again["succeeded"] is None


class TestTheMenu:
    def test_it_shows_what_has_ended_only_when_asked(
        self, alice: User, alice_client: JsonClient, settings: Settings, clock: Any
    ) -> None:
        clock(date(2026, 12, 1))
        shown = {row["id"]: row for row in alice_client.get("/api/chats/models?all=true").json()["results"]}
        assert "o1" not in shown
        assert (shown["gpt-4o"]["group"], shown["gpt-4o"]["successor"]) == ("ending", "gpt-6.1-terra")
        gone = {row["id"]: row for row in alice_client.get("/api/chats/models?ended=true").json()["results"]}
        assert (gone["o1"]["group"], gone["o1"]["available"], gone["o1"]["until"]) == ("ended", False, "2026-10-23")
        assert gone["o1"]["successor"] == "gpt-6.2-astra"

    def test_it_has_what_a_menu_needs(self, alice_client: JsonClient, settings: Settings, clock: Any) -> None:
        clock(date(2026, 12, 1))
        settings.DEFAULT_MODEL, settings.GEMINI_API_KEY = "", "key"
        shown = {row["id"]: row for row in alice_client.get("/api/chats/models?all=true").json()["results"]}
        luna, argon = shown["gpt-6-luna"], shown["gemini-3.8-flash"]
        assert [row["id"] for row in shown.values() if row["default"]] == ["gpt-6-luna"]
        assert (luna["maker"], luna["group"], luna["sees"]) == ("OpenAI", "main", ["image", "pdf"])
        assert (luna["efforts"][0], luna["effort"], luna["sampling"]) == ("none", "none", "with_none")
        assert luna["price"]["step"] == 272_000
        assert luna["price"]["above"] == {"input": "0.2", "cached": "0.02", "write": "0.25", "output": "0.75"}
        assert luna["typical_cost"] == "0.0003"
        assert luna["next_price"] is None
        assert (argon["next_price"]["since"], argon["next_price"]["rates"]["input"]) == ("2027-01-01", "1.5")

    def test_a_clock_a_year_ahead_leaves_everything_answering(
        self, alice: User, alice_client: JsonClient, settings: Settings, clock: Any
    ) -> None:
        settings.DEFAULT_MODEL = "gpt-4o-mini"
        clock(date(2027, 1, 15))
        chat = alice_client.post("/api/chats", {}).json()
        assert chat["model"] == "gpt-6-luna"
        chat = make_chat(alice, model="")
        answer = alice_client.post("/api/chats/estimate", {"chat_id": str(chat.pk), "content": "Hi"})
        assert answer.status_code == 200, answer.json()
        assert answer.json()["model"] == "gpt-6-luna"
