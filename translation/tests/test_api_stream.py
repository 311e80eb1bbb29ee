"""Texts as server-sent events: by a service that answers at once, by a model that writes, and by one that fails."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from accounts.models import User
from billing.metering.tokens import quotas
from billing.models import UsageEntry
from conftest import bearer
from translation.models import Translation
from translation.tests.deepl_fake import FakeDeepL
from translation.tests.model_fake import FakeModel
from translation.tests.model_fake import Question
from translation.tests.model_fake import say

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = "The house is big and old.\n\nWhere are you going tonight?"
DE = {
    "The house is big and old.": "Das Haus ist groß und alt.",
    "Where are you going tonight?": "Wohin gehst du heute Abend?",
}


class Reader:
    """Somebody who looks on."""

    def __init__(self, headers: dict[str, str]) -> None:
        self.headers, self.client = headers, AsyncClient()

    async def post(self, **body: Any) -> Any:
        sent = {"text": TEXT, "target_lang": "de", "source_lang": "en", **body}
        return await self.client.post(
            "/api/translation/stream", sent, content_type="application/json", headers=self.headers
        )

    async def events(self, **body: Any) -> list[tuple[str, dict[str, Any]]]:
        answer = await self.post(**body)
        assert answer.status_code == 200, answer.content
        return [event async for event in _events(answer)]


async def _events(answer: Any) -> AsyncGenerator[tuple[str, dict[str, Any]]]:
    async for part in answer.streaming_content:
        name, data = part.decode().strip().split("\n")
        yield name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def _shown(events: list[tuple[str, dict[str, Any]]]) -> str:
    """What stands in the pane at the end."""
    text = ""
    for name, data in events:
        text = "" if name == "reset" else text + data.get("delta", "")
    return text


@pytest.fixture
async def alice_reads(alice: User) -> Reader:
    return Reader(await sync_to_async(bearer)(alice))


def _by_passage(asked: Question) -> str:
    return say({key: DE[text] for key, text in asked.segments.items()}) if asked.segments else DE[asked.text]


async def test_a_service_that_answers_at_once_is_shown_in_one_piece(alice_reads: Reader, vendor: FakeDeepL) -> None:
    events = await alice_reads.events(client_id="mine")
    assert [name for name, _ in events] == ["delta", "done"]
    wanted = "[DE] The house is big and old.\n\n[DE] Where are you going tonight?"
    assert _shown(events) == events[-1][1]["translation"]["text"] == wanted
    again = await alice_reads.events(client_id="mine")
    assert again == events[-1:]
    assert vendor.count("/v2/translate") == 1


async def test_a_model_is_seen_writing_and_is_paid_by_use(alice_reads: Reader, model: FakeModel, alice: User) -> None:
    model.answer = _by_passage
    events = await alice_reads.events(service="llm")
    done = events[-1][1]["translation"]
    assert _shown(events) == done["text"] == "Das Haus ist groß und alt.\n\nWohin gehst du heute Abend?"
    assert (done["flags"], done["model"], done["service"]) == ([], "m", "llm")
    assert done["tokens_charged"] == 220
    entries = [entry async for entry in UsageEntry.objects.all()]
    assert sorted(entry.total_tokens for entry in entries) == [110, 110]
    held = await sync_to_async(quotas.peek)(alice.pk)
    assert (held.used, held.held) == (220, 0)


async def test_a_passage_that_does_not_fit_is_shown_anew(alice_reads: Reader, model: FakeModel) -> None:
    model.answer = lambda asked: _by_passage(asked) if asked.segments else f"Here is the translation: {DE[asked.text]}"
    events = await alice_reads.events(service="llm")
    assert [name for name, _ in events].count("reset") == 2
    done = events[-1][1]["translation"]
    assert _shown(events) == done["text"] == "Das Haus ist groß und alt.\n\nWohin gehst du heute Abend?"
    assert done["flags"] == []


async def test_a_refusal_ends_the_stream_and_costs_nothing(alice_reads: Reader, vendor: FakeDeepL, alice: User) -> None:
    await alice_reads.events()
    vendor.orders.statuses = [456]
    events = await alice_reads.events()
    assert [(name, data["code"]) for name, data in events] == [("error", "service_quota")]
    row = await Translation.objects.order_by("-id").afirst()
    assert row is not None
    assert (row.status, row.tokens_charged) == ("failed", 0)
    assert (await sync_to_async(quotas.peek)(alice.pk)).held == 0


async def test_who_leaves_pays_what_was_written(alice_reads: Reader, model: FakeModel, alice: User) -> None:
    model.answer = _by_passage
    answer = await alice_reads.post(service="llm")
    pieces = answer.pieces  # which the server's handler reads
    assert b"delta" in await anext(pieces)
    await pieces.aclose()
    row = await Translation.objects.aget()
    assert row.status == "cancelled"
    assert 0 < row.tokens_charged <= 220
    held = await sync_to_async(quotas.peek)(alice.pk)
    assert (held.used, held.held) == (row.tokens_charged, 0)
    assert len(model.asked) == 1


async def test_what_is_refused_before_it_begins_is_a_plain_answer(alice_reads: Reader) -> None:
    answer = await alice_reads.post(target_lang="en")
    assert (answer.status_code, answer.json()["code"]) == (400, "same_language")
    assert (await AsyncClient().post("/api/translation/stream", {}, content_type="application/json")).status_code == 401
