"""``POST /webhook/stripe``: proven or refused, stored once, worked once, in any order."""

from __future__ import annotations

import json
import threading
import time
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from billing import metering
from billing.errors import InvalidSignature
from billing.errors import PaymentsUnavailable
from billing.models import BillingCustomer
from billing.models import Grant
from billing.models import Payment
from billing.models import Subscription
from billing.models import WebhookEvent
from billing.payments import webhooks
from billing.providers import base
from billing.providers.stripe import signatures
from billing.tests.factories import quota
from billing.tests.factories import spent
from billing.tests.stripe_mirror import CUSTOMER
from billing.tests.stripe_mirror import NEW
from billing.tests.stripe_mirror import OLD
from billing.tests.stripe_mirror import Mirror
from billing.tests.stripe_mirror import account
from billing.tests.stripe_mirror import body_of
from billing.tests.stripe_mirror import invoice
from billing.tests.stripe_mirror import send
from billing.tests.stripe_mirror import sign
from billing.tests.stripe_mirror import stripe
from billing.tests.stripe_mirror import subscribed
from core.models import StreamEvent

__all__ = ["stripe"]


pytestmark = pytest.mark.django_db(transaction=True)


class TestSignature:
    def test_a_good_one_is_taken(self) -> None:
        answer = send(body_of())
        assert (answer.status_code, answer.json()) == (200, {"received": True})
        row = WebhookEvent.objects.get()
        assert (row.event_id, row.type, row.customer_id, row.state) == ("evt_1", "invoice.paid", CUSTOMER, "done")
        assert row.payload == {"object": "invoice", "id": "in_1", "payment_intent": ""}

    @pytest.mark.parametrize("secret", [OLD, NEW])
    def test_both_secrets_are_good_while_they_are_changed(self, secret: str) -> None:
        body = body_of()
        assert send(body, sign(body, secret)).status_code == 200

    def test_one_good_signature_of_several_is_enough(self) -> None:
        body = body_of()
        assert send(body, sign(body) + ",v1=" + "0" * 64).status_code == 200

    @pytest.mark.parametrize("offset", [-300, 300])
    def test_five_minutes_of_clock_are_allowed_both_ways(self, offset: int) -> None:
        body, now = body_of(), 1_900_000_000
        signatures.prove(body, sign(body, at=now + offset), [NEW], now=now)
        with pytest.raises(InvalidSignature):
            signatures.prove(body, sign(body, at=now + offset), [NEW], now=now - offset / 300)

    # The second itself is tested above, by a clock that is given: this one goes on while the request is on its way.
    @pytest.mark.parametrize("offset", [-302, 420, -86_400, 86_400, 10**9])
    def test_the_past_and_the_future_are_not(self, offset: int) -> None:
        body = body_of()
        self.refused(send(body, sign(body, at=time.time() + offset)))

    def test_a_changed_body_is_not(self) -> None:
        body = body_of()
        self.refused(send(body.replace(b"in_1", b"in_2"), sign(body)))
        self.refused(send(body + b" ", sign(body)))

    def test_a_wrong_secret_is_not(self) -> None:
        body = body_of()
        self.refused(send(body, sign(body, "whsec_other")))
        self.refused(send(body, sign(body, "")))

    @pytest.mark.parametrize(
        "header",
        ["", "t=1", "v1=00", "t=,v1=", "nonsense", "t=x,v1=y", "t=١٧٠٠٠٠٠٠٠٠,v1=00", "t=1,t=2,v1=00", "t=" + "9" * 400],
    )
    def test_nonsense_is_not(self, header: str) -> None:
        self.refused(send(body_of(), header))

    def test_a_signature_of_another_scheme_is_not(self) -> None:
        body = body_of()
        self.refused(send(body, sign(body).replace("v1=", "v0=")))

    def test_no_header_chooses_a_secret(self) -> None:
        body = body_of()
        self.refused(
            send(body, sign(body, "whsec_mine"), **{"Stripe-Webhook-Secret": "whsec_mine", "X-Secret": "whsec_mine"})
        )

    def test_signed_nonsense_is_refused(self) -> None:
        for body in (b"{}", b"[]", b"nonsense", b"\xff", json.dumps({"id": "evt_1", "type": "x"}).encode()):
            self.refused(send(body))

    def test_without_secrets_there_is_no_door(self, settings: Settings) -> None:
        settings.STRIPE_WEBHOOK_SECRETS = []
        body = body_of()
        assert send(body, sign(body, "")).status_code == 404
        assert not WebhookEvent.objects.exists()

    def test_it_is_a_post(self) -> None:
        assert Client().get("/webhook/stripe").status_code == 405

    def refused(self, answer: Any) -> None:
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_signature")
        assert not WebhookEvent.objects.exists()


