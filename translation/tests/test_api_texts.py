"""Texts through the front door: translated, paid in tokens once, kept, found and deleted."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from billing.metering.tokens import quotas
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from conftest import JsonClient
from conftest import signed_in
from core.jobs.worker import run_job
from core.models import Job
from core.models import StreamEvent
from translation import pricing
from translation.errors import AlreadyRunning
from translation.models import Translation
from translation.services.texts import asking
from translation.services.texts import later
from translation.tests.deepl_fake import FakeDeepL

URL = "/api/translation"
HELLO = {"text": "Good morning, how are you today?", "target_lang": "uk"}


@pytest.fixture
def client(alice: User) -> JsonClient:
    return signed_in(alice)


def _post(client: JsonClient, status: int = 200, **body: Any) -> dict[str, Any]:
    answer = client.post(URL, {**HELLO, **body})
    assert answer.status_code == status, answer.content
    return dict(answer.json())


def test_a_text_is_translated_charged_by_its_tokens_and_kept(client: JsonClient, alice: User) -> None:
    told = _post(client)
    assert told["text"] == "⟪uk⟫ Good morning, how are you today?"
    assert (told["service"], told["is_demo"], told["status"]) == ("demo", True, "completed")
    assert (told["detected_lang"], told["detected_sure"]) == ("en", True)
    assert (told["char_count"], told["chunk_count"]) == (32, 1)
    tokens = pricing.source_tokens(HELLO["text"])
    assert told["tokens_charged"] == tokens
    entry = UsageEntry.objects.get()
    assert (entry.feature, entry.total_tokens, entry.reference) == ("translation", tokens, told["id"])
    held = quotas.peek(alice.pk)
    assert (held.used, held.held) == (tokens, 0)
    assert client.get(f"{URL}/{told['id']}").json() == told


def test_by_deepl_with_its_price(client: JsonClient, vendor: FakeDeepL) -> None:
    told = _post(client, text="a" * 1801, source_lang="en", formality="more")
    assert told["text"] == "[UK] " + "a" * 1801
    assert (told["service"], told["plan"], told["cost"], told["currency"]) == (
        "deepl",
        "Kintsugi Basic",
        "0.1000",
        "USD",
    )
    assert told["flags"] == ["formality_ignored"]
    assert vendor.billed == 1801


def test_paragraphs_and_what_looks_like_markers_come_back_as_they_were(client: JsonClient) -> None:
    told = _post(client, text="One ⟦1⟧ here.\n\n  * Two\nlines\n\n***\n\nThree")
    assert told["text"] == "⟪uk⟫ One ⟦1⟧ here.\n\n  ⟪uk⟫ * Two\nlines\n\n***\n\n⟪uk⟫ Three"


def test_asked_again_under_the_same_id_it_is_done_and_charged_once(client: JsonClient, vendor: FakeDeepL) -> None:
    first = _post(client, client_id="mine")
    assert _post(client, client_id="mine") == first
    assert vendor.count("/v2/translate") == 1
    assert UsageEntry.objects.count() == 1
    assert _post(client, 409, client_id="mine", target_lang="de")["code"] == "idempotency_mismatch"


def test_what_failed_costs_nothing_and_may_be_asked_again(client: JsonClient, vendor: FakeDeepL, alice: User) -> None:
    client.get(f"{URL}/services")  # which asks for the languages
    vendor.orders.statuses = [529]
    assert _post(client, 503, client_id="mine")["code"] == "service_busy"
    row = Translation.objects.get()
    assert (row.status, row.error_code, row.tokens_charged) == ("failed", "service_busy", 0)
    assert quotas.peek(alice.pk).held == 0
    told = _post(client, client_id="mine")
    assert told["id"] == str(row.pk)
    assert told["status"] == "completed"
    assert sum(entry.total_tokens for entry in UsageEntry.objects.all()) == told["tokens_charged"]


def test_one_that_is_being_done_is_not_begun_twice(client: JsonClient, alice: User) -> None:
    ask = asking.Ask("Good morning", "uk")
    asking.begin(alice, ask, client_id="mine")
    assert _post(client, 409, text="Good morning", client_id="mine")["code"] == "already_running"
    Translation.objects.update(started_at="2026-01-01T00:00:00Z")
    assert later.sweep() == 1
    assert Translation.objects.get().error_code == "translation_interrupted"
    assert _post(client, text="Good morning", client_id="mine")["status"] == "completed"


def test_of_two_that_try_again_at_once_one_does_it(client: JsonClient, alice: User, vendor: FakeDeepL) -> None:
    """Both have looked and found that it failed; the later one must not take it from the first, and be charged too."""
    client.get(f"{URL}/services")
    vendor.orders.statuses = [529]
    _post(client, 503, text="Good morning", client_id="mine")
    ask = asking.Ask("Good morning", "uk")
    asking.begin(alice, ask, client_id="mine")
    with pytest.raises(AlreadyRunning):
        asking.begin(alice, ask, client_id="mine")
    assert TokenHold.objects.filter(state=TokenHold.State.HELD).count() == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"target_lang": "xx"}, "unsupported_language"),
        ({"source_lang": "tlh"}, "unsupported_language"),
        ({"target_lang": "en"}, "same_language"),
        ({"source_lang": "uk"}, "same_language"),
        ({"text": "Questo è un libro molto interessante", "target_lang": "it"}, "same_language"),
        ({"text": ""}, "invalid"),
        ({"text": "a" * 50_001}, "invalid"),
        ({"service": "magic"}, "invalid"),
        ({"formality": "rude"}, "invalid"),
        ({"instructions": "a" * 501}, "invalid"),
        ({"text": "nul \x00"}, "invalid"),
    ],
)
def test_what_cannot_be_done_is_said_and_charged_to_nobody(client: JsonClient, body: dict[str, Any], code: str) -> None:
    assert _post(client, 400, **body)["code"] == code
    assert not Translation.objects.exists()
    assert not UsageEntry.objects.exists()


def test_a_short_text_is_no_proof_of_its_language(client: JsonClient) -> None:
    told = _post(client, text="Ciao", target_lang="it")
    assert told["detected_sure"] is False


def test_without_tokens_nothing_is_asked(client: JsonClient, vendor: FakeDeepL) -> None:
    _post(client, text="word " * 5)
    TokenQuota.objects.update(tokens_used=100_000)
    assert _post(client, 429, client_id="x")["code"] == "token_limit_exceeded"
    assert vendor.count("/v2/translate") == 1
    assert Translation.objects.count() == 1


def test_a_long_text_may_be_done_in_the_background(
    client: JsonClient, alice: User, django_capture_on_commit_callbacks: Any
) -> None:
    text = "A sentence of a long text. " * 200
    with django_capture_on_commit_callbacks():
        answer = client.post(URL, {**HELLO, "text": text, "client_id": "mine"}, headers={"Prefer": "respond-async"})
    assert answer.status_code == 202
    told = answer.json()
    assert (told["status"], told["text"]) == ("pending", "")
    assert _post(client, 202, text=text, client_id="mine")["id"] == told["id"]
    _work()
    done = client.get(f"{URL}/{told['id']}").json()
    assert done["status"] == "completed"
    assert done["text"].startswith("⟪uk⟫ A sentence")
    event = StreamEvent.objects.get(type="translation.updated")
    payload = json.loads(event.payload)
    assert (payload["id"], payload["status"], payload["stage"]) == (told["id"], "completed", "")


def _work() -> None:
    for job in Job.objects.filter(kind="translation.text", finished_at=None):
        run_job(job.pk)


def test_the_history_is_ones_own_and_can_be_searched(client: JsonClient, charlie: User) -> None:
    ids = [_post(client, text=f"The {word} is red and very old")["id"] for word in ("house", "car", "book")]
    found = client.get(URL).json()["results"]
    assert [one["id"] for one in found] == ids[::-1]
    assert found[0]["source_start"] == "The book is red and very old"
    assert found[0]["result_start"].startswith("⟪uk⟫")
    for query, expected in (("q=CAR", ids[1:2]), ("kind=document", []), ("service=demo&status=completed", ids[::-1])):
        assert [one["id"] for one in client.get(f"{URL}?{query}").json()["results"]] == expected
    assert client.get(f"{URL}?kind=poem").status_code == 400
    page = client.get(f"{URL}?limit=2").json()
    assert len(page["results"]) == 2 and page["next"]
    assert signed_in(charlie).get(URL).json()["results"] == []


def test_a_list_takes_as_many_queries_for_many_as_for_one(client: JsonClient) -> None:
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(URL).status_code == 200
        return len(queries)

    _post(client)
    few = count()
    for _ in range(4):
        _post(client)
    assert count() == few


def test_a_stranger_finds_nothing(client: JsonClient, charlie: User) -> None:
    told = _post(client)
    stranger = signed_in(charlie)
    for verb in (stranger.get, stranger.delete):
        assert verb(f"{URL}/{told['id']}").status_code == 404
        assert verb(f"{URL}/{uuid4()}").status_code == 404
    assert JsonClient().post(URL, HELLO).status_code == 401
    assert client.get(f"{URL}/{told['id']}").status_code == 200


def test_deleted_its_words_are_gone_and_the_figures_stay(client: JsonClient) -> None:
    told = _post(client, client_id="mine")
    assert client.delete(f"{URL}/{told['id']}").status_code == 204
    assert client.get(f"{URL}/{told['id']}").status_code == 404
    row = Translation.objects.get()
    assert row.user_id is None
    assert row.char_count == 32
    assert not hasattr(row, "text")
    assert _post(client, client_id="mine")["id"] != told["id"]
