"""``/api/admin/…``: what staff ask, with the permissions of the admin, and on the record where it is private."""

from __future__ import annotations

import csv
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import AuditEvent
from accounts.models import User
from accounts.services import staff
from billing.models import Payment
from billing.tests.factories import spent
from conftest import JsonClient
from conftest import make_user
from conftest import signed_in
from core.ids import uuid7
from core.jobs.models import Job

PATHS = {
    "stats": "",
    "charts": "",
    "health": "",
    "users": "accounts.view_user",
    "ai-jobs": "core.view_job",
    "costs": "billing.view_usageentry",
    "payments/export": "billing.view_payment",
}


@pytest.fixture
def chief(db: None) -> User:
    return make_user("chief", is_staff=True, is_superuser=True)


@pytest.fixture
def chief_client(chief: User) -> JsonClient:
    return signed_in(chief)


def clerk(*permissions: str) -> JsonClient:
    """Somebody on the staff who may do just this."""
    user = make_user("clerk", is_staff=True)
    for name in permissions:
        app, code = name.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=code))
    return signed_in(user)


def paid(user: User, amount: int, **facts: Any) -> Payment:
    """A payment as Stripe would have told of it, paid just now."""
    made = {
        "user": user, "provider": "stripe", "provider_id": f"in_{uuid7()}", "amount": amount, "currency": "USD",
        "status": "succeeded", "purpose": "subscription", "tier": "premium_pro", "paid_at": timezone.now(),
    }  # fmt: skip
    return Payment.objects.create(**made | facts)


@pytest.mark.parametrize("path", PATHS)
def test_who_gets_in(chief: User, anonymous: JsonClient, alice_client: JsonClient, path: str) -> None:
    assert anonymous.get(f"/api/admin/{path}").status_code == 401
    assert alice_client.get(f"/api/admin/{path}").status_code == 403
    client = signed_in(chief)
    assert client.get(f"/api/admin/{path}").status_code == 200
    User.objects.filter(pk=chief.pk).update(is_staff=False)
    assert client.get(f"/api/admin/{path}").status_code == 403


@pytest.mark.parametrize("path", PATHS)
def test_suspended_staff_are_out_at_once(chief: User, path: str) -> None:
    other = make_user("other", is_staff=True, is_superuser=True)
    client = signed_in(other)
    staff.suspend(chief, user=other, reason="Left")
    assert client.get(f"/api/admin/{path}").status_code == 401


@pytest.mark.parametrize(("path", "permission"), [(path, needed) for path, needed in PATHS.items() if needed])
def test_each_needs_its_permission(db: None, path: str, permission: str) -> None:
    assert clerk().get(f"/api/admin/{path}").status_code == 403
    User.objects.all().delete()
    assert clerk(permission).get(f"/api/admin/{path}").status_code == 200


def test_stats_and_charts_show_what_the_asker_may_see(chief_client: JsonClient, alice: User) -> None:
    spent(alice, 300)
    stats = {row["key"]: row["value"] for row in chief_client.get("/api/admin/stats").json()["stats"]}
    assert (stats["tokens_today"], stats["registrations_today"], stats["queue_waiting"]) == (300, 2, 0)
    charts = {row["key"]: row for row in chief_client.get("/api/admin/charts", {"days": 3}).json()["charts"]}
    assert {"registrations", "active_users", "tokens_by_plan", "messages", "answers"} <= set(charts)
    basic = next(one for one in charts["tokens_by_plan"]["series"] if one["name"] == "Basic")
    assert (len(charts["tokens_by_plan"]["days"]), basic["values"]) == (3, [0, 0, 300])
    seen = clerk("accounts.view_user").get("/api/admin/stats").json()["stats"]
    assert {row["key"] for row in seen} == {"registrations_today", "active_today"}


@pytest.mark.parametrize("days", ["0", "91", "x", "-1", "٣"])
def test_days_are_bounded(chief_client: JsonClient, days: str) -> None:
    for path in ("charts", "costs"):
        answer = chief_client.get(f"/api/admin/{path}", {"days": days})
        assert (answer.status_code, list(answer.json()["details"])) == (400, ["days"])


