"""Documents where pages are sold: nothing begins unpaid, a section is delivered once, and the rest goes back once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from billing.models import Order
from billing.models import OrderPart
from billing.models import Payment
from billing.models import Refund
from billing.models import UsageEntry
from billing.providers.demo import actions
from conftest import JsonClient
from core.models import Job
from documents.models import DocumentRun
from documents.models import DocumentSection
from documents.services import paying
from documents.services import quoting
from documents.services import starting
from documents.tests.kit import PATH
from documents.tests.kit import outlined
from documents.tests.kit import seen
from documents.tests.kit import work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("desk")]


@pytest.fixture(autouse=True)
def _is_sold(settings: Settings, desk: None) -> None:
    settings.DOCUMENTS = replace(settings.DOCUMENTS, price_per_page=Decimal("0.50"))


def quoted(client: JsonClient, document: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(f"{PATH}/{document['id']}/quote")
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def start(client: JsonClient, document: dict[str, Any], digest: str | None = None) -> Any:
    body = {"document_id": document["id"], "quote_digest": digest or quoted(client, document)["digest"]}
    return client.post("/api/jobs/generate/document-async", body)


def ordered(client: JsonClient, **values: Any) -> tuple[dict[str, Any], Order]:
    """A document whose writing waits to be paid."""
    document = outlined(client, **values)
    answer = start(client, document)
    assert (answer.status_code, answer.json()["code"]) == (402, "payment_required")
    return document, Order.objects.get(pk=answer.json()["order"])


def pay(order: Order) -> None:
    """On the provider's page; what is told of it is heard."""
    order.refresh_from_db()
    actions.pay_checkout(order.checkout_id)


