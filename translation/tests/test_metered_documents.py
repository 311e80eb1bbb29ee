"""Documents by a service that is paid by the call: what was used is booked, and never more than was agreed to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db.models import Sum

from accounts.models import User
from billing.models import TokenHold
from billing.models import UsageEntry
from conftest import JsonClient
from translation.models import Translation
from translation.models import TranslationTerm
from translation.providers import registry
from translation.providers.base import Capabilities
from translation.providers.base import Context
from translation.providers.base import TextsOnly
from translation.providers.base import Translated
from translation.segments import Outcome
from translation.segments import Segment
from translation.services.documents import inspecting
from translation.tests.document_kit import content_of
from translation.tests.document_kit import quoted
from translation.tests.document_kit import seen
from translation.tests.document_kit import start
from translation.tests.document_kit import work
from translation.tests.model_fake import FakeModel
from translation.tests.model_fake import Question
from translation.tests.model_fake import say
from translation.tests.test_documents import long_letter

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("documents")]


class Paid(TextsOnly):
    """A model that uses so many tokens for each call."""

    name = "llm"
    is_demo = False
    uses = 700
    loses: frozenset[int] = frozenset()
    """Segments that it does not answer."""
    asked: int = 0
    """Segments it was given."""

    def capabilities(self) -> Capabilities:
        return Capabilities(is_metered_by_use=True, max_texts=2_000, max_bytes=2_000_000)

    def translate(self, batch: Sequence[Segment], ctx: Context) -> Translated:
        with ctx.meter.call(100, 2_000) as call:
            call.used(100, self.uses - 100)
        self.asked += len(batch)
        said = [one for one in batch if one.number not in self.loses]
        return Translated([Outcome(one.number, f"Слово {one.text}") for one in said])


@pytest.fixture
def paid(monkeypatch: pytest.MonkeyPatch) -> Paid:
    made, get, is_on = Paid(), registry.get, registry.is_on
    monkeypatch.setattr(registry, "get", lambda name: made if name == "llm" else get(name))
    monkeypatch.setattr(registry, "is_on", lambda name: name == "llm" or is_on(name))

    def choose(found: Translation) -> None:
        found.model = "model"

    monkeypatch.setattr(inspecting, "_choose_model", choose)
    return made


def test_calls_are_booked_as_they_are_used(alice: User, alice_client: JsonClient, paid: Paid) -> None:
    found = quoted(alice_client, long_letter(3), service="llm")
    assert found["service"] == "llm"
    start(alice_client, found)
    work()
    done = seen(alice_client, found["id"])
    assert done["stage"] == "done"
    booked = UsageEntry.objects.aggregate(sum=Sum("total_tokens"))["sum"]
    assert booked == done["tokens_charged"] == paid.uses * UsageEntry.objects.count()
    assert booked <= found["quote"]["tokens"]
    assert not TokenHold.objects.filter(state=TokenHold.State.HELD).exists()


def test_what_would_take_more_than_was_agreed_to_stops_and_asks(
    alice_client: JsonClient, paid: Paid, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = quoted(alice_client, long_letter(4), service="llm")
    start(alice_client, found)
    work(at_most=1)
    Translation.objects.update(tokens_estimated=paid.uses)
    work()
    stopped = seen(alice_client, found["id"])
    assert [chunk["state"] for chunk in stopped["chunks"]] == ["done", "failed", "failed", "failed"]
    assert stopped["chunks"][1]["error"]["code"] == "quote_exceeded"
    assert stopped["tokens_charged"] == paid.uses
    alice_client.post(f"/api/translation/documents/{found['id']}/retry", {})
    work()
    assert seen(alice_client, found["id"])["stage"] == "done"


def test_what_does_not_come_back_is_no_silent_loss_and_is_asked_for_alone(alice_client: JsonClient, paid: Paid) -> None:
    """Complaint 3: two of fifty, never called complete, and tried again without the other forty-eight."""
    paid.loses = frozenset({7, 31})
    letter = "".join(f"Paragraph number {number}.\n\n" for number in range(1, 51)).encode()
    found = quoted(alice_client, letter, service="llm")
    start(alice_client, found)
    work()
    lost = seen(alice_client, found["id"])
    assert (lost["status"], lost["error"]["code"]) == ("failed", "parts_failed")
    assert lost["error"]["message"].startswith("2 of 50 passages")
    assert lost["files"]["result"], "what is there can be had"

    paid.loses, paid.asked = frozenset(), 0
    assert alice_client.post(f"/api/translation/documents/{found['id']}/retry", {}).status_code == 202
    work()
    assert paid.asked == 2
    done = seen(alice_client, found["id"])
    assert (done["stage"], done["quality"]["failed"]) == ("done", 0)


def test_what_was_translated_before_and_what_is_repeated_is_not_asked_for(alice_client: JsonClient, paid: Paid) -> None:
    letter = "".join(f"Paragraph {number}.\n\nThe same line again.\n\n" for number in range(5)).encode()
    for asked in (6, 0):
        paid.asked = 0
        found = quoted(alice_client, letter, service="llm")
        start(alice_client, found)
        work()
        done = seen(alice_client, found["id"])
        assert (done["stage"], paid.asked) == ("done", asked)
        assert content_of(done["files"]["result"]).decode().count("Слово The same line") == 5
    assert done["tokens_charged"] == 0, "what is remembered costs nothing"


def test_a_name_has_one_rendering_in_all_of_a_book(alice_client: JsonClient, model: FakeModel) -> None:
    """Complaint 13: a model that calls a person by two names; the first rendering wins, and is asked for once."""
    names = iter(["Джон Сміт", *["Джон Коваль"] * 9])

    def answer(asked: Question) -> str:
        if set(asked.segments.values()) == {"John Smith"}:
            return say({key: next(names) for key in asked.segments})
        known = asked.data.get("glossary", {}).get("John Smith") or next(names)
        return say({key: "слово " * text.count("word") + known for key, text in asked.segments.items()})

    model.answer = answer
    part = "word " * 2_300 + "and John Smith"
    found = quoted(alice_client, f"{part}\n\nAlso {part}\n".encode(), service="llm")
    start(alice_client, found)
    work(ahead=timedelta(minutes=1))
    done = seen(alice_client, found["id"])
    text = content_of(done["files"]["result"]).decode()
    assert (done["stage"], text.count("Джон Сміт"), text.count("Коваль")) == ("done", 2, 0)
    term = TranslationTerm.objects.get()
    assert (term.source, term.target, term.count) == ("John Smith", "Джон Сміт", 2)