class TestUsers:
    def found(self, client: JsonClient, **asked: Any) -> list[str]:
        return [row["username"] for row in client.get("/api/admin/users", asked).json()["results"]]

    def test_they_are_searched_and_filtered(self, chief_client: JsonClient, alice: User, bob: User) -> None:
        User.objects.filter(pk=bob.pk).update(is_active=False)
        assert self.found(chief_client) == ["bob", "alice", "chief"]
        for words in ("ALI", "alice@exam", str(alice.pk)):
            assert self.found(chief_client, search=words) == ["alice"]
        assert self.found(chief_client, is_active="false") == ["bob"]
        assert self.found(chief_client, is_staff="true") == ["chief"]
        assert self.found(chief_client, search="nobody") == []
        assert chief_client.get("/api/admin/users", {"is_active": "perhaps"}).status_code == 400

    def test_no_secret_is_among_their_fields(self, chief_client: JsonClient) -> None:
        assert set(chief_client.get("/api/admin/users").json()["results"][0]) == {
            "id", "username", "email", "kind", "language", "is_active", "is_verified", "is_staff", "created_at",
            "last_seen_at",
        }  # fmt: skip

    def test_pages_follow_each_other_at_a_constant_cost(self, chief_client: JsonClient) -> None:
        for number in range(5):
            make_user(f"user{number}")
        with CaptureQueriesContext(connection) as few:
            first = chief_client.get("/api/admin/users", {"limit": 2}).json()
        with CaptureQueriesContext(connection) as many:
            assert len(chief_client.get("/api/admin/users", {"limit": 100}).json()["results"]) == 6
        assert len(few) == len(many)
        assert not [query for query in many if "COUNT(" in query["sql"]]
        second = chief_client.get(first["next"]).json()
        assert [row["username"] for row in second["results"]] == ["user2", "user1"]

    def test_each_look_is_on_the_record_without_the_words(self, chief: User, chief_client: JsonClient) -> None:
        self.found(chief_client, search="chief@example.com")
        event = AuditEvent.objects.get(event="users.listed")
        assert (event.actor, event.data) == (chief, {"filters": ["search"], "users": 1})
        assert event.request_id


class TestJobs:
    def test_they_are_filtered_and_keep_what_is_private(self, chief_client: JsonClient, alice: User) -> None:
        Job.objects.create(kind="a.job", owner=alice, state=Job.State.FAILED, payload={"text": "secret"}, error="Broke")
        Job.objects.create(kind="b.job")
        asked = [{"state": "failed"}, {"kind": "a.job"}, {"user_id": str(alice.pk)}]
        for one in asked:
            answer = chief_client.get("/api/admin/ai-jobs", one)
            assert [row["kind"] for row in answer.json()["results"]] == ["a.job"]
            assert "secret" not in answer.content.decode()
        assert chief_client.get("/api/admin/ai-jobs", {"state": "odd"}).status_code == 400
        assert chief_client.get("/api/admin/ai-jobs", {"user_id": "odd"}).status_code == 400


class TestCosts:
    @pytest.mark.parametrize("group_by", ["feature", "model", "source", "user", "plan", "day"])
    def test_they_add_up_by_everything(self, chief_client: JsonClient, alice: User, bob: User, group_by: str) -> None:
        spent(alice, 300)
        spent(bob, 200, feature="documents")
        with CaptureQueriesContext(connection) as captured:
            answer = chief_client.get("/api/admin/costs", {"group_by": group_by}).json()
        assert answer["group_by"] == group_by
        assert sum(row["tokens"] for row in answer["results"]) == 500
        assert sum(row["requests"] for row in answer["results"]) == 2
        assert len([query for query in captured if "usage_entries" in query["sql"]]) == 1

    def test_the_groups_are_named(self, chief_client: JsonClient, alice: User, bob: User) -> None:
        spent(alice, 300)
        spent(bob, 200, feature="documents")
        rows = chief_client.get("/api/admin/costs").json()["results"]
        assert [(row["key"], row["tokens"], row["prompt_tokens"]) for row in rows] == [
            ("aichat", 300, 10),
            ("documents", 200, 10),
        ]
        assert chief_client.get("/api/admin/costs", {"group_by": "password"}).status_code == 400


