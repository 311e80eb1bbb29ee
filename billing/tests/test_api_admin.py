"""The admin: ledger and holds to read, plans to grant and windows to reset with a reason."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import AuditEvent
from accounts.models import User
from billing import metering
from billing.errors import TokenLimitExceeded
from billing.models import BillingCustomer
from billing.models import Grant
from billing.models import Payment
from billing.models import Subscription
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from billing.tests.factories import held
from billing.tests.factories import quota
from billing.tests.factories import spent
from conftest import make_user

MODELS = (
    "subscription",
    "tokenquota",
    "tokenhold",
    "usageentry",
    "platformday",
    "billingcustomer",
    "payment",
    "webhookevent",
    "grant",
)


@pytest.fixture
def root(db: None) -> Client:
    client = Client()
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def clerk(db: None) -> Client:
    """Staff who may look and no more."""
    user = make_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client = Client()
    client.force_login(user)
    return client


def act(client: Client, action: str, user: User, **fields: str) -> str:
    """Choose an action for a user in the list of quotas; returns the page."""
    form = {"action": action, "_selected_action": str(user.pk)} | fields
    answer = client.post(reverse("admin:billing_tokenquota_changelist"), form, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("model", MODELS)
def test_lists_can_be_read_and_searched(root: Client, alice: User, model: str) -> None:
    spent(alice, 300)
    held(alice)
    path = reverse(f"admin:billing_{model}_changelist")
    assert root.get(path).status_code == 200
    assert root.get(path, {"q": "alice"}).status_code == 200


@pytest.mark.parametrize("model", ["tokenquota", "tokenhold", "usageentry", "platformday"])
def test_nothing_can_be_added_changed_or_deleted(root: Client, alice: User, model: str) -> None:
    spent(alice, 300)
    assert root.get(reverse(f"admin:billing_{model}_add")).status_code == 403
    row: TokenQuota | TokenHold | UsageEntry | None = {
        "tokenquota": TokenQuota.objects.first(),
        "tokenhold": TokenHold.objects.first(),
        "usageentry": UsageEntry.objects.first(),
    }.get(model)
    if row:
        assert root.post(reverse(f"admin:billing_{model}_change", args=[row.pk]), {"tier": "x"}).status_code == 403
        assert root.post(reverse(f"admin:billing_{model}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert quota(alice).tokens_used == 300


class TestGrantPlan:
    def test_it_asks_first(self, root: Client, alice: User) -> None:
        metering.allowance(alice.pk)
        page = act(root, "grant_plan", alice)
        assert "get the plan at once" in page
        assert "alice" in page
        assert metering.tier_of(alice.pk) == "basic"

    def test_it_needs_a_reason(self, root: Client, alice: User) -> None:
        metering.allowance(alice.pk)
        page = act(root, "grant_plan", alice, confirmed="1", tier="premium_pro", reason="")
        assert "This field is required" in page
        assert metering.tier_of(alice.pk) == "basic"

    def test_it_grants_and_is_audited(self, root: Client, alice: User) -> None:
        metering.allowance(alice.pk)
        act(root, "grant_plan", alice, confirmed="1", tier="premium_pro", reason="Raffle")
        assert metering.tier_of(alice.pk) == "premium_pro"
        event = AuditEvent.objects.get(event="plan.granted")
        assert event.actor is not None
        assert (event.actor.username, event.data["reason"], event.ip) == ("root", "Raffle", "127.0.0.1")

    def test_those_who_may_only_look_cannot(self, clerk: Client, alice: User) -> None:
        metering.allowance(alice.pk)
        act(clerk, "grant_plan", alice, confirmed="1", tier="premium_pro", reason="Raffle")
        assert metering.tier_of(alice.pk) == "basic"

    def test_staff_without_the_superuser_flag_cannot_promote_staff(self, alice: User) -> None:
        manager = make_user("manager", is_staff=True)
        manager.user_permissions.set(Permission.objects.filter(content_type__app_label="billing"))
        client = Client()
        client.force_login(manager)
        metering.allowance(manager.pk)
        page = act(client, "grant_plan", manager, confirmed="1", tier="unlimited", reason="Me")
        assert "You do not have the right" in page
        assert metering.tier_of(manager.pk) == "basic"

    def test_a_user_who_never_used_anything_gets_one_by_adding_a_subscription(self, root: Client, alice: User) -> None:
        path = reverse("admin:billing_subscription_add")
        assert root.get(path).status_code == 200
        answer = root.post(path, {"user": str(alice.pk), "tier": "premium_pro", "reason": "Raffle"})
        assert answer.status_code == 302
        assert Subscription.objects.get().tier == metering.tier_of(alice.pk) == "premium_pro"
        assert AuditEvent.objects.filter(event="plan.granted").count() == 1
        assert (
            root.get(reverse("admin:billing_subscription_change", args=[Subscription.objects.get().pk])).status_code
            == 200
        )


class TestResetTokens:
    def test_it_asks_and_then_resets(self, root: Client, alice: User) -> None:
        spent(alice, 300)
        assert "A new window begins" in act(root, "reset_tokens", alice)
        assert quota(alice).tokens_used == 300
        act(root, "reset_tokens", alice, confirmed="1", reason="Outage")
        assert quota(alice).tokens_used == 0
        assert AuditEvent.objects.get(event="tokens.reset").data == {"reason": "Outage"}


class TestTokens:
    def test_they_are_granted_on_top_and_taken_back(self, root: Client, alice: User) -> None:
        spent(alice, 300)
        plan = quota(alice).tokens_limit
        act(root, "grant_tokens", alice, confirmed="1", tokens="5000", reason="Sorry")
        assert (quota(alice).tokens_limit, metering.allowance(alice.pk).bonus) == (plan, 5000)
        act(root, "take_back_tokens", alice, confirmed="1", tokens="2000", reason="Too many")
        assert metering.allowance(alice.pk).bonus == 3000
        granted, taken = AuditEvent.objects.filter(event__startswith="tokens.").order_by("pk")
        assert (granted.event, granted.data["tokens"], granted.data["reason"]) == ("tokens.granted", 5000, "Sorry")
        assert (taken.event, taken.data["tokens"]) == ("tokens.clawed_back", -2000)
        assert granted.actor is not None
        assert (granted.actor.username, granted.object_ref) == ("root", f"user:{alice.pk}")

    def test_one_form_sent_twice_grants_once_to_each(self, root: Client, alice: User, bob: User) -> None:
        spent(alice, 300)
        spent(bob, 300)
        page = act(root, "grant_tokens", alice)
        found = re.search(r'name="reference" value="([0-9a-f-]{36})"', page)
        assert found
        for user in (alice, bob, alice):
            act(root, "grant_tokens", user, confirmed="1", tokens="5000", reason="Sorry", reference=found[1])
        assert [metering.allowance(user.pk).bonus for user in (alice, bob)] == [5000, 5000]

    def test_they_can_be_spent_and_no_more(self, root: Client, alice: User, settings: Settings) -> None:
        settings.TOKEN_LIMITS = settings.TOKEN_LIMITS | {"basic": 1000}
        spent(alice, 900)
        with pytest.raises(TokenLimitExceeded):
            held(alice)
        act(root, "grant_tokens", alice, confirmed="1", tokens="1000", reason="Gift")
        held(alice)
        with pytest.raises(TokenLimitExceeded):
            held(alice)

    def test_no_more_is_taken_than_was_granted(self, root: Client, alice: User) -> None:
        spent(alice, 300)
        plan = quota(alice).tokens_limit
        act(root, "grant_tokens", alice, confirmed="1", tokens="5000", reason="Gift")
        act(root, "take_back_tokens", alice, confirmed="1", tokens="900000000", reason="Fraud")
        assert (metering.allowance(alice.pk).bonus, metering.allowance(alice.pk).limit) == (0, plan)

    def test_those_who_may_only_look_cannot(self, clerk: Client, alice: User) -> None:
        spent(alice, 300)
        act(clerk, "grant_tokens", alice, confirmed="1", tokens="5000", reason="Me")
        assert metering.allowance(alice.pk).bonus == 0


@pytest.fixture
def paid(alice: User) -> Payment:
    Grant.objects.create(key="in_1:il_1", user=alice, kind="period", invoice_id="in_1", created_at=timezone.now())
    BillingCustomer.objects.create(user=alice, provider="stripe", customer_id="cus_1")
    return Payment.objects.create(
        user=alice,
        provider="stripe",
        provider_id="in_1",
        intent_id="pi_1",
        customer_id="cus_1",
        amount=2999,
        currency="USD",
        purpose="subscription",
    )


class TestPayments:
    @pytest.mark.parametrize("words", ["alice@example.com", "in_1", "pi_1", "cus_1", "alice"])
    def test_a_payment_is_found_by_what_people_know(self, root: Client, paid: Payment, words: str) -> None:
        path = reverse("admin:billing_payment_changelist")
        assert str(paid.pk) in root.get(path, {"q": words}).content.decode()
        assert str(paid.pk) not in root.get(path, {"q": words + "x"}).content.decode()
        assert str(paid.pk) in root.get(path, {"q": str(paid.pk)}).content.decode()

    @pytest.mark.parametrize("model", ["payment", "grant", "billingcustomer", "webhookevent"])
    def test_nothing_is_written_by_hand(self, root: Client, paid: Payment, model: str) -> None:
        assert root.get(reverse(f"admin:billing_{model}_add")).status_code == 403
        row = {
            "payment": paid,
            "grant": Grant.objects.first(),
            "billingcustomer": BillingCustomer.objects.first(),
        }.get(model)
        if row:
            path = reverse(f"admin:billing_{model}_change", args=[row.pk])
            assert (root.get(path).status_code, root.post(path, {"status": "refunded"}).status_code) == (200, 403)
            assert root.post(reverse(f"admin:billing_{model}_delete", args=[row.pk])).status_code == 403
