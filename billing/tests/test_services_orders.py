"""Quotes that stay, parts that are delivered once, and a rest that is given back once, whoever comes at that moment."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError
from django.db import connection
from django.db import connections
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from billing import doctor
from billing import orders
from billing import tasks
from billing.errors import OrderConflict
from billing.errors import OrderNotPaid
from billing.errors import PaymentsUnavailable
from billing.errors import QuoteChanged
from billing.errors import QuoteExpired
from billing.models import Order
from billing.models import OrderPart
from billing.models import Payment
from billing.models import Quote
from billing.models import Refund
from billing.payments import proof
from billing.payments import refunds
from billing.providers.demo import actions
from billing.providers.demo import objects
from billing.providers.demo.adapter import DemoProvider
from billing.services.metering import prove_ledger
from billing.services.payments import refund_order
from billing.services.payments import refund_payment
from billing.tests import racers
from billing.tests.factories import run_scheduled
from billing.tests.order_kit import FEATURE
from billing.tests.order_kit import again
from billing.tests.order_kit import ordered
from billing.tests.order_kit import paid_order
from billing.tests.order_kit import quoted
from billing.tests.order_kit import returned
from conftest import make_user
from core.errors import Conflict
from core.errors import Forbidden
from core.errors import InvalidInput
from core.jobs.models import Job
from kintsugi.config import BASE_DIR

pytestmark = pytest.mark.django_db(transaction=True)


class TestQuotes:
    def test_the_sum_is_the_servers(self, alice: User) -> None:
        lines = [orders.Line("chars", 1801, 2, Decimal("0.05")), orders.Line("pages", 3, 3, Decimal("0.335"))]
        quote = orders.quote(
            alice, feature="translation", reference="t", title="Book", lines=lines, units=2, currency="usd"
        )
        assert (quote.amount, quote.currency) == (111, "USD"), "0.10 + 1.005, half up"
        assert quoted(alice, pages=1, price="0.10", least=50).amount == 50
        assert quoted(alice, price="0", least=50).amount == 0
        assert quoted(alice, pages=3, price="150", currency="JPY").amount == 450

    def test_the_same_terms_are_one_quote_and_others_another(self, alice: User) -> None:
        first = quoted(alice, reference="r")
        assert quoted(alice, reference="r") == first
        dearer = quoted(alice, reference="r", price="0.60")
        assert dearer.digest != first.digest
        back = quoted(alice, reference="r")
        assert back.digest not in {first.digest, dearer.digest}, "the newest counts, and it is one of its own"

    def test_it_is_not_changed(self, alice: User) -> None:
        quote = quoted(alice)
        quote.amount = 1
        with pytest.raises(TypeError):
            quote.save()
        with pytest.raises(IntegrityError, match="not changed"), transaction.atomic():
            Quote.objects.update(amount=1)
        assert Quote.objects.get().amount == 500

    def test_only_the_newest_is_agreed_to(self, alice: User, bob: User) -> None:
        old = quoted(alice, reference="r")
        new = quoted(alice, reference="r", price="0.60")
        for user, digest in ((alice, old.digest), (alice, "x"), (bob, new.digest)):
            with pytest.raises(QuoteChanged):
                orders.open_order(user, feature=FEATURE, reference="r", digest=digest)
        order = orders.open_order(alice, feature=FEATURE, reference="r", digest=new.digest)
        assert orders.open_order(alice, feature=FEATURE, reference="r", digest=new.digest) == order
        assert (order.amount, order.units, order.state) == (600, 10, "open")

    def test_a_new_price_ends_the_open_order(self, alice: User) -> None:
        first = ordered(alice, reference="r")
        second = ordered(alice, reference="r", price="0.60")
        assert (again(first).state, again(second).state) == ("cancelled", "open")

    def test_it_expires(self, alice: User) -> None:
        quote = quoted(alice, reference="r", valid_for=timedelta(seconds=-1))
        with pytest.raises(QuoteExpired):
            orders.open_order(alice, feature=FEATURE, reference="r", digest=quote.digest)
        assert quoted(alice, reference="r").digest != quote.digest

    def test_an_order_that_is_over_is_not_opened_again(self, alice: User) -> None:
        order = ordered(alice, reference="r")
        orders.cancel(order.pk)
        with pytest.raises(QuoteExpired):
            orders.open_order(alice, feature=FEATURE, reference="r", digest=order.quote.digest)
        assert ordered(alice, reference="r").state == "open"

    def test_those_nobody_agreed_to_are_forgotten(self, alice: User) -> None:
        ordered(alice)
        old, fresh = quoted(alice, valid_for=timedelta(days=-2)), quoted(alice)
        run_scheduled(tasks.PURGE_QUOTES)
        assert not Quote.objects.filter(pk=old.pk).exists()
        assert Quote.objects.filter(pk=fresh.pk).exists()
        assert Quote.objects.count() == 2

    def test_what_costs_nothing_is_not_ordered(self, alice: User) -> None:
        quote = quoted(alice, reference="r", price="0")
        with pytest.raises(ValueError, match="nothing"):
            orders.open_order(alice, feature=FEATURE, reference="r", digest=quote.digest)


class TestParts:
    def test_each_once_and_done_with_the_last(self, alice: User) -> None:
        order = paid_order(alice)
        assert [orders.deliver(order.pk, key=key, units=5) for key in ("a", "a", "b", "b")] == [
            True,
            False,
            True,
            False,
        ]
        assert (again(order).state, again(order).delivered) == ("done", 10)
        assert orders.close(order.pk, reason="Late").state == "done"
        assert returned(order) == []

    def test_not_before_it_is_paid_nor_after_it_ended(self, alice: User) -> None:
        with pytest.raises(OrderNotPaid):
            orders.deliver(ordered(alice).pk, key="a")
        order = paid_order(alice)
        orders.deliver(order.pk, key="a")
        orders.close(order.pk, reason="Enough")
        assert orders.deliver(order.pk, key="a") is False, "it was delivered before"
        with pytest.raises(OrderNotPaid):
            orders.deliver(order.pk, key="b")

    def test_never_more_than_was_ordered(self, alice: User) -> None:
        order = paid_order(alice)
        for units in (0, 11):
            with pytest.raises(ValueError, match="cannot be delivered"):
                orders.deliver(order.pk, key="a", units=units)
        assert not OrderPart.objects.exists()

    def test_it_goes_with_the_transaction_that_stores_it(self, alice: User) -> None:
        order = paid_order(alice)
        with pytest.raises(RuntimeError), transaction.atomic():
            orders.deliver(order.pk, key="a")
            raise RuntimeError
        assert again(order).delivered == 0
        assert orders.deliver(order.pk, key="a") is True


class TestTheRest:
    @pytest.mark.parametrize(("delivered", "owed"), [(0, 500), (1, 450), (9, 50)])
    def test_what_was_not_delivered_goes_back_once(self, alice: User, delivered: int, owed: int) -> None:
        order = paid_order(alice)
        for number in range(delivered):
            orders.deliver(order.pk, key=str(number))
        for _ in range(3):
            orders.close(order.pk, reason="Enough")
        assert returned(order) == [owed]
        assert (again(order).state, again(order).rest, again(order).refunded) == ("refunded", owed, owed)
        assert Refund.objects.get().key == f"order:{order.pk}:rest"
        assert prove_ledger() == []

    def test_fractions_are_in_favour_of_who_paid(self, alice: User) -> None:
        order = paid_order(alice, pages=1, price="1.00", units=3)
        orders.deliver(order.pk, key="a")
        assert orders.close(order.pk, reason="Enough").rest == 67

    def test_what_the_provider_gave_back_otherwise_is_not_given_twice(self, alice: User) -> None:
        order = paid_order(alice)
        payment = again(order).payment
        assert payment
        DemoProvider().refund(payment.intent_id, amount=400, key="by hand")
        assert (again(order).refunded, again(order).state) == (400, "paid")
        orders.deliver(order.pk, key="a")
        assert orders.close(order.pk, reason="Enough").rest == 100
        assert sorted(returned(order)) == [100, 400]

    def test_money_that_is_gone_ends_the_order(self, alice: User) -> None:
        given_back, disputed = paid_order(alice), paid_order(alice)
        for order in (given_back, disputed):
            assert again(order).payment
        DemoProvider().refund(again(given_back).payment.intent_id, amount=500, key="by hand")  # type: ignore[union-attr]
        actions.dispute(again(disputed).payment.intent_id)  # type: ignore[union-attr]
        for order in (given_back, disputed):
            assert again(order).state == "refunded"
            with pytest.raises(OrderNotPaid):
                orders.deliver(order.pk, key="a")

    def test_a_provider_that_is_down_is_asked_again(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        order = paid_order(alice)
        with monkeypatch.context() as patched:
            patched.setattr(DemoProvider, "refund", _down)
            orders.close(order.pk, reason="Enough")
        assert (again(order).state, again(order).rest, again(order).refunded) == ("refunded", 500, 0)
        assert Job.objects.get(kind="billing.make_refund").state == "queued", "its job comes back by itself"
        assert next(iter(doctor.refunds())).state == "ok"
        self.an_hour_later()
        [finding] = doctor.refunds()
        assert (finding.state, finding.sentence[:22]) == ("fail", "1 refunds are not made")
        run_scheduled(tasks.END_ORDERS)
        assert (again(order).refunded, Refund.objects.get().state) == (500, "made")
        assert returned(order) == [500]

    def test_while_the_provider_answers_late(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        """The amount stands before the provider is asked: a delivery is refused, and a repetition gives nothing."""
        order, seen = paid_order(alice), []
        real = DemoProvider.refund

        def late(self: DemoProvider, intent_id: str, *, amount: int, key: str) -> None:
            assert not connection.in_atomic_block, "no transaction is open while the provider is asked"
            seen.append(again(order).state)
            with pytest.raises(OrderNotPaid):
                orders.deliver(order.pk, key="late")
            real(self, intent_id, amount=amount, key=key)
            if len(seen) == 1:
                orders.close(order.pk, reason="Again")
                assert refunds.make(Refund.objects.get().pk) is True

        monkeypatch.setattr(DemoProvider, "refund", late)
        orders.close(order.pk, reason="Enough")
        assert (seen, returned(order)) == (["refunded", "refunded"], [500])

    @staticmethod
    def an_hour_later() -> None:
        Refund.objects.update(asked_at=timezone.now() - refunds.OVERDUE)


def _down(*_arguments: Any, **_named: Any) -> None:
    raise PaymentsUnavailable


class TestStaff:
    def test_the_rest_goes_back_the_one_way(self, alice: User) -> None:
        staff, order = make_user("staff", is_staff=True), paid_order(alice)
        orders.deliver(order.pk, key="a", units=4)
        assert again(order).payment
        with pytest.raises(Conflict, match="Refund the order"):
            refund_payment(staff, payment=again(order).payment, reason="Sorry")  # type: ignore[arg-type]
        assert refund_order(staff, order=order, reason="Sorry").rest == 300
        with pytest.raises(OrderConflict):
            refund_order(staff, order=order, reason="Again")
        beyond = refund_payment(staff, payment=again(order).payment, amount=50, reason="Goodwill")  # type: ignore[arg-type]
        assert (beyond.refunded_amount, sorted(returned(order))) == (350, [50, 300])
        with pytest.raises(InvalidInput):
            refund_payment(staff, payment=beyond, amount=151, reason="More than is there")
        assert prove_ledger() == []

    def test_only_staff_and_with_a_reason(self, alice: User, charlie: User) -> None:
        order = paid_order(alice)
        with pytest.raises(Forbidden):
            refund_order(charlie, order=order, reason="Mine")
        with pytest.raises(InvalidInput):
            refund_order(None, order=order, reason=" ")
        assert again(order).state == "paid"


class TestProof:
    @pytest.mark.parametrize(
        ("damage", "kinds"),
        [
            ({"delivered": 3}, {"order_delivered"}),
            ({"rest": 299}, {"order_rest"}),
            ({"state": "done"}, {"order_done"}),
            ({"rest": 301}, {"order_rest", "order_overpaid"}),
        ],
    )
    def test_it_finds_what_does_not_add_up(self, alice: User, damage: dict[str, Any], kinds: set[str]) -> None:
        order = paid_order(alice)
        orders.deliver(order.pk, key="a", units=4)
        orders.close(order.pk, reason="Enough")
        assert list(proof.check()) == []
        Order.objects.update(**damage)
        assert {finding.kind for finding in prove_ledger()} == kinds


def race(*acts: list[Any], **options: bool) -> list[str]:
    """What each act came to; the acts begin together, each in a process of its own."""
    connection.close()
    task = {"acts": acts, "database": str(connection.settings_dict["NAME"])} | options
    command = [sys.executable, "-m", "billing.tests.racers", json.dumps(task)]
    done = subprocess.run(command, cwd=BASE_DIR, stdout=subprocess.PIPE, text=True, check=True, timeout=120)
    said = [line.removeprefix(racers.SAID) for line in done.stdout.splitlines() if line.startswith(racers.SAID)]
    return sorted(said)


def assert_sound(order: Order) -> None:
    """Each cent of a closed order was either earned or given back, once, here and at the provider."""
    now = again(order)
    assert now.payment
    payment = Payment.objects.get(pk=now.payment.pk)
    assert now.delivered == sum(OrderPart.objects.filter(order=order).values_list("units", flat=True))
    assert sum(returned(order)) == now.rest == now.refunded == payment.refunded_amount
    assert now.earned + now.rest == now.amount
    assert list(proof.check()) == []


class TestRaces:
    """Real processes; the same acts without the lock are the control."""

    def test_deliveries_beside_refunds(self, alice: User) -> None:
        order = paid_order(alice)
        pk = str(order.pk)
        orders.deliver(order.pk, key="before", units=2)
        told = race(["deliver", pk, "a", 3], ["deliver", pk, "a", 3], ["deliver", pk, "b", 2], ["close", pk],
                    ["close", pk])  # fmt: skip
        assert [line for line in told if line.startswith("close")] == ["close refunded"] * 2
        assert told.count("deliver True") == OrderPart.objects.exclude(key="before").count() <= 2
        assert set(told) <= {"close refunded", "deliver True", "deliver False", "deliver order_not_paid"}
        assert_sound(order)

    def test_the_last_parts_together_and_a_cancellation(self, alice: User) -> None:
        order = paid_order(alice)
        pk = str(order.pk)
        told = race(["deliver", pk, "a", 5], ["deliver", pk, "b", 5], ["deliver", pk, "b", 5], ["cancel", pk])
        assert told == ["cancel order_conflict", "deliver False", "deliver True", "deliver True"]
        assert (again(order).state, returned(order)) == ("done", [])
        assert_sound(order)

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets nobody read between a write's parts")
    def test_without_the_lock_it_would_not_add_up(self, alice: User) -> None:
        order = paid_order(alice)
        pk = str(order.pk)
        race(["deliver", pk, "a", 5], ["close", pk], broken=True)
        with pytest.raises(AssertionError):
            assert_sound(order)
        assert list(proof.check()), "the nightly proof finds it too"

    def test_killed_between_the_provider_and_the_commit(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is repaired by whoever comes, here by three at once."""
        order, refund = self.asked(alice, monkeypatch)
        assert race(["make", str(refund.pk)], die=True) == [], "nothing was said: it is dead"
        refund.refresh_from_db()
        assert (refund.state, returned(order)) == ("asked", [200])
        told = race(*[["make", str(refund.pk)]] * 3)
        assert told == ["make False", "make False", "make True"]
        assert_sound(order)

    def test_a_provider_that_forgets_its_keys_would_pay_twice(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The control of the one before."""
        order, refund = self.asked(alice, monkeypatch)
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(refunds, "_note", _interrupted)
            refunds.make(refund.pk)
        monkeypatch.setattr(objects, "id_for", lambda prefix, _key: objects.new_id(prefix))
        refunds.make(refund.pk)
        assert returned(order) == [200, 200]
        with pytest.raises(AssertionError):
            assert_sound(order)

    def asked(self, user: User, monkeypatch: pytest.MonkeyPatch) -> tuple[Order, Refund]:
        """An order that is closed, and its refund, for which the provider could not be asked yet."""
        order = paid_order(user)
        orders.deliver(order.pk, key="a", units=6)
        with monkeypatch.context() as patched:
            patched.setattr(DemoProvider, "refund", _down)
            orders.close(order.pk, reason="Enough")
        return order, Refund.objects.get()


def _interrupted(_refund_id: Any) -> bool:
    raise KeyboardInterrupt


def test_eight_that_ask_at_once_are_quoted_once(alice: User) -> None:
    found: list[Any] = []

    def ask() -> None:
        try:
            quote = quoted(alice, reference="r")
            found.append(orders.open_order(alice, feature=FEATURE, reference="r", digest=quote.digest).pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(found), len(set(found)), Quote.objects.count()) == (8, 1, 1)
