"""Orders through the front door: look, pay on the page or in a form, decline, leave, cancel, and who may not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from billing import orders
from billing import tasks
from billing.errors import PaymentRequired
from billing.events import payment_changed
from billing.models import DemoObject
from billing.models import Order
from billing.models import Payment
from billing.models import Quote
from billing.models import Refund
from billing.payments import webhooks
from billing.providers.demo import actions
from billing.tests.demo_pages import browser
from billing.tests.demo_pages import press
from billing.tests.demo_pages import press_portal
from billing.tests.factories import run_scheduled
from billing.tests.order_kit import again
from billing.tests.order_kit import ordered
from billing.tests.order_kit import paid_order
from billing.tests.order_kit import pay
from billing.tests.order_kit import pay_on_page
from billing.tests.order_kit import quoted
from billing.tests.order_kit import returned
from conftest import JsonClient
from core.api.handler import json_error
from core.ids import uuid7
from core.models import StreamEvent

__all__ = ["browser"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def told() -> Iterator[list[dict[str, Any]]]:
    """What apps hear of payments, and how the order stood at that moment."""
    heard: list[dict[str, Any]] = []

    def hear(**facts: Any) -> None:
        order = Order.objects.named(facts["reference"]).first()
        heard.append({"status": facts["status"], "purpose": facts["purpose"], "order": order and str(order.state)})

    payment_changed.connect(hear)
    yield heard
    payment_changed.disconnect(hear)


def path_of(url: str) -> str:
    return re.sub(r"^https?://[^/]+", "", url)


class TestPaying:
    def test_on_the_page(
        self, alice: User, alice_client: JsonClient, browser: Client, told: list[dict[str, Any]]
    ) -> None:
        order = ordered(alice)
        answer = pay(alice_client, order)
        assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
        body = answer.json()
        assert (body["order"], bool(body["client_secret"])) == (str(order.pk), True)
        page = browser.get(path_of(body["url"])).content.decode()
        assert "A long paper" in page
        assert "€5.00" in page
        assert "a month" not in page
        back = press(browser, body["url"], "pay")
        assert back["Location"] == f"/app/billing/orders?order={order.pk}"
        shown = alice_client.get(f"/api/orders/{order.pk}").json()
        assert (shown["state"], shown["amount"], shown["currency"], shown["title"]) == (
            "paid",
            500,
            "EUR",
            "A long paper",
        )
        assert shown["lines"] == [{"unit": "pages", "count": 10, "billed": 10, "price": "0.50"}]
        payment = alice_client.get("/api/payment/history").json()["results"]
        assert {(one["status"], one["purpose"], one["amount"], one["order_id"]) for one in payment} == {
            ("succeeded", "order", 500, str(order.pk)),
            ("canceled", "order", 500, str(order.pk)),
        }, "the page's own, and the one for a form, which cannot be made any more"
        # In the order in which the commits end here: the work of jobs is done inside of them.
        assert sorted(one["status"] for one in told) == ["canceled", "succeeded"]
        assert {(one["purpose"], one["order"]) for one in told} == {("order", "paid")}
        assert StreamEvent.objects.filter(type="order.updated").count() == 1
        assert pay(alice_client, order).json()["code"] == "order_conflict"

    def test_in_a_form_of_ones_own_closes_the_page(
        self, alice: User, alice_client: JsonClient, browser: Client
    ) -> None:
        order = ordered(alice)
        url = pay(alice_client, order).json()["url"]
        press_portal(alice_client, browser, "pay_intent", "intent")
        assert again(order).state == "paid"
        assert browser.get(path_of(url)).status_code == 302, "the page is over"
        press_again = browser.get(path_of(url))
        assert press_again["Location"].startswith("/app/billing/orders")
        assert DemoObject.objects.filter(kind="intent", data__status="succeeded").count() == 1

    def test_pressing_twice_pays_once(self, alice: User, alice_client: JsonClient, browser: Client) -> None:
        order = ordered(alice)
        url = pay(alice_client, order).json()["url"]
        press(browser, url, "pay")
        actions.pay_checkout(DemoObject.objects.get(kind="checkout").pk)
        assert DemoObject.objects.filter(kind="intent", data__status="succeeded").count() == 1

    def test_a_decline_leaves_it_open_and_the_next_page_is_another(
        self, alice: User, alice_client: JsonClient, browser: Client
    ) -> None:
        order = ordered(alice)
        first = pay(alice_client, order).json()["url"]
        press(browser, first, "fail")
        assert again(order).state == "open"
        assert not Payment.objects.filter(status="succeeded").exists()
        second = pay(alice_client, order).json()["url"]
        press(browser, second, "pay")
        assert (again(order).state, again(order).checkouts) == ("paid", 2)

    def test_leaving_changes_nothing_and_the_page_stays(
        self, alice: User, alice_client: JsonClient, browser: Client
    ) -> None:
        order = ordered(alice)
        back = pay_on_page(alice_client, browser, order, "cancel")
        assert back["Location"] == f"/app/billing/orders?order={order.pk}&checkout=cancelled"
        pay_on_page(alice_client, browser, order)
        assert (again(order).state, DemoObject.objects.filter(kind="checkout").count()) == ("paid", 1)

    def test_two_ways_at_once_are_paid_once(
        self, alice: User, alice_client: JsonClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Both are paid before any notification arrives: the second payment goes back whole, once."""
        order = ordered(alice)
        pay(alice_client, order)
        kept: list[Any] = []
        with monkeypatch.context() as patched:
            patched.setattr(webhooks, "receive", lambda name, event: kept.append((name, event)))
            actions.pay_checkout(DemoObject.objects.get(kind="checkout").pk)
            actions.finish_intent(DemoObject.objects.get(kind="intent", data__status="pending").pk, is_paid=True)
        for name, event in kept * 2:
            webhooks.receive(name, event)
        assert again(order).state == "paid"
        assert sorted(Payment.objects.values_list("status", flat=True)) == ["refunded", "succeeded"]
        assert DemoObject.objects.filter(kind="refund").count() == Refund.objects.filter(state="made").count() == 1
        assert again(order).rest == 0

    def test_money_after_a_cancellation_goes_back(
        self, alice: User, alice_client: JsonClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        order = ordered(alice)
        pay(alice_client, order)
        with monkeypatch.context() as patched:
            patched.setattr(webhooks, "receive", lambda *_: None)
            actions.pay_checkout(DemoObject.objects.get(kind="checkout").pk)
        assert alice_client.post(f"/api/orders/{order.pk}/cancel").status_code == 200
        payment = Payment.objects.get(provider_id=DemoObject.objects.get(kind="checkout").data["intent"])
        assert (again(order).state, payment.status, payment.refunded_amount) == ("cancelled", "refunded", 500)

    def test_what_apps_answer_when_it_is_not_paid(self, alice: User, settings: Settings) -> None:
        order = ordered(alice)
        with pytest.raises(PaymentRequired) as refused:
            orders.require_paid(alice, order.pk)
        answer = json_error(refused.value)
        body = json.loads(answer.content)
        assert (answer.status_code, body["code"], body["order"]) == (402, "payment_required", str(order.pk))
        assert body["url"].startswith(f"{settings.PUBLIC_URL}/billing/demo/checkout/")
        assert body["client_secret"] == f"{Payment.objects.get().provider_id}_secret_demo"
        paid = paid_order(alice)
        assert orders.require_paid(alice, paid.pk) == paid

    def test_an_offer_that_expired(self, alice: User, alice_client: JsonClient) -> None:
        order = ordered(alice, valid_for=timedelta(seconds=-1) + timedelta(hours=1))
        self.expire(order)
        answer = pay(alice_client, order)
        assert (answer.status_code, answer.json()["code"]) == (409, "quote_expired")

    def test_nobody_pays_and_it_is_cancelled_with_its_page(
        self, alice: User, alice_client: JsonClient, browser: Client
    ) -> None:
        order = ordered(alice)
        url = pay(alice_client, order).json()["url"]
        run_scheduled(tasks.END_ORDERS)
        assert again(order).state == "open"
        self.expire(order)
        run_scheduled(tasks.END_ORDERS)
        assert (again(order).state, again(order).checkout_id) == ("cancelled", "")
        assert DemoObject.objects.get(kind="checkout").data["state"] == "expired"
        assert browser.get(path_of(url)).status_code == 302
        assert Payment.objects.get().status == "canceled"

    def expire(self, order: Order) -> None:
        """Quotes are not changed, so time is: the order gets one that is over."""
        quote = order.quote
        old = Quote(pk=uuid7(), valid_until=timezone.now() - timedelta(seconds=1), created_at=timezone.now())
        for name in ("user_id", "feature", "reference", "title", "lines", "units", "tokens", "amount", "currency"):
            setattr(old, name, getattr(quote, name))
        old.digest = "expired"
        old.save(force_insert=True)
        Order.objects.filter(pk=order.pk).update(quote=old)


class TestCancelling:
    def test_an_open_one(self, alice: User, alice_client: JsonClient) -> None:
        order = ordered(alice)
        for _ in range(2):
            answer = alice_client.post(f"/api/orders/{order.pk}/cancel")
            assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
        assert StreamEvent.objects.filter(type="order.updated").count() == 1
        assert pay(alice_client, order).status_code == 409

    def test_not_a_paid_one(self, alice: User, alice_client: JsonClient) -> None:
        order = paid_order(alice)
        answer = alice_client.post(f"/api/orders/{order.pk}/cancel")
        assert (answer.status_code, answer.json()["code"], again(order).state) == (409, "order_conflict", "paid")


class TestIntents:
    """``POST /api/payment/create-intent``: the amount is the order's, what the client says is compared."""

    def make(self, client: JsonClient, key: str = "", **body: Any) -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        return client.post("/api/payment/create-intent", {"amount": 500, "currency": "eur"} | body, headers=headers)

    def test_of_the_newest_order_of_that_amount(self, alice: User, alice_client: JsonClient, browser: Client) -> None:
        order = ordered(alice)
        made = self.make(alice_client)
        body = made.json()
        assert (made.status_code, body["amount"], body["currency"], made["Cache-Control"]) == (
            201, 500, "EUR", "no-store",
        )  # fmt: skip
        assert self.make(alice_client).json() == body, "one order has one intent"
        press_portal(alice_client, browser, "fail_intent", "intent")
        assert alice_client.get(f"/api/payment/{body['payment_id']}").json()["status"] == "failed"
        press_portal(alice_client, browser, "pay_intent", "intent")
        assert (again(order).state, str(again(order).payment_id)) == ("paid", body["payment_id"])
        assert self.make(alice_client).json()["code"] == "order_conflict"

    def test_of_a_document(self, alice: User, alice_client: JsonClient) -> None:
        document = uuid7()
        order = ordered(alice, reference=str(document))
        ordered(alice)
        made = self.make(alice_client, document_id=str(document)).json()
        assert Payment.objects.get(pk=made["payment_id"]).order_id == order.pk
        assert self.make(alice_client, document_id=str(uuid7())).json()["code"] == "order_conflict"

    @pytest.mark.parametrize("lie", [{"amount": 499}, {"amount": 50}, {"currency": "usd"}])
    def test_another_amount_is_refused(self, alice: User, alice_client: JsonClient, lie: dict[str, Any]) -> None:
        document = uuid7()
        order = ordered(alice, reference=str(document))
        for which in ({"document_id": str(document)}, {"order": str(order.pk)}):
            answer = self.make(alice_client, **which, **lie)
            assert (answer.status_code, answer.json()["code"], answer.json()["amount"]) == (409, "amount_mismatch", 500)
        assert self.make(alice_client, **lie).json()["code"] == "order_conflict"
        assert not Payment.objects.exists()
        assert not DemoObject.objects.filter(kind="intent").exists()

    def test_a_foreign_order_is_not_there(self, alice: User, charlie_client: JsonClient) -> None:
        document = uuid7()
        order = ordered(alice, reference=str(document))
        assert self.make(charlie_client, order=str(order.pk)).status_code == 404
        assert self.make(charlie_client, document_id=str(document)).status_code == 409
        assert self.make(charlie_client).status_code == 409
        assert not Payment.objects.exists()

    def test_a_key_belongs_to_one_order(self, alice: User, alice_client: JsonClient) -> None:
        first, second = ordered(alice), ordered(alice)
        made = self.make(alice_client, "k", order=str(first.pk)).json()
        assert self.make(alice_client, "k", order=str(first.pk)).json() == made
        assert self.make(alice_client, "k").json() == made
        for other in ({"order": str(second.pk)}, {"amount": 600}):
            assert self.make(alice_client, "k", **other).json()["code"] == "idempotency_mismatch"


class TestStrangers:
    def test_charlie_finds_nothing(self, alice: User, charlie_client: JsonClient) -> None:
        order = ordered(alice)
        path = f"/api/orders/{order.pk}"
        answers = [charlie_client.get(path), charlie_client.post(f"{path}/pay"), charlie_client.post(f"{path}/cancel")]
        assert [one.status_code for one in answers] == [404, 404, 404]
        assert charlie_client.get("/api/orders").json()["results"] == []
        assert (again(order).state, DemoObject.objects.exists()) == ("open", False)

    def test_nobody_gets_in(self, anonymous: JsonClient) -> None:
        path = f"/api/orders/{uuid7()}"
        answers = [anonymous.get("/api/orders"), anonymous.get(path), anonymous.post(f"{path}/pay"),
                   anonymous.post(f"{path}/cancel")]  # fmt: skip
        assert [one.status_code for one in answers] == [401] * 4


def test_the_queries_of_the_list_do_not_grow(alice: User, alice_client: JsonClient) -> None:
    counts = []
    for number in (1, 12):
        for _ in range(number):
            ordered(alice)
        with CaptureQueriesContext(connection) as queries:
            assert len(alice_client.get("/api/orders").json()["results"]) >= number
        counts.append(len(queries))
    assert counts == [2, 2], "the session, the orders with their quotes"


def test_a_quote_alone_is_no_order(alice: User, alice_client: JsonClient) -> None:
    quoted(alice)
    assert alice_client.get("/api/orders").json()["results"] == []


def test_the_config_tells_of_payments(anonymous: JsonClient, settings: Settings) -> None:
    settings.STRIPE_PUBLISHABLE_KEY = "pk_test_1"
    assert anonymous.get("/api/config").json()["payments"] == {
        "provider": "demo",
        "stripe_publishable_key": "pk_test_1",
    }


def test_what_was_given_back_shows(alice: User, alice_client: JsonClient) -> None:
    order = paid_order(alice)
    orders.deliver(order.pk, key="page 1", units=4)
    orders.close(order.pk, reason="Enough")
    shown = alice_client.get(f"/api/orders/{order.pk}").json()
    assert (shown["state"], shown["delivered"], shown["rest"], shown["refunded"]) == ("refunded", 4, 300, 300)
    assert returned(order) == [300]
