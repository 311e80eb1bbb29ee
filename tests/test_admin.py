"""The admin as a whole: every model has its page, each with a search and filters, and none reads a whole table."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.filters import AllValuesFieldListFilter
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import AuditEvent
from accounts.models import RefreshToken
from accounts.models import Session
from accounts.models import User
from accounts.services import audit
from billing.metering.tokens import quotas
from billing.models import TokenQuota
from billing.tests.factories import spent
from conftest import make_user
from core.admin_base import COUNTED
from core.admin_base import BaseAdmin
from core.admin_base import ReadOnlyAdmin
from core.jobs.models import Job
from core.models import LooseBlob
from core.models import StreamEvent

MODELS = list(apps.get_models())
SMALL = {"auth.Permission", "contenttypes.ContentType", "auth.Group"}
WRITTEN_BY_CODE_ONLY = {
    "accounts.AuditEvent", "billing.TokenHold", "billing.UsageEntry", "billing.TokenQuota", "billing.PlatformDay",
    "billing.Payment", "billing.Grant", "billing.WebhookEvent", "billing.BillingCustomer", "billing.DemoObject",
    "billing.Order", "billing.OrderPart", "billing.Quote", "billing.Refund",
    "core.DeletionReceipt", "core.PushSubscription", "core.PushNotice", "core.PushKey", "messenger.NoticeScan",
    "core.OutgoingMail", "accounts.MailedToken", "accounts.TelegramAccount", "accounts.AccountDeletion",
    "accounts.TelegramProof", "accounts.DataExport", "core.Job", "core.StreamEvent", "core.Stream",
    "messenger.Message", "aichat.ChatMessage",
}  # fmt: skip


@pytest.fixture
def root(db: None) -> Client:
    client = Client()
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    return client


def staff_with(*permissions: str) -> Client:
    """Somebody on the staff who may do just this."""
    user = make_user("clerk", is_staff=True)
    for name in permissions:
        app, code = name.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=code))
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_model_has_a_page_with_search_and_filters(root: Client, model: type[Model]) -> None:
    page = admin.site.get_model_admin(model)
    assert isinstance(page, BaseAdmin)
    assert page.list_filter
    path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert root.get(path).status_code == 200
        answer = root.get(path, {"q": "ali"})
    assert 'name="q"' in answer.content.decode()
    for query in captured.captured_queries:
        if "COUNT(" in query["sql"] and "staff" not in query["sql"]:
            # Counting stops somewhere: of a list, and of the children of the rows of one page.
            assert f"LIMIT {COUNTED}" in query["sql"] or "LIMIT 50" in query["sql"], query["sql"]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_no_filter_looks_for_its_values_through_a_large_table(root: Client, model: type[Model]) -> None:
    path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    specs = root.get(path).context["cl"].filter_specs
    guessing = [spec for spec in specs if isinstance(spec, AllValuesFieldListFilter)]
    related = [spec for spec in specs if hasattr(spec, "lookup_kwarg_isnull") and hasattr(spec, "other_model")]
    assert not related
    if model._meta.label not in SMALL:
        assert not [spec for spec in guessing if spec.field.model._meta.label not in SMALL]


@pytest.mark.parametrize("label", sorted(WRITTEN_BY_CODE_ONLY))
def test_what_only_the_code_writes_is_read_only(root: Client, label: str) -> None:
    page = admin.site.get_model_admin(apps.get_model(label))
    assert isinstance(page, ReadOnlyAdmin)
    add = reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_add")
    assert root.get(add).status_code == 403


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_no_page_offers_a_choice_among_a_whole_table(model: type[Model]) -> None:
    page: Any = admin.site.get_model_admin(model)
    if isinstance(page, ReadOnlyAdmin) and model._meta.label != "billing.Subscription":
        return
    bounded = {*page.raw_id_fields, *page.autocomplete_fields, *page.readonly_fields, *(page.exclude or ())}
    for field in model._meta.fields:
        if field.remote_field and field.editable and model._meta.label != "core.StoredFile":
            assert field.name in bounded


def test_a_list_costs_the_same_for_many_rows_and_for_few(root: Client) -> None:
    def asked(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            root.get(path)
        return len(captured)

    path = reverse("admin:billing_usageentry_changelist")
    users = [make_user(f"user{number}") for number in range(12)]
    spent(users[0], 100)
    asked(path)
    few = asked(path)
    for user in users:
        spent(user, 100)
    assert asked(path) == few


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="asks PostgreSQL for its plan")
def test_a_search_for_people_uses_the_indexes(root: Client) -> None:
    with CaptureQueriesContext(connection) as captured, connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        root.get(reverse("admin:accounts_user_changelist"), {"q": "alic"})
    asked = [query["sql"] for query in captured.captured_queries if "LIKE" in query["sql"]]
    assert len(asked) == 2
    for sql in asked:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + sql)
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert re.search(r"Index Scan (using|on) user_(username|email)_beginning", plan), plan


def test_the_audit_log_is_found_by_request_and_by_actor(root: Client, alice: User) -> None:
    event = audit.record("test.happened", actor=alice, on=alice)
    AuditEvent.objects.bulk_create([AuditEvent(event="test.asked", request_id="request-7")])
    path = reverse("admin:accounts_auditevent_changelist")
    for term, name in (("request-7", "test.asked"), ("ALI", "test.happened"), (event.object_ref, "test.happened")):
        rows = root.get(path, {"q": term}).context["cl"].result_list
        assert [row.event for row in rows] == [name]


class TestActions:
    def test_they_stand_only_before_those_who_may(self, alice: User) -> None:
        clerk = staff_with("accounts.view_user", "billing.change_tokenquota")
        page = clerk.get(reverse("admin:accounts_user_change", args=[alice.pk])).content.decode()
        assert "Take back tokens" in page
        assert "Suspend" not in page
        act = reverse("admin:accounts_user_act", args=[alice.pk, "suspend"])
        assert clerk.post(act, {"confirmed": "1", "reason": "Because"}).status_code == 403
        assert User.objects.get(pk=alice.pk).is_active

    def test_from_a_row_they_ask_and_then_act(self, root: Client, alice: User) -> None:
        act = reverse("admin:accounts_user_act", args=[alice.pk, "suspend"])
        assert "every session and socket" in root.get(act).content.decode()
        assert User.objects.get(pk=alice.pk).is_active
        assert root.post(act, {"confirmed": "1", "reason": "Spam"}).status_code == 302
        assert not User.objects.get(pk=alice.pk).is_active
        event = AuditEvent.objects.get(event="user.suspended")
        assert event.data["reason"] == "Spam"
        assert event.actor is not None
        assert event.request_id

    def test_a_stranger_gets_no_page(self, alice: User) -> None:
        client = Client()
        client.force_login(alice)
        assert client.get(reverse("admin:accounts_user_act", args=[alice.pk, "suspend"])).status_code == 302
        assert User.objects.get(pk=alice.pk).is_active

    def test_a_failed_job_is_tried_again_on_the_record(self, root: Client, alice: User) -> None:
        job = Job.objects.create(kind="test.unknown", owner=alice, state=Job.State.FAILED, error="Broke")
        act = reverse("admin:core_job_act", args=[job.pk, "cancel_jobs"])
        root.post(act, {"confirmed": "1", "reason": "Too late"})
        assert not AuditEvent.objects.filter(event="job.cancelled").exists()
        root.post(act.replace("cancel_jobs", "retry_jobs"), {"confirmed": "1", "reason": "The disk was full"})
        job.refresh_from_db()
        assert (job.state, job.error) == (Job.State.QUEUED, "")
        event = AuditEvent.objects.get(event="job.retried")
        assert (event.object_ref, event.data) == (f"job:{job.pk}", {"reason": "The disk was full"})

    def test_who_may_not_change_jobs_cannot_try_them_again(self, alice: User) -> None:
        job = Job.objects.create(kind="test.unknown", owner=alice, state=Job.State.FAILED)
        data = {"action": "retry_jobs", "_selected_action": str(job.pk), "confirmed": "1", "reason": "Because"}
        staff_with("core.view_job").post(reverse("admin:core_job_changelist"), data)
        assert Job.objects.get(pk=job.pk).state == Job.State.FAILED

    def test_no_more_than_a_hundred_at_once(self, root: Client) -> None:
        users = User.objects.bulk_create(User(username=f"user{number}") for number in range(101))
        data = {
            "action": "suspend",
            "_selected_action": [str(user.pk) for user in users],
            "confirmed": "1",
            "reason": "x",
        }
        page = root.post(reverse("admin:accounts_user_changelist"), data, follow=True).content.decode()
        assert "at most 100" in page
        assert User.objects.filter(is_active=False).count() == 0


class TestPolicy:
    def test_only_the_admin_may_compile_its_attributes(self, root: Client, anonymous: Client) -> None:
        inside = root.get("/admin/").headers["Content-Security-Policy"]
        outside = [anonymous.get(path).headers["Content-Security-Policy"] for path in ("/api/config", "/favicon.ico")]
        # The order of the directives is no promise.
        assert "script-src 'self' 'unsafe-eval'" in {directive.strip() for directive in inside.split(";")}
        assert "'unsafe-inline'" not in re.sub(r"style-src [^;]*", "", inside)
        assert all("unsafe" not in policy for policy in outside)


class TestDashboard:
    def test_it_shows_figures_with_a_table_under_each_chart(self, root: Client, alice: User) -> None:
        spent(alice, 300)
        page = root.get("/admin/").content.decode()
        for title in (
            "Registrations",
            "Active users",
            "Tokens by plan",
            "Messages",
            "Answers of models",
            "Longest wait",
            "Revenue today",
            "Failed payments",
            "Translations sold",
            "Runs of agents",
        ):
            assert title in page
        assert page.count('class="board-table"') == page.count('<svg viewBox="0 0 280 100"') == 12
        assert "<td>300</td>" in page

    def test_a_panel_needs_its_permission(self, db: None) -> None:
        page = staff_with("accounts.view_user").get("/admin/").content.decode()
        assert "Registrations" in page
        assert "Tokens by plan" not in page

    def test_asking_again_within_a_minute_costs_nothing(self, root: Client) -> None:
        def tables() -> set[str]:
            with CaptureQueriesContext(connection) as captured:
                root.get("/admin/")
            return {name for query in captured for name in re.findall(r'FROM "(\w+)"', query["sql"])}

        assert "usage_entries" in tables()
        assert "usage_entries" not in tables()


def test_no_two_tables_have_one_name_and_none_has_a_wrong_plural(root: Client) -> None:
    names = [str(model._meta.verbose_name_plural) for model in admin.site._registry]
    assert sorted(names) == sorted(set(names))
    assert [name for name in names if re.search(r"(ys|ss|mails)$", name) and not name.endswith(("days", "keys"))] == []


def test_what_the_code_writes_for_itself_stands_in_a_section_of_its_own(root: Client) -> None:
    """A table is in one section, and no internal one beside what staff come for."""
    context = root.get("/admin/").context
    sections = {str(one["name"]): [entry["model"] for entry in one["models"]] for one in context["app_list"]}
    assert [name for name in sections if name != "AI chat"][:3] == ["People", "Plans and money", "Messenger"]
    assert list(sections)[-1] == "Internals"
    shown = [model for models in sections.values() for model in models]
    assert len(shown) == len({*shown}) == len(admin.site._registry)
    assert User in sections["People"]
    assert {LooseBlob, RefreshToken, StreamEvent} <= {*sections["Internals"]}
    outside = {
        str(model._meta.verbose_name) for name, models in sections.items() if name != "Internals" for model in models
    }
    assert not [name for name in outside if re.search(r"blob|stream|upload part|token hold|proof|push", name)]
    # Of one app alone all of its tables are listed, where nothing else leads to them.
    alone = root.get("/admin/core/").context["app_list"]
    assert LooseBlob in [entry["model"] for entry in alone[0]["models"]]


def test_who_may_see_no_internals_is_shown_no_section_of_them(db: None) -> None:
    context = staff_with("accounts.view_user").get("/admin/").context
    assert [str(one["name"]) for one in context["app_list"]] == ["People"]


def test_the_list_of_users_says_plan_tokens_and_last_seen_whatever_their_number(root: Client) -> None:
    users = [make_user(name) for name in ("ann", "ben", "cy")]
    now = timezone.now()
    quotas.change_tier(users[0].pk, "premium_pro", now)
    TokenQuota.objects.filter(pk=users[0].pk).update(tokens_used=12_345)
    for days in (3, 1, 2):
        seen = now - timedelta(days=days)
        Session.objects.create(user=users[0], last_used_at=seen, expires_at=now + timedelta(days=1))
    path = reverse("admin:accounts_user_changelist")
    with CaptureQueriesContext(connection) as before:
        page = root.get(path).content.decode()
    row = next(part for part in page.split("<tr") if "ann@" in part)
    assert "Premium Pro" in row
    assert "12,345" in row
    assert date_format(timezone.localtime(now - timedelta(days=1)), "DATETIME_FORMAT") in row
    other = next(part for part in page.split("<tr") if "ben@" in part)
    assert "Basic" in other
    for number in range(10):
        make_user(f"more{number}")
    with CaptureQueriesContext(connection) as after:
        root.get(path)
    assert len(after) == len(before)
