"""Documents that DeepL takes whole, against a DeepL of our own: uploaded and charged once, whatever it answers."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from billing.models import Order
from billing.models import TokenHold
from billing.models import UsageEntry
from billing.providers.demo import actions
from conftest import JsonClient
from core.mail.models import OutgoingMail
from translation import books_worker
from translation import paging
from translation.models import Translation
from translation.models import TranslationChunk
from translation.services.documents import starting
from translation.services.documents import sweeping
from translation.tests.books.making import facts
from translation.tests.books.making import make_book
from translation.tests.deepl_fake import MINIMUM
from translation.tests.deepl_fake import FakeDeepL
from translation.tests.document_kit import LETTER
from translation.tests.document_kit import PATH
from translation.tests.document_kit import content_of
from translation.tests.document_kit import docx
from translation.tests.document_kit import quoted
from translation.tests.document_kit import seen
from translation.tests.document_kit import start
from translation.tests.document_kit import work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("documents")]
AHEAD = timedelta(minutes=6)
UPLOAD = "/v2/document"


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """PDFs too, unless they are set anew, which forks: tests of paging have the children."""
    apart = paging._ask

    def ask(command: str, **arguments: Any) -> dict[str, Any]:
        if command == "fill":
            return apart(command, **arguments)
        return books_worker.answer(command, arguments)

    monkeypatch.setattr(paging, "_ask", ask)


def begun(client: JsonClient, content: bytes = LETTER, name: str = "letter.txt", **values: Any) -> dict[str, Any]:
    found = quoted(client, content, name, service="deepl", path="native", **values)
    assert start(client, found).status_code == 202
    return found


def test_a_letter_is_uploaded_once_with_its_glossary_and_billed_as_it_was_quoted(
    alice_client: JsonClient, vendor: FakeDeepL
) -> None:
    words = {
        "name": "Words",
        "source_lang": "en",
        "target_lang": "uk",
        "entries": [{"source": "house", "target": "дім"}],
    }
    glossary = alice_client.post("/api/translation/glossaries", words).json()["id"]
    content = docx("The house is big.")
    found = begun(alice_client, content, "letter.docx", glossary=glossary)
    assert found["billed_chars"] == MINIMUM
    work(ahead=AHEAD)
    done = seen(alice_client, found["id"])
    assert (done["stage"], content_of(done["files"]["result"])) == ("done", b"translated:" + content)
    (upload,) = [one for one in vendor.asked if one.path == UPLOAD]
    assert upload.form["glossary_id"] in vendor.glossaries
    assert vendor.uploads == [content]
    assert vendor.billed == TranslationChunk.objects.get().vendor_billed == found["billed_chars"]
    assert UsageEntry.objects.get().total_tokens == done["quote"]["tokens"] == done["tokens_charged"]
    # It hands a document out once, and has none of it afterwards: there is nothing left to delete.
    assert all(document.is_fetched for document in vendor.documents.values())


@pytest.mark.parametrize("status", [429, 503, 529])
def test_what_is_refused_for_now_is_no_doubt(alice_client: JsonClient, vendor: FakeDeepL, status: int) -> None:
    found = begun(alice_client)
    vendor.orders.statuses = [status]
    work()
    assert seen(alice_client, found["id"])["stage"] == "waiting_service"
    work(ahead=AHEAD)
    assert seen(alice_client, found["id"])["stage"] == "done"
    assert (vendor.uploads, TranslationChunk.objects.get().doubtful) == ([LETTER], 0)
    assert UsageEntry.objects.count() == 1


def test_without_credit_nothing_is_asked_again_before_staff_said_so(
    alice_client: JsonClient, vendor: FakeDeepL
) -> None:
    found = begun(alice_client)
    vendor.orders.statuses = [456]
    work(ahead=timedelta(minutes=1))
    waiting = seen(alice_client, found["id"])
    assert (waiting["stage"], waiting["error"]["code"]) == ("waiting_service", "service_quota")
    assert (vendor.count(UPLOAD), vendor.uploads) == (1, [])


@pytest.mark.parametrize("failure", [504, "cut"])
def test_what_nobody_can_know_is_sent_once_more_counted_and_charged_once(
    alice_client: JsonClient, vendor: FakeDeepL, failure: Any
) -> None:
    found = begun(alice_client)
    if failure == "cut":
        vendor.orders.cut = 1
    else:
        vendor.orders.statuses = [failure]
    work(ahead=AHEAD)
    assert seen(alice_client, found["id"])["stage"] == "done"
    part = TranslationChunk.objects.get()
    assert (part.doubtful, vendor.count(UPLOAD)) == (1, 2)
    assert len(vendor.uploads) == (2 if failure == "cut" else 1)
    assert UsageEntry.objects.count() == 1


def test_a_service_that_answers_oddly_for_hours_has_lost_it(alice_client: JsonClient, vendor: FakeDeepL) -> None:
    found = begun(alice_client)
    work()
    assert vendor.count(UPLOAD) == 1
    vendor.orders.statuses = [504] * 50
    work(ahead=AHEAD, at_most=3)
    assert seen(alice_client, found["id"])["status"] == "processing"
    TranslationChunk.objects.update(upload_begun_at=timezone.now() - timedelta(hours=3))
    work(ahead=AHEAD)
    failed = seen(alice_client, found["id"])
    assert (failed["status"], failed["error"]["code"]) == ("failed", "service_lost")
    assert UsageEntry.objects.get().total_tokens == 0


@pytest.fixture
def is_paid(settings: Settings) -> None:
    settings.TRANSLATION = replace(settings.TRANSLATION, payment="required")


@pytest.mark.usefixtures("is_paid")
def test_a_book_from_upload_to_one_file_that_leads_where_it_led(
    alice_client: JsonClient, vendor: FakeDeepL, tmp_path: Path
) -> None:
    """102 pages in three parts, paid before; one is refused and tried again alone, and nothing else is repeated."""
    source = make_book(tmp_path / "book.pdf", chapters=33)
    vendor.orders.render = lambda content: content
    found = quoted(alice_client, source.read_bytes(), "book.pdf", service="deepl")
    assert (found["path"], found["billed_chars"], found["cost"]) == ("native", 3 * MINIMUM, "4.2000")
    assert {(one["service"], one["path"]) for one in found["quote"]["others"]} >= {("deepl", "in_place")}
    order = Order.objects.get(pk=start(alice_client, found).json()["order"])
    assert (work(), vendor.uploads) == (0, [])
    actions.pay_checkout(order.checkout_id)
    starting.go_on(order.pk)
    work(at_most=1)
    vendor.orders.statuses = [400]
    work(ahead=AHEAD)
    failed = seen(alice_client, found["id"])
    assert sorted(chunk["state"] for chunk in failed["chunks"]) == ["done", "done", "failed"]
    assert [chunk["pages"] for chunk in failed["chunks"]] == [[1, 34], [35, 68], [69, 102]]
    assert failed["error"]["code"] == "parts_failed"
    assert failed["files"]["result"], "what is there can be had"

    assert alice_client.post(f"{PATH}/{found['id']}/retry", {}).status_code == 202
    work(ahead=AHEAD)
    done = seen(alice_client, found["id"])
    assert done["stage"] == "done"
    assert sorted(Counter(vendor.uploads).values()) == [1, 1, 1]
    order.refresh_from_db()
    assert (order.state, order.delivered, Decimal(order.amount) / 100) == ("done", 3, Decimal("4.20"))
    charged = UsageEntry.objects.filter(total_tokens__gt=0).values_list("total_tokens", flat=True)
    assert (len(charged), sum(charged)) == (3, found["quote"]["tokens"])
    assert not TokenHold.objects.filter(state=TokenHold.State.HELD).exists()

    result = tmp_path / "result.pdf"
    result.write_bytes(content_of(done["files"]["result"]))
    before, after = facts(source), facts(result)
    assert [title for _, title, _ in after["outline"]] == [f"[UK] {title}" for _, title, _ in before["outline"]]
    assert [page for _, _, page in after["outline"]] == [page for _, _, page in before["outline"]]
    assert (after["links"], after["labels"]) == (before["links"], before["labels"])

    letters = OutgoingMail.objects.filter(kind="translation.expires")
    sweeping.forget()
    assert not letters.exists()
    Translation.objects.update(files_expire_at=timezone.now() + timedelta(hours=30))
    for _day in range(2):
        sweeping.forget()
    assert letters.count() == 1, "before a book goes, once"


def test_a_pdf_is_translated_in_place_by_its_pages(alice_client: JsonClient, vendor: FakeDeepL, tmp_path: Path) -> None:
    source = make_book(tmp_path / "book.pdf", chapters=1)
    found = quoted(alice_client, source.read_bytes(), "book.pdf", service="deepl", path="in_place")
    assert (found["path"], found["billed_chars"]) == ("in_place", found["char_count"])
    assert start(alice_client, found).status_code == 202
    work()
    done = seen(alice_client, found["id"])
    assert (done["stage"], [chunk["pages"] for chunk in done["chunks"]]) == ("done", [[1, 6]])
    assert UsageEntry.objects.get().total_tokens == found["quote"]["tokens"]
    assert vendor.count(UPLOAD) == 0
    with pikepdf.open(source) as before:
        pages = len(before.pages)
    result = tmp_path / "result.pdf"
    result.write_bytes(content_of(done["files"]["result"]))
    with pikepdf.open(result) as after:
        assert len(after.pages) == pages