class TestExport:
    def rows(self, client: JsonClient) -> list[list[str]]:
        answer: Any = client.get("/api/admin/payments/export")
        assert answer.headers["Content-Type"].startswith("text/csv")
        assert answer.streaming
        return list(csv.reader(b"".join(answer.streaming_content).decode().splitlines()))

    def test_it_tells_every_row_once_and_no_formula(self, chief: User, chief_client: JsonClient, alice: User) -> None:
        payment = paid(alice, 2999, provider_id="=HYPERLINK()", refunded_amount=999, status="partially_refunded")
        gone = paid(User(pk=uuid7()), 50, status="failed", paid_at=None)
        head, *rows = self.rows(chief_client)
        first, second = (dict(zip(head, row, strict=True)) for row in rows)
        assert (first["id"], first["user_id"], first["tier"]) == (str(payment.pk), str(alice.pk), "premium_pro")
        assert (first["amount"], first["refunded_amount"], first["currency"]) == ("2999", "999", "USD")
        assert first["provider_id"] == "'=HYPERLINK()"
        assert (second["user_id"], second["status"], second["paid_at"]) == (str(gone.user_id), "failed", "")
        assert AuditEvent.objects.get(event="payments.exported").actor == chief

    def test_it_goes_on_over_many_batches(
        self, chief_client: JsonClient, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("billing.exports._BATCH", 2)
        payments = [paid(alice, number) for number in range(5)]
        with CaptureQueriesContext(connection) as captured:
            told = [row[0] for row in self.rows(chief_client)[1:]]
        assert told == [str(payment.pk) for payment in payments]
        asked = [query["sql"] for query in captured if 'FROM "payments"' in query["sql"]]
        assert (len(asked), all("LIMIT 2" in sql for sql in asked)) == (3, True)


class TestMoney:
    def charts(self, client: JsonClient, days: int = 3) -> dict[str, Any]:
        cache.clear()
        charts = client.get("/api/admin/charts", {"days": days}).json()["charts"]
        return {one["key"]: one for one in charts}

    def test_revenue_is_what_was_paid_less_what_went_back(self, chief_client: JsonClient, alice: User) -> None:
        now = timezone.now()
        paid(alice, 2999)
        paid(alice, 4999, status="partially_refunded", refunded_amount=1000, paid_at=now - timedelta(days=1))
        paid(alice, 5000, status="refunded", refunded_amount=5000)
        for status in ("pending", "canceled", "failed", "disputed"):
            paid(alice, 700, status=status)
        paid(alice, 9999, paid_at=now - timedelta(days=3))
        chart = self.charts(chief_client)["revenue_usd"]
        assert (chart["unit"], chart["series"]) == ("USD", [{"name": "Paid", "values": [0, 39.99, 29.99]}])
        stats = {row["key"]: row for row in chief_client.get("/api/admin/stats").json()["stats"]}
        assert (stats["revenue_today_usd"]["value"], stats["revenue_today_usd"]["unit"]) == (29.99, "USD")

    def test_each_currency_has_its_own_and_the_demo_is_called_so(self, chief_client: JsonClient, alice: User) -> None:
        paid(alice, 500, currency="JPY")
        paid(alice, 1234, currency="KWD")
        paid(alice, 2999, provider="demo")
        charts = self.charts(chief_client)
        assert charts["revenue_jpy"]["series"][0]["values"][-1] == 500
        assert charts["revenue_kwd"]["series"][0]["values"][-1] == 1.234
        series = charts["revenue_usd"]["series"]
        assert [(one["name"], one["values"][-1]) for one in series] == [("Paid", 0), ("Demo, no money", 29.99)]
        stats = {row["key"]: row["value"] for row in chief_client.get("/api/admin/stats").json()["stats"]}
        assert (stats["revenue_today_usd"], stats["revenue_today_jpy"]) == (0, 500)

    def test_failed_payments_are_counted(self, chief_client: JsonClient, alice: User) -> None:
        for status in ("failed", "failed", "succeeded"):
            paid(alice, 2999, status=status)
        assert self.charts(chief_client)["failed_payments"]["series"][0]["values"] == [0, 0, 2]
        stats = {row["key"]: row["value"] for row in chief_client.get("/api/admin/stats").json()["stats"]}
        assert stats["failed_payments_today"] == 2

    def test_they_need_the_right_to_see_payments_and_cost_the_same(self, alice: User, chief_client: JsonClient) -> None:
        asked = []
        for _ in range(2):
            for number in range(4):
                paid(alice, number + 1)
            with CaptureQueriesContext(connection) as captured:
                self.charts(chief_client)
            asked.append(len([query for query in captured if 'FROM "payments"' in query["sql"]]))
        assert asked[0] == asked[1] == 4, "cards and charts, of revenue and of failures"
        cache.clear()
        seen = clerk("billing.view_subscription").get("/api/admin/charts").json()["charts"]
        assert not seen
        User.objects.filter(username="clerk").delete()
        seen = clerk("billing.view_payment").get("/api/admin/charts").json()["charts"]
        assert {one["key"] for one in seen} == {"revenue_usd", "failed_payments"}


def test_staff_are_counted_too(chief_client: JsonClient, settings: Settings) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"staff": (2, 60)}
    assert [chief_client.get("/api/admin/stats").status_code for _ in range(3)] == [200, 200, 429]
