"""The nightly proof finds what does not add up, and says so loudly."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from pytest_django import DjangoAssertNumQueries
from pytest_django import Settings

from accounts.models import User
from billing import metering
from billing import tasks
from billing.metering import proof
from billing.models import PlatformDay
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.services.metering import grant_tokens
from billing.tests.factories import held
from billing.tests.factories import run_scheduled
from billing.tests.factories import spent
from billing.tests.order_kit import paid_order


@pytest.fixture(autouse=True)
def _some_history(alice: User, bob: User, settings: Settings) -> None:
    settings.DAILY_TOKEN_LIMIT = 1_000_000
    for user in (alice, bob):
        spent(user, 300)
        held(user, f"open:{user.username}")


def _kinds() -> list[str]:
    return sorted(finding.kind for finding in proof.check())


def test_all_is_well() -> None:
    assert proof.check() == []


def test_used_and_held_are_compared_with_the_rows(alice: User) -> None:
    TokenQuota.objects.filter(pk=alice.pk).update(tokens_used=299, tokens_held=1_001)
    assert [(one.kind, one.subject, one.expected, one.found) for one in proof.check()] == [
        ("used", str(alice.pk), 300, 299),
        ("held", str(alice.pk), 1_000, 1_001),
    ]


def test_a_settled_hold_needs_its_ledger_row(alice: User) -> None:
    TokenHold.objects.filter(key="open:alice").update(state="settled", charged=5)
    assert _kinds() == ["held", "platform_held", "platform_used", "settlement"]


def test_the_platform_day_is_compared_with_its_holds() -> None:
    PlatformDay.objects.update(tokens_used=1)
    assert _kinds() == ["platform_used"]


def test_a_bonus_needs_its_grants(alice: User) -> None:
    grant_tokens(None, user=alice, tokens=500, reference="a", reason="Sorry")
    assert proof.check() == []
    TokenQuota.objects.filter(pk=alice.pk).update(tokens_bonus=501)
    assert [(one.kind, one.expected, one.found) for one in proof.check()] == [("bonus", 500, 501)]


def test_what_an_order_funds_is_paid_by_no_window(alice: User) -> None:
    order = paid_order(alice)
    metering.hold_exact(
        alice.pk, key="f", tokens=70, feature="documents", ttl=timedelta(hours=1), funded_by=order.reference
    )
    assert proof.check() == []
    metering.settle("f", prompt_tokens=50, completion_tokens=20, source="provider")
    assert proof.check() == []
    TokenHold.objects.filter(key="f").update(funded_by="")
    assert [(one.kind, one.subject) for one in proof.check()] == [("funded", "f")]


def test_it_is_seven_statements(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(7):
        proof.check()


def test_the_nightly_task_raises_an_alert(alice: User, caplog: pytest.LogCaptureFixture) -> None:
    def alerts() -> list[tuple[int, str]]:
        return [
            (record.levelno, record.message) for record in caplog.records if record.name == "billing.services.metering"
        ]

    run_scheduled(tasks.PROVE_LEDGER)
    assert alerts() == []
    TokenQuota.objects.filter(pk=alice.pk).update(tokens_used=299)
    run_scheduled(tasks.PROVE_LEDGER)
    assert alerts() == [(logging.ERROR, "metering.ledger_mismatch")]


def test_the_command_exits_with_1(alice: User) -> None:
    out = StringIO()
    call_command("check_ledger", stdout=out)
    assert "agree" in out.getvalue()
    TokenQuota.objects.filter(pk=alice.pk).update(tokens_used=299)
    for options in ([], ["--json"]):
        out = StringIO()
        with pytest.raises(SystemExit) as leaving:
            call_command("check_ledger", *options, stdout=out)
        assert leaving.value.code == 1
        assert str(alice.pk) in out.getvalue()
    assert json.loads(out.getvalue())["findings"] == [
        {"kind": "used", "subject": str(alice.pk), "expected": 300, "found": 299}
    ]


def test_settling_everything_keeps_it_true(alice: User) -> None:
    metering.settle("open:alice", prompt_tokens=1, completion_tokens=2, source="provider")
    assert proof.check() == []
