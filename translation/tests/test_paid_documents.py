"""Documents that are paid before they are translated: nothing begins unpaid, and what is not delivered goes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from billing.models import Order
from billing.models import Refund
from billing.models import UsageEntry
from billing.providers.demo import actions
from conftest import JsonClient
from core.ids import uuid7
from translation import pricing
from translation.models import Translation
from translation.services.documents import starting
from translation.services.documents import sweeping
from translation.tests.document_kit import PATH
from translation.tests.document_kit import quoted
from translation.tests.document_kit import seen
from translation.tests.document_kit import start
from translation.tests.document_kit import work
from translation.tests.test_documents import long_letter

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("documents")]


@pytest.fixture(autouse=True)
def _is_required(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.TRANSLATION = replace(settings.TRANSLATION, payment="required")
    # The demo costs nothing, and what costs nothing is not ordered.
    known = pricing.terms
    monkeypatch.setattr(pricing, "terms", lambda name: replace(known(name), price=Decimal("0.05")))


def ordered(client: JsonClient, content: bytes = long_letter(3), **values: Any) -> tuple[dict[str, Any], Order]:
    """A document that waits to be paid."""
    found = quoted(client, content, **values)
    answer = start(client, found)
    assert (answer.status_code, answer.json()["code"]) == (402, "payment_required")
    order = Order.objects.get(pk=answer.json()["order"])
    assert seen(client, found["id"])["stage"] == "paying"
    assert Decimal(order.amount) / 100 == Decimal(found["cost"])
    return found, order


def pay(order: Order) -> None:
    order.refresh_from_db()
    actions.pay_checkout(order.checkout_id)


def test_nothing_begins_before_it_is_paid(alice_client: JsonClient) -> None:
    found, order = ordered(alice_client)
    assert work() == 0
    assert start(alice_client, found).status_code == 402, "the same order, still to be paid"
    assert Order.objects.count() == 1
    pay(order)
    starting.go_on(order.pk)
    work()
    assert seen(alice_client, found["id"])["stage"] == "done"
    order.refresh_from_db()
    assert (order.state, order.delivered) == ("done", order.units)
    assert not UsageEntry.objects.exclude(funded_by=order.reference).exists(), "the window pays nothing"


def test_a_payment_that_nobody_told_of_is_found_by_the_sweep(alice_client: JsonClient) -> None:
    found, order = ordered(alice_client)
    pay(order)
    Translation.objects.filter(pk=found["id"]).update(stage="paying", status="pending")
    sweeping.sweep()
    work()
    assert seen(alice_client, found["id"])["stage"] == "done"


def test_many_that_nobody_pays_hide_none_that_is_paid(alice_client: JsonClient) -> None:
    found, order = ordered(alice_client)
    unpaid = Translation.objects.get(pk=found["id"])
    Translation.objects.bulk_create(
        Translation(
            user=unpaid.user,
            kind="document",
            stage="paying",
            target_lang="uk",
            order_id=uuid7(),
            name="x",
            format="txt",
        )
        for _ in range(250)
    )
    pay(order)
    Translation.objects.filter(pk=found["id"]).update(stage="paying", status="pending")
    assert sweeping.sweep() == 1
    assert seen(alice_client, found["id"])["stage"] == "queued"


def test_a_quote_whose_time_is_over_is_not_taken_from_who_has_just_paid(alice_client: JsonClient) -> None:
    found, order = ordered(alice_client)
    pay(order)
    starting.go_on(order.pk)
    assert not sweeping._expire(UUID(found["id"])), "as when it was still waiting while the sweep made its list"
    assert seen(alice_client, found["id"])["stage"] == "queued"


def test_cancelled_in_the_middle_the_rest_goes_back_once(alice_client: JsonClient) -> None:
    found, order = ordered(alice_client)
    pay(order)
    starting.go_on(order.pk)
    work(at_most=2)
    for _time in range(2):
        alice_client.post(f"{PATH}/{found['id']}/cancel")
    order.refresh_from_db()
    assert (order.state, order.delivered) == ("refunded", 1)
    assert Refund.objects.get().amount == order.amount - order.earned


def test_what_failed_can_be_tried_again_and_goes_back_when_nobody_does(alice_client: JsonClient) -> None:
    found, order = ordered(alice_client, instructions="/demo fail chunk 2")
    pay(order)
    starting.go_on(order.pk)
    work()
    assert seen(alice_client, found["id"])["error"]["code"] == "parts_failed"
    order.refresh_from_db()
    assert (order.state, order.delivered) == ("paid", order.units - 1)
    sweeping.sweep()
    assert not Refund.objects.exists()
    Translation.objects.update(completed_at=timezone.now() - timedelta(hours=25))
    sweeping.sweep()
    sweeping.sweep()
    assert Refund.objects.get().amount == order.amount - order.amount * order.delivered // order.units


def test_tried_again_it_delivers_the_rest(alice_client: JsonClient) -> None:
    found, order = ordered(alice_client, instructions="/demo fail chunk 2")
    pay(order)
    starting.go_on(order.pk)
    work()
    alice_client.post(f"{PATH}/{found['id']}/retry", {})
    work()
    assert seen(alice_client, found["id"])["stage"] == "done"
    order.refresh_from_db()
    assert (order.state, order.delivered) == ("done", order.units)
    assert not Refund.objects.exists()
