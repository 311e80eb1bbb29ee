"""Texts by language models through the front door: paid by use, remembered for their owner alone."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from billing.metering.tokens import quotas
from billing.models import UsageEntry
from conftest import JsonClient
from conftest import signed_in
from translation.models import TranslationMemory
from translation.tests.model_fake import FakeModel
from translation.tests.model_fake import say

TEXT = "The house is big and old.\n\nWhere are you going tonight?"
DE = {
    "The house is big and old.": "Das Haus ist groß und alt.",
    "Where are you going tonight?": "Wohin gehst du heute Abend?",
    "And a new one.": "Und ein neues.",
}


@pytest.fixture
def good(model: FakeModel) -> FakeModel:
    model.answer = lambda asked: say({key: DE[text] for key, text in asked.segments.items()})
    return model


def _post(user: User, status: int = 200, **body: Any) -> dict[str, Any]:
    client: JsonClient = signed_in(user)
    answer = client.post(
        "/api/translation", {"text": TEXT, "target_lang": "de", "source_lang": "en", "service": "llm", **body}
    )
    assert answer.status_code == status, answer.content
    return dict(answer.json())


def test_a_model_is_paid_by_what_it_used(good: FakeModel, alice: User) -> None:
    told = _post(alice)
    assert told["text"] == "Das Haus ist groß und alt.\n\nWohin gehst du heute Abend?"
    assert (told["service"], told["model"], told["is_demo"], told["flags"]) == ("llm", "m", False, [])
    assert told["tokens_charged"] == 110
    entry = UsageEntry.objects.get()
    assert (entry.total_tokens, entry.model, entry.reference) == (110, "m", told["id"])
    held = quotas.peek(alice.pk)
    assert (held.used, held.held) == (110, 0)


def test_what_was_translated_before_is_not_asked_again_of_its_owner(good: FakeModel, alice: User, bob: User) -> None:
    _post(alice)
    again = _post(alice, text=f"{TEXT}\n\nAnd a new one.")
    assert again["text"].endswith("Abend?\n\nUnd ein neues.")
    assert [list(asked.segments.values()) for asked in good.asked] == [list(DE)[:2], ["And a new one."]]
    assert _post(alice)["tokens_charged"] == 0
    assert len(good.asked) == 2
    _post(alice, formality="more")
    _post(bob)
    assert [len(asked.segments) for asked in good.asked[2:]] == [2, 2]


def test_what_is_flagged_is_shown_and_not_remembered(good: FakeModel, alice: User) -> None:
    good.answer = lambda asked: say(asked.segments)
    told = _post(alice)
    assert told["flags"] == ["untranslated"]
    assert told["text"] == TEXT
    assert not TranslationMemory.objects.exists()


def test_a_model_that_refuses_costs_nothing(good: FakeModel, alice: User) -> None:
    good.status = 402
    assert _post(alice, 503)["code"] == "service_quota"
    assert quotas.peek(alice.pk).held == 0
    assert sum(entry.total_tokens for entry in UsageEntry.objects.all()) == 0
    assert _post(alice, 400, model="no-such-model")["code"] == "unknown_model"