def pay_unheard(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that was told of it died."""
    with monkeypatch.context() as patched:
        patched.setattr(starting, "go_on", lambda *_args, **_options: None)
        pay(order)


def test_a_quote_says_pages_price_and_tokens(alice_client: JsonClient) -> None:
    document = outlined(alice_client, target_pages=3)
    found = quoted(alice_client, document)
    words = sum(section["target_words"] for section in document["outline"]["sections"])
    assert found["pages"] == -(-words // 300)
    assert (found["amount"], found["currency"]) == (50 * found["pages"], "EUR")
    assert found["lines"] == [{"unit": "page", "count": found["pages"], "billed": found["pages"], "price": "0.50"}]
    assert found["tokens"] > 0
    assert found["tokens_left"] > 0
    assert quoted(alice_client, document)["digest"] == found["digest"], "the same terms, the same quote"


def test_nobody_quotes_anothers_document(alice_client: JsonClient, charlie_client: JsonClient) -> None:
    document = outlined(alice_client)
    assert charlie_client.post(f"{PATH}/{document['id']}/quote").status_code == 404


def test_nothing_begins_before_it_is_paid(alice_client: JsonClient) -> None:
    document, order = ordered(alice_client)
    assert work() == 0
    assert start(alice_client, document).status_code == 402, "the same order, still to be paid"
    assert Order.objects.count() == 1
    pay(order)
    run = DocumentRun.objects.get(order_id=order.pk)
    assert sum(run.sold.values()) == order.units
    again = start(alice_client, document, digest=order.quote.digest)
    assert (again.status_code, again.json()["job_id"]) == (202, str(run.job_id))
    before = set(UsageEntry.objects.values_list("pk", flat=True))
    work()
    found = seen(alice_client, document["id"])
    assert found["status"] == "completed", found["run"]["error"]
    order.refresh_from_db()
    assert (order.state, order.delivered) == ("done", order.units)
    written = UsageEntry.objects.exclude(pk__in=before)
    assert written.exists()
    assert not written.exclude(funded_by=order.reference).exists(), "the window pays nothing"
    assert not Refund.objects.exists()


@pytest.mark.parametrize("digest", [None, "0" * 64])
def test_what_was_not_seen_is_not_bought(alice_client: JsonClient, digest: str | None) -> None:
    document = outlined(alice_client)
    body = {"document_id": document["id"]} | ({"quote_digest": digest} if digest else {})
    answer = alice_client.post("/api/jobs/generate/document-async", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "quote_changed")
    assert not Order.objects.exists()


def test_a_plan_that_grows_after_the_quote_is_another_quote(alice_client: JsonClient) -> None:
    document, order = ordered(alice_client)
    sections = [
        {"id": one["id"], "title": one["title"], "goal": one["goal"], "target_words": one["target_words"] + 900}
        for one in document["outline"]["sections"]
    ]
    version = document["outline"]["version"]
    changed = alice_client.put(f"{PATH}/{document['id']}/outline", {"sections": sections, "version": version})
    assert changed.status_code == 200, changed.content
    order.refresh_from_db()
    assert order.state == "cancelled", "nobody may pay for the old plan any more"
    answer = start(alice_client, document, digest=order.quote.digest)
    assert (answer.status_code, answer.json()["code"]) == (409, "quote_changed")
    assert quoted(alice_client, document)["amount"] > order.amount


def test_a_payment_that_nobody_heard_of_is_found_by_the_sweep(
    alice_client: JsonClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, order = ordered(alice_client)
    pay_unheard(order, monkeypatch)
    assert not DocumentRun.objects.filter(order_id=order.pk).exists()
    assert starting.begin_paid() == 1
    assert starting.begin_paid() == 0
    work()
    assert seen(alice_client, document["id"])["status"] == "completed"


def test_paid_after_it_was_deleted_all_of_it_goes_back(
    alice_client: JsonClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, order = ordered(alice_client)
    pay_unheard(order, monkeypatch)
    assert alice_client.delete(f"{PATH}/{document['id']}").status_code == 204
    assert Refund.objects.get().amount == order.amount
    assert starting.begin_paid() == 0


def test_cancelled_in_the_middle_the_rest_goes_back_once(alice_client: JsonClient) -> None:
    document, order = ordered(alice_client, target_pages=4)
    pay(order)
    run = DocumentRun.objects.get(order_id=order.pk)
    first = DocumentSection.objects.filter(document_id=document["id"]).order_by("number")[0]
    OrderPart.objects.all().delete()
    paying.deliver(run, first)
    paying.deliver(run, first)
    for _time in range(2):
        alice_client.post(f"/api/jobs/{run.job_id}/cancel")
        work()
    order.refresh_from_db()
    assert (order.state, order.delivered) == ("refunded", run.sold[str(first.pk)])
    assert Refund.objects.get().amount == order.amount - order.earned
    assert seen(alice_client, document["id"])["status"] == "outline_generated"


def test_a_plan_that_grows_after_it_was_paid_is_not_written_for_that_price(alice_client: JsonClient) -> None:
    document, order = ordered(alice_client)
    pay(order)
    run = DocumentRun.objects.get(order_id=order.pk)
    Job.objects.filter(pk=str(run.job_id)).update(state=Job.State.FAILED, finished_at=timezone.now())
    DocumentRun.objects.filter(pk=run.pk).update(status="failed", finished_at=timezone.now())
    sections = [
        {"id": one["id"], "title": one["title"], "goal": one["goal"], "target_words": one["target_words"]}
        for one in document["outline"]["sections"]
    ]
    path, version = f"{PATH}/{document['id']}/outline", document["outline"]["version"]
    assert alice_client.put(path, {"sections": sections, "version": version}).status_code == 200
    assert not Refund.objects.exists(), "as long as it was"
    sections[0]["target_words"] = 20_000
    assert alice_client.put(path, {"sections": sections, "version": version + 1}).status_code == 200
    assert Refund.objects.get().amount == order.amount


def test_what_failed_waits_to_be_resumed_and_goes_back_when_nobody_does(alice_client: JsonClient) -> None:
    _document, order = ordered(alice_client)
    pay(order)
    run = DocumentRun.objects.get(order_id=order.pk)
    Job.objects.filter(pk=str(run.job_id)).update(state=Job.State.FAILED, finished_at=timezone.now())
    DocumentRun.objects.filter(pk=run.pk).update(status="failed", finished_at=timezone.now())
    assert paying.give_back_forgotten() == 0
    DocumentRun.objects.update(finished_at=timezone.now() - timedelta(days=8))
    assert paying.give_back_forgotten() == 1
    assert paying.give_back_forgotten() == 0
    assert Refund.objects.get().amount == order.amount


def test_the_client_cannot_name_its_own_price(alice_client: JsonClient) -> None:
    document, order = ordered(alice_client)
    body = {"amount": 50, "currency": "EUR", "document_id": document["id"]}
    answer = alice_client.post("/api/payment/create-intent", body)
    assert answer.status_code in {400, 404, 409, 422}, answer.content
    assert order.amount != 50
    assert not Payment.objects.filter(amount=50).exists()


@pytest.mark.parametrize(
    ("words", "pages", "given"),
    [
        ({"a": 300, "b": 300}, 2, {"a": 1, "b": 1}),
        ({"a": 700, "b": 200, "c": 100}, 4, {"a": 2, "b": 1, "c": 1}),
        ({"a": 1, "b": 1, "c": 1}, 1, {"a": 0, "b": 0, "c": 1}),
        ({"a": 0}, 1, {"a": 1}),
    ],
)
def test_all_pages_are_given_out(words: dict[str, int], pages: int, given: dict[str, int]) -> None:
    assert quoting.shares(words, pages) == given
