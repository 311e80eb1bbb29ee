"""``/api/subscription…`` through the front door."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from billing.metering import minutes
from billing.models import TokenQuota
from billing.services.plans import grant_plan
from billing.tests.factories import held
from billing.tests.factories import spent
from billing.tests.factories import spent_on
from conftest import JsonClient
from conftest import make_user
from conftest import signed_in


@pytest.fixture
def staff(db: None) -> User:
    return make_user("staff", is_staff=True)


class TestSubscription:
    def test_without_one_it_is_basic_and_active(self, alice_client: JsonClient) -> None:
        answer = alice_client.get("/api/subscription")
        assert (answer.status_code, answer.json()) == (
            200,
            {
                "plan": "basic",
                "tier": "basic",
                "status": "active",
                "current_period_start": None,
                "current_period_end": None,
                "cancel_at_period_end": False,
                "pending_plan": None,
                "grace_ends_at": None,
                "is_managed": False,
                "provider": "demo",
            },
        )

    def test_a_granted_one_shows(self, alice: User, staff: User, alice_client: JsonClient) -> None:
        grant_plan(staff, user=alice, tier="premium_pro", reason="Raffle")
        answer = alice_client.get("/api/subscription").json()
        assert (answer["plan"], answer["tier"]) == ("premium_pro", "premium_pro")
        assert answer["current_period_start"] is not None

    def test_an_unpaid_one_gives_basic(self, alice: User, staff: User, alice_client: JsonClient) -> None:
        subscription, _ = grant_plan(staff, user=alice, tier="premium_pro", reason="Raffle")
        subscription.status = "unpaid"
        subscription.save()
        answer = alice_client.get("/api/subscription").json()
        assert (answer["plan"], answer["tier"], answer["status"]) == ("premium_pro", "basic", "unpaid")

    def test_charlie_sees_his_own(self, alice: User, staff: User, charlie_client: JsonClient) -> None:
        grant_plan(staff, user=alice, tier="premium_pro", reason="Raffle")
        assert charlie_client.get("/api/subscription").json()["plan"] == "basic"

    @pytest.mark.parametrize("path", ["/api/subscription", "/api/subscription/usage"])
    def test_nobody_sees_nothing(self, db: None, path: str) -> None:
        assert JsonClient().get(path).status_code == 401


class TestPlans:
    def test_everybody_sees_them_in_order(self, db: None) -> None:
        answer = JsonClient().get("/api/subscription/plans")
        body = answer.json()
        assert answer.status_code == 200
        assert (body["next"], body["previous"]) == (None, None)
        assert [
            (
                plan["id"],
                plan["price_cents"],
                plan["tokens_limit"],
                plan["call_minutes"],
                plan["agents"],
                plan["reset_interval_seconds"],
                plan["currency"],
            )
            for plan in body["results"]
        ] == [
            ("basic", 0, 100_000, 0, 0, 21_600, "USD"),
            ("premium_starter", 999, 500_000, 100, 1, 21_600, "USD"),
            ("premium_pro", 2_999, 2_000_000, 500, 10, 21_600, "USD"),
            ("premium_ultra", 9_999, 5_000_000, -1, -1, 21_600, "USD"),
            ("unlimited", 29_999, -1, -1, -1, 21_600, "USD"),
        ]
        assert all(plan["name"] and plan["features"] for plan in body["results"])

    def test_a_stale_token_does_not_matter(self, db: None) -> None:
        client = JsonClient()
        client.credentials(HTTP_AUTHORIZATION="Bearer stale")
        assert client.get("/api/subscription/plans").status_code == 200

    def test_it_asks_the_database_nothing(self, db: None) -> None:
        with CaptureQueriesContext(connection) as queries:
            JsonClient().get("/api/subscription/plans")
        assert len(queries) == 0


class TestUsage:
    def test_a_new_user_has_used_nothing(self, alice_client: JsonClient) -> None:
        answer = alice_client.get("/api/subscription/usage").json()
        assert (answer["tokens_used"], answer["tokens_held"], answer["tokens_limit"]) == (0, 0, 100_000)
        assert (answer["is_unlimited"], answer["by_feature"]) == (False, [])
        assert len(answer["by_day"]) == 30
        assert {(day["total"], len(day["features"])) for day in answer["by_day"]} == {(0, 0)}
        month = answer["call_minutes"]
        assert (month["limit"], month["used"], month["held"]) == (0, 0, 0)
        assert not TokenQuota.objects.exists(), "a look writes nothing"

    def test_it_adds_up_by_day_and_feature(self, alice: User, bob: User, alice_client: JsonClient) -> None:
        now = timezone.now()
        spent(alice, 300)
        spent(alice, 200, feature="agents")
        spent(bob, 9_000)
        held(alice)
        spent_on(alice, now - timedelta(days=2), 50)
        spent_on(alice, now - timedelta(days=6), 70)
        spent_on(alice, now - timedelta(days=7), 1_000)
        answer = alice_client.get("/api/subscription/usage", {"days": 7}).json()
        assert (answer["tokens_used"], answer["tokens_held"]) == (500, 1_000)
        assert answer["by_feature"] == [
            {"feature": "aichat", "tokens": 420, "requests": 3},
            {"feature": "agents", "tokens": 200, "requests": 1},
        ]
        days = {day["date"]: day for day in answer["by_day"]}
        assert list(days) == [(now - timedelta(days=ago)).date().isoformat() for ago in range(6, -1, -1)]
        assert days[now.date().isoformat()] == {
            "date": now.date().isoformat(),
            "total": 500,
            "features": {"aichat": 300, "agents": 200},
        }
        assert [day["total"] for day in answer["by_day"]] == [70, 0, 0, 0, 50, 0, 500]

    def test_charlie_sees_his_own(self, alice: User, charlie_client: JsonClient) -> None:
        spent(alice, 300)
        answer = charlie_client.get("/api/subscription/usage").json()
        assert (answer["tokens_used"], answer["by_feature"]) == (0, [])

    def test_without_limit(self, alice: User, staff: User, alice_client: JsonClient) -> None:
        grant_plan(staff, user=alice, tier="unlimited", reason="Friend of the house")
        answer = alice_client.get("/api/subscription/usage").json()
        assert (answer["tokens_limit"], answer["is_unlimited"]) == (-1, True)
        assert answer["call_minutes"]["limit"] == -1

    def test_call_minutes_are_told_in_minutes_and_to_their_owner(self, alice: User, staff: User, charlie: User) -> None:
        grant_plan(staff, user=alice, tier="premium_starter", reason="Raffle")
        with time_machine.travel(datetime(2031, 1, 20, tzinfo=UTC), tick=False):
            client = signed_in(alice)
            minutes.hold(alice.pk, key="call:1", seconds=300)
            minutes.settle("call:1", seconds=61)
            minutes.hold(alice.pk, key="call:2", seconds=300)
            hers = client.get("/api/subscription/usage").json()["call_minutes"]
            theirs = signed_in(charlie).get("/api/subscription/usage").json()["call_minutes"]
        assert hers == {"limit": 100, "used": 2, "held": 5, "reset_at": "2031-02-01T00:00:00Z"}
        assert theirs == {"limit": 0, "used": 0, "held": 0, "reset_at": "2031-02-01T00:00:00Z"}

    @pytest.mark.parametrize("days", ["0", "367", "-1", "many"])
    def test_nonsense_is_refused(self, alice_client: JsonClient, days: str) -> None:
        answer = alice_client.get("/api/subscription/usage", {"days": days})
        assert answer.status_code == 400
        assert "days" in answer.json()["details"]

    def test_the_queries_do_not_grow(self, alice: User, alice_client: JsonClient) -> None:
        counts = []
        for number in (0, 12):
            for ago in range(number):
                spent_on(alice, timezone.now() - timedelta(days=ago), 10, feature=f"feature_{ago % 4}")
            with CaptureQueriesContext(connection) as queries:
                alice_client.get("/api/subscription/usage")
            counts.append(len(queries))
        assert counts == [4, 4], "the session, the quota, the month's minutes, the ledger"


class TestProfile:
    def test_the_user_api_shows_the_window(self, alice: User, alice_client: JsonClient) -> None:
        from core import modules

        spent(alice, 300)
        with CaptureQueriesContext(connection) as queries:
            fields = modules.profile_fields(alice.pk)
        assert len(queries) == 1
        assert (fields["subscription_tier"], fields["tokens_used"], fields["tokens_limit"]) == ("basic", 300, 100_000)
        assert fields["reset_at"] > timezone.now()


def test_a_refused_hold_reads_as_promised(alice: User, settings: Settings) -> None:
    """The body and the header a client gets, rendered by the house's handler."""
    from billing import metering
    from core.api.handler import json_error

    settings.TOKEN_LIMITS = settings.TOKEN_LIMITS | {"basic": 500}
    with pytest.raises(metering.TokenLimitExceeded) as refusal:
        held(alice, prompt=500)
    answer = json_error(refusal.value)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert signed_in(alice).get("/api/subscription/usage").json()["tokens_held"] == 0
