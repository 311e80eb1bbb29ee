"""The operators' commands."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.models import AuditEvent
from accounts.models import User
from billing import metering
from billing.errors import PaymentsUnavailable
from billing.models import BillingCustomer
from billing.models import TokenQuota
from billing.tests.factories import later
from billing.tests.factories import quota
from billing.tests.factories import spent


def run(*words: str) -> Any:
    """The command's JSON."""
    out = StringIO()
    call_command(*words, "--json", stdout=out)
    return json.loads(out.getvalue())


class TestGrantPlan:
    WORDS = ("grant_plan", "alice", "premium_pro", "--reason", "Raffle")

    def test_it_grants_once(self, alice: User) -> None:
        expected = {"user": str(alice.pk), "before": "basic", "after": "premium_pro", "changed": True}
        assert run(*self.WORDS, "--dry-run") == expected
        assert metering.tier_of(alice.pk) == "basic"
        assert run(*self.WORDS) == expected
        assert run(*self.WORDS) == expected | {"before": "premium_pro", "changed": False}
        assert AuditEvent.objects.get(event="plan.granted").actor is None

    @pytest.mark.parametrize("name", ["ALICE", "alice@example.com"])
    def test_users_are_found_by_name_and_address(self, alice: User, name: str) -> None:
        assert run("grant_plan", name, "premium_pro", "--reason", "Raffle")["user"] == str(alice.pk)
        assert run("grant_plan", str(alice.pk), "basic", "--reason", "Over")["before"] == "premium_pro"

    @pytest.mark.parametrize("name", ["nobody", "01900000-0000-7000-8000-000000000000"])
    def test_a_stranger_is_a_sentence(self, db: None, name: str) -> None:
        with pytest.raises(CommandError, match=f"There is no user {name}"):
            run("grant_plan", name, "premium_pro", "--reason", "Raffle")

    def test_an_empty_reason_is_a_sentence(self, alice: User) -> None:
        with pytest.raises(CommandError, match="Give a reason"):
            run("grant_plan", "alice", "premium_pro", "--reason", " ")


class TestResetTokens:
    def test_some_users(self, alice: User, bob: User) -> None:
        spent(alice, 300)
        spent(bob, 300)
        assert run("reset_tokens", "alice", "--reason", "Outage", "--dry-run") == {"reset": 1}
        assert run("reset_tokens", "alice", "--reason", "Outage") == {"reset": 1}
        assert run("reset_tokens", "alice", "--reason", "Outage") == {"reset": 0}
        assert (quota(alice).tokens_used, quota(bob).tokens_used) == (0, 300)

    def test_everybody(self, alice: User, bob: User) -> None:
        spent(alice, 300)
        metering.allowance(bob.pk)
        assert run("reset_tokens", "--all", "--reason", "Outage") == {"reset": 1}

    def test_what_is_due(self, alice: User) -> None:
        spent(alice, 300)
        assert run("reset_tokens", "--due") == {"reset": 0}
        TokenQuota.objects.update(reset_at=later(seconds=-1))
        assert run("reset_tokens", "--due", "--dry-run") == {"reset": 1}
        assert run("reset_tokens", "--due") == {"reset": 1}
        assert quota(alice).reset_at > timezone.now()

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            ((), "Name users"),
            (("alice", "--all", "--reason", "x"), "Name users"),
            (("alice",), "Say why"),
            (("nobody", "--reason", "x"), "no user"),
        ],
    )
    def test_nonsense_is_a_sentence(self, alice: User, words: tuple[str, ...], sentence: str) -> None:
        with pytest.raises(CommandError, match=sentence):
            run("reset_tokens", *words)


class TestUsageReport:
    def test_it_adds_up(self, alice: User, bob: User) -> None:
        spent(alice, 300)
        spent(bob, 200, feature="agents")
        report = run("usage_report", "--days", "7")
        assert (report["tokens"], report["requests"], report["users"], report["overrun"]) == (500, 2, 2, 0)
        assert [(row["feature"], row["tokens"]) for row in report["by_feature"]] == [("aichat", 300), ("agents", 200)]
        assert [(row["model"], row["tokens"]) for row in report["by_model"]] == [("demo", 500)]
        assert [row["day"] for row in report["by_day"]] == [timezone.now().date().isoformat()]

    def test_it_can_be_read(self, alice: User) -> None:
        spent(alice, 300)
        out = StringIO()
        call_command("usage_report", stdout=out)
        assert "300 tokens in 1 requests of 1 users" in out.getvalue()

    def test_nothing_yet(self, db: None) -> None:
        assert run("usage_report")["tokens"] == 0

    def test_nonsense_is_a_sentence(self, db: None) -> None:
        with pytest.raises(CommandError, match="at least 1"):
            run("usage_report", "--days", "0")


def test_plain_output_is_lines(alice: User) -> None:
    out = StringIO()
    call_command("grant_plan", "alice", "premium_pro", "--reason", "Raffle", stdout=out)
    assert "after: premium_pro" in out.getvalue().splitlines()


class TestGrantTokens:
    def test_once_for_a_reference(self, alice: User) -> None:
        words = ("alice", "5000", "--reference", "outage-7", "--reason", "Outage")
        assert run("grant_tokens", *words, "--dry-run")["changed"] is True
        assert [run("grant_tokens", *words)["changed"] for _ in range(2)] == [True, False]
        assert quota(alice).tokens_bonus == 5000

    def test_another_amount_under_one_reference_is_a_sentence(self, alice: User) -> None:
        run("grant_tokens", "alice", "5000", "--reference", "a", "--reason", "x")
        with pytest.raises(CommandError, match="already used"):
            run("grant_tokens", "alice", "6000", "--reference", "a", "--reason", "x")


class TestReconcile:
    def buy(self, alice: User) -> None:
        """A plan whose notifications are lost."""
        from billing.payments import customers
        from billing.payments import plan_pages
        from billing.providers.demo import actions

        session = plan_pages.open_page(alice, plan="premium_pro")
        actions.pay_checkout(session.id)
        BillingCustomer.objects.update(synced_at=None)
        assert customers.known(alice)

    def test_it_repairs(self, alice: User) -> None:
        self.buy(alice)
        dry = run("reconcile_stripe", "--dry-run")
        assert (dry["ok"], dry["checked"], len(dry["repaired"]), metering.tier_of(alice.pk)) == (True, 1, 1, "basic")
        assert len(run("reconcile_stripe")["repaired"]) == 1
        assert metering.tier_of(alice.pk) == "premium_pro"
        assert run("reconcile_stripe")["checked"] == 0
        assert run("reconcile_stripe", "--all")["repaired"] == {}

    def test_it_fails_loudly(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        from billing.providers.demo.adapter import DemoProvider

        def down(*_arguments: object, **_named: object) -> None:
            raise PaymentsUnavailable

        self.buy(alice)
        monkeypatch.setattr(DemoProvider, "read_account", down)
        with pytest.raises(SystemExit) as end:
            call_command("reconcile_stripe", stdout=StringIO())
        assert end.value.code == 1

    def test_without_a_provider_it_is_a_sentence(self, db: None, settings: Settings) -> None:
        settings.DEMO_PROVIDERS = False
        with pytest.raises(CommandError, match="not set up"):
            run("reconcile_stripe")
