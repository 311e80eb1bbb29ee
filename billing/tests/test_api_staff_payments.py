"""Staff and money in the admin: refunds, and plans of people who pay for them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent
from accounts.models import User
from billing import metering
from billing.models import Payment
from billing.models import Subscription
from billing.providers.demo.adapter import DemoProvider
from billing.tests.demo_pages import buy
from conftest import JsonClient
from conftest import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def staff(name: str = "root", *permissions: str) -> Client:
    user = make_user(name, is_staff=True, is_superuser=not permissions)
    for code in permissions:
        user.user_permissions.add(Permission.objects.get(content_type__app_label="billing", codename=code))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def payment(alice_client: JsonClient) -> Payment:
    buy(alice_client, Client(enforce_csrf_checks=True))
    return Payment.objects.get()


def refund(client: Client, payment: Payment, **fields: str) -> Any:
    form = {"confirmed": "1", "reason": "Mistake"} | fields
    return client.post(reverse("admin:billing_payment_act", args=[payment.pk, "refund"]), form, follow=True)


class TestRefund:
    def test_it_asks_first_and_shows_the_payment(self, payment: Payment) -> None:
        page = staff().get(reverse("admin:billing_payment_act", args=[payment.pk, "refund"])).content.decode()
        for words in ("The money goes back", "alice", payment.provider_id, f"{payment.amount} {payment.currency}"):
            assert words in page
        assert Payment.objects.get().status == "succeeded"

    def test_a_part_and_then_all_of_it(self, alice: User, payment: Payment) -> None:
        root = staff()
        refund(root, payment, amount="999")
        assert (Payment.objects.get().status, Payment.objects.get().refunded_amount) == ("partially_refunded", 999)
        assert metering.tier_of(alice.pk) == "premium_pro"
        refund(root, payment)
        assert (Payment.objects.get().status, Payment.objects.get().refunded_amount) == ("refunded", payment.amount)
        assert metering.tier_of(alice.pk) == "basic"
        events = AuditEvent.objects.filter(event="payment.refunded").order_by("pk")
        assert [event.data["amount"] for event in events] == [999, payment.amount - 999]
        assert {(event.actor.username, event.data["reason"]) for event in events if event.actor} == {
            ("root", "Mistake")
        }

    @pytest.mark.parametrize("fields", [{"amount": "999999"}, {"amount": "0"}, {"amount": "x"}, {"reason": " "}])
    def test_nonsense_moves_no_money(self, payment: Payment, fields: dict[str, str]) -> None:
        refund(staff(), payment, **fields)
        assert (Payment.objects.get().status, Payment.objects.get().refunded_amount) == ("succeeded", 0)
        assert not AuditEvent.objects.filter(event="payment.refunded").exists()

    def test_what_is_given_back_cannot_be_given_again(self, payment: Payment) -> None:
        root = staff()
        refund(root, payment)
        assert "cannot be refunded" in refund(root, payment).content.decode()
        assert AuditEvent.objects.filter(event="payment.refunded").count() == 1

    def test_also_when_its_owner_is_gone(self, alice: User, payment: Payment) -> None:
        User.objects.filter(pk=alice.pk).delete()
        root = staff()
        assert root.get(reverse("admin:billing_payment_act", args=[payment.pk, "refund"])).status_code == 200
        assert "done for 1" in refund(root, payment).content.decode()
        assert AuditEvent.objects.get(event="payment.refunded").object_ref == f"payment:{payment.pk}"

    def test_it_needs_its_permission(self, payment: Payment) -> None:
        assert refund(staff("clerk", "view_payment", "change_subscription"), payment).status_code == 403
        assert Payment.objects.get().status == "succeeded"
        refund(staff("cashier", "view_payment", "change_payment"), payment)
        assert Payment.objects.get().status == "refunded"

    def test_a_stranger_is_sent_to_the_sign_in(self, alice: User, payment: Payment) -> None:
        client = Client()
        client.force_login(alice)
        assert "/login/" in refund(client, payment).redirect_chain[-1][0]
        assert Payment.objects.get().status == "succeeded"

    def test_no_transaction_is_open_while_the_provider_is_asked(
        self, payment: Payment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[bool] = []
        given = DemoProvider.refund

        def watched(self: DemoProvider, intent_id: str, *, amount: int, key: str) -> None:
            seen.append(transaction.get_connection().in_atomic_block)
            given(self, intent_id, amount=amount, key=key)

        monkeypatch.setattr(DemoProvider, "refund", watched)
        refund(staff(), payment)
        assert seen == [False]

    def test_no_more_than_ten_at_once(self, alice: User) -> None:
        many = [
            Payment(user=alice, provider="demo", provider_id=f"in_{n}", amount=1, currency="USD", status="succeeded")
            for n in range(11)
        ]
        Payment.objects.bulk_create(many)
        form = {"action": "refund", "_selected_action": [str(row.pk) for row in many], "confirmed": "1", "reason": "x"}
        page = staff().post(reverse("admin:billing_payment_changelist"), form, follow=True).content.decode()
        assert "at most 10 at once" in page


class TestChangePlan:
    def change(self, user: User, tier: str) -> str:
        path = reverse("admin:accounts_user_act", args=[user.pk, "grant_plan"])
        answer = staff().post(path, {"confirmed": "1", "reason": "Asked", "tier": tier}, follow=True)
        return answer.content.decode()

    def test_who_pays_is_moved_at_the_provider(self, alice: User, payment: Payment) -> None:
        assert "done for 1" in self.change(alice, "premium_ultra")
        row = Subscription.objects.get()
        assert (row.tier, bool(row.stripe_subscription_id)) == ("premium_ultra", True)
        assert Payment.objects.count() == 2, "the difference is paid"
        event = AuditEvent.objects.get(event="plan.changed_by_staff")
        assert event.actor is not None
        assert (event.actor.username, event.data["reason"], event.data["after"]) == ("root", "Asked", "premium_ultra")

    def test_down_waits_for_the_end_of_the_period(self, alice: User, payment: Payment) -> None:
        self.change(alice, "basic")
        assert Subscription.objects.get().cancel_at_period_end
        assert metering.tier_of(alice.pk) == "premium_pro"

    def test_who_does_not_pay_gets_a_present(self, alice: User) -> None:
        self.change(alice, "premium_ultra")
        assert metering.tier_of(alice.pk) == "premium_ultra"
        assert AuditEvent.objects.filter(event="plan.granted").count() == 1
