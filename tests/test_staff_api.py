"""``/api/admin/…``: what staff ask, with the permissions of the admin, and on the record where it is private."""

from __future__ import annotations

import csv
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import AuditEvent
from accounts.models import User
from accounts.services import staff
from billing import services
from billing.models import Subscription
from billing.tests.factories import spent
from conftest import JsonClient
from conftest import make_user
from conftest import signed_in
from core.jobs.models import Job

PATHS = {
    "stats": "",
    "charts": "",
    "health": "",
    "users": "accounts.view_user",
    "ai-jobs": "core.view_job",
    "costs": "billing.view_usageentry",
    "payments/export": "billing.view_subscription",
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
        services.grant_plan(chief, user=alice, tier="premium_pro", reason="Raffle")
        Subscription.objects.update(stripe_subscription_id="=HYPERLINK()")
        head, row = self.rows(chief_client)
        told = dict(zip(head, row, strict=True))
        assert (told["user_id"], told["tier"], told["status"]) == (str(alice.pk), "premium_pro", "active")
        assert told["stripe_subscription_id"] == "'=HYPERLINK()"
        assert AuditEvent.objects.get(event="payments.exported").actor == chief

    def test_it_goes_on_over_many_batches(self, chief_client: JsonClient, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("billing.exports._BATCH", 2)
        users = [make_user(f"user{number}") for number in range(5)]
        Subscription.objects.bulk_create(Subscription(user=user, tier="basic") for user in users)
        told = [row[1] for row in self.rows(chief_client)[1:]]
        assert sorted(told) == sorted(str(user.pk) for user in users)


def test_staff_are_counted_too(chief_client: JsonClient, settings: Settings) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"staff": (2, 60)}
    assert [chief_client.get("/api/admin/stats").status_code for _ in range(3)] == [200, 200, 429]