class TestOnce:
    def test_ten_at_once_are_ten_answers_and_one_effect(self, alice: User) -> None:
        account(subscribed(), invoice())
        spent(alice, 900)
        body, answers = body_of(), []
        gate = threading.Barrier(10)

        def deliver() -> None:
            gate.wait()
            answers.append(send(body, sign(body)).status_code)
            connection.close()

        threads = [threading.Thread(target=deliver) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == [200] * 10
        assert WebhookEvent.objects.get().state == "done"
        assert Grant.objects.count() == Payment.objects.count() == Subscription.objects.count() == 1
        assert (quota(alice).window, quota(alice).tokens_used) == (2, 0), "one window was opened"
        assert Mirror.reads == 1
        assert StreamEvent.objects.count() == 2, "one payment, one plan"

    def test_different_events_of_one_invoice_at_once_grant_once(self, alice: User) -> None:
        account(subscribed(), invoice())
        spent(alice, 900)
        gate = threading.Barrier(8)
        answers = []

        def deliver(number: int) -> None:
            body = body_of(event_id=f"evt_{number}")
            gate.wait()
            answers.append(send(body, sign(body)).status_code)
            connection.close()

        threads = [threading.Thread(target=deliver, args=[number]) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == [200] * 8
        assert set(WebhookEvent.objects.values_list("state", flat=True)) == {"done"}
        assert Grant.objects.count() == Payment.objects.count() == 1
        assert quota(alice).window == 2

    def test_a_later_invoice_opens_another_window(self, alice: User) -> None:
        account(subscribed(), invoice())
        send(body_of())
        spent(alice, 900)
        account(subscribed(), invoice(), invoice(2))
        send(body_of(event_id="evt_2"))
        assert (Grant.objects.count(), quota(alice).tokens_used) == (2, 0)


def state_of(user: User) -> tuple[Any, ...]:
    row = Subscription.objects.filter(user=user).first()
    return (
        row and (row.tier, row.status, row.effective_tier, row.cancel_at_period_end, row.stripe_subscription_id),
        metering.tier_of(user.pk),
        sorted(Payment.objects.values_list("provider_id", "status", "amount")),
        sorted(Grant.objects.values_list("key", "tier")),
    )


FOUR = [
    ("customer.subscription.created", {"id": "sub_1", "object": "subscription"}),
    ("customer.subscription.updated", {"id": "sub_1", "object": "subscription"}),
    ("invoice.payment_succeeded", {"id": "in_1", "object": "invoice"}),
    ("customer.subscription.deleted", {"id": "sub_1", "object": "subscription"}),
]


class TestOrder:
    @pytest.mark.parametrize("order", list(permutations(range(4))), ids=lambda order: "".join(map(str, order)))
    def test_every_order_ends_the_same(self, alice: User, order: tuple[int, ...]) -> None:
        account(subscribed("canceled"), invoice())
        for number in order:
            kind, about = FOUR[number]
            assert send(body_of(kind, f"evt_{number}", **about)).status_code == 200
        assert state_of(alice) == (
            ("premium_pro", "canceled", "basic", False, "sub_1"),
            "basic",
            [("in_1", "succeeded", 2999)],
            [("in_1:il_1", "premium_pro")],
        )

    @pytest.mark.parametrize("late", range(4))
    def test_an_old_event_that_comes_late_changes_nothing(self, alice: User, late: int) -> None:
        stages = [
            (subscribed("incomplete"), invoice(status="open", attempted=False)),
            (subscribed("active"), invoice(status="open", attempted=False)),
            (subscribed("active"), invoice()),
            (subscribed("canceled"), invoice()),
        ]
        for number, things in enumerate(stages):
            account(*things)
            if number != late:
                send(body_of(FOUR[number][0], f"evt_{number}", **FOUR[number][1]))
        send(body_of(FOUR[late][0], f"evt_{late}", **FOUR[late][1]))
        assert state_of(alice) == (
            ("premium_pro", "canceled", "basic", False, "sub_1"),
            "basic",
            [("in_1", "succeeded", 2999)],
            [("in_1:il_1", "premium_pro")],
        )

    def test_a_reader_that_was_overtaken_writes_nothing(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        from billing.payments import sync

        customer = BillingCustomer.objects.get()
        real = Mirror.read_account

        def slow(self: Mirror, customer_id: str, *, intent_ids: Any = ()) -> base.Account:
            found = real(self, customer_id)
            # While this answer is on its way, the plan is canceled and somebody else reads that.
            monkeypatch.setattr(Mirror, "read_account", real)
            account(subscribed("canceled"), invoice())
            sync.refresh(customer)
            return found

        account(subscribed("active"), invoice())
        monkeypatch.setattr(Mirror, "read_account", slow)
        sync.refresh(customer)
        assert (Subscription.objects.get().status, metering.tier_of(alice.pk)) == ("canceled", "basic")


class TestFailure:
    def test_an_outage_takes_nothing_and_is_made_up_for(self, alice: User) -> None:
        account(subscribed(), invoice())
        send(body_of())
        Mirror.is_down = True
        account(subscribed(tier="premium_ultra"), invoice())
        assert send(body_of(event_id="evt_2")).status_code == 200
        row = WebhookEvent.objects.get(event_id="evt_2")
        assert (row.state, row.attempts, metering.tier_of(alice.pk)) == ("failed", 1, "premium_pro")
        assert webhooks.sweep() == 0, "not before its pause is over"
        Mirror.is_down = False
        WebhookEvent.objects.filter(pk=row.pk).update(due_at=timezone.now())
        assert webhooks.sweep() == 1
        row.refresh_from_db()
        assert (row.state, row.attempts, metering.tier_of(alice.pk)) == ("done", 2, "premium_ultra")

    def test_a_task_that_was_lost_is_found(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        from billing import tasks

        def away(*_arguments: Any, **_options: Any) -> None:
            raise ConnectionError("no broker")

        account(subscribed(), invoice())
        with monkeypatch.context() as broken:
            broken.setattr(tasks.work_event, "apply_async", away)
            assert send(body_of()).status_code == 200
        assert WebhookEvent.objects.get().state == "received"
        WebhookEvent.objects.update(due_at=timezone.now())
        tasks.sweep_events.delay()
        assert (WebhookEvent.objects.get().state, metering.tier_of(alice.pk)) == ("done", "premium_pro")

    def test_a_worker_that_died_is_replaced_after_its_lease(self, alice: User) -> None:
        account(subscribed(), invoice())
        send(body_of())
        WebhookEvent.objects.update(state="working", due_at=timezone.now() + timedelta(minutes=1))
        assert (webhooks.sweep(), Mirror.reads) == (0, 1)
        WebhookEvent.objects.update(due_at=timezone.now() - timedelta(seconds=1))
        assert (webhooks.sweep(), Mirror.reads) == (1, 2)
        assert WebhookEvent.objects.get().state == "done"

    def test_who_was_overtaken_writes_nothing(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        account(subscribed(), invoice())
        read = Mirror.read_account

        def slow(mirror: Mirror, customer_id: str, **options: Any) -> Any:
            monkeypatch.setattr(Mirror, "read_account", read)
            WebhookEvent.objects.update(due_at=timezone.now())  # its lease is over, and another takes the work
            assert webhooks.sweep() == 1
            raise PaymentsUnavailable

        monkeypatch.setattr(Mirror, "read_account", slow)
        send(body_of())
        row = WebhookEvent.objects.get()
        assert (row.state, row.error, row.attempts, metering.tier_of(alice.pk)) == ("done", "", 2, "premium_pro")

    def test_it_is_given_up_in_the_end(self, caplog: pytest.LogCaptureFixture) -> None:
        Mirror.is_down = True
        send(body_of())
        for _ in range(20):
            WebhookEvent.objects.update(due_at=timezone.now())
            webhooks.sweep()
        assert WebhookEvent.objects.get().attempts == webhooks.MAX_ATTEMPTS
        assert [record.message for record in caplog.records].count("billing.event_given_up") == 1

    def test_one_reading_does_for_all_that_waited(self) -> None:
        account(subscribed(), invoice())
        Mirror.is_down = True
        for number in range(3):
            send(body_of(event_id=f"evt_{number}"))
        WebhookEvent.objects.update(state="received", due_at=timezone.now())
        Mirror.is_down, Mirror.reads = False, 0
        webhooks.sweep()
        assert (Mirror.reads, set(WebhookEvent.objects.values_list("state", flat=True))) == (1, {"done"})

    def test_a_database_that_is_away_asks_stripe_to_come_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from django.db import OperationalError

        def away(*_arguments: Any, **_options: Any) -> None:
            raise OperationalError("gone")

        monkeypatch.setattr(webhooks, "receive", away)
        answer = send(body_of())
        assert (answer.status_code, answer["Retry-After"]) == (503, "30")


def test_secrets_stand_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    body = body_of(card_number="4242 canary")
    send(body, sign(body, "whsec_canary_wrong"))
    send(body)
    assert "canary" not in caplog.text
    assert NEW not in caplog.text
    assert "canary" not in str(list(WebhookEvent.objects.values()))
