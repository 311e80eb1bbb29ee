"""The admin is no second door beside the services: every view of the site is known, and so is what its cookie may."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as house
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern

from accounts.models import AuditEvent
from accounts.models import User
from conftest import PASSWORD
from conftest import make_user
from conftest import signed_in

pytestmark = pytest.mark.django_db

# The name of a view that belongs to no table; each with what keeps it from being a way past a service.
SITE = {
    "index": "shows",
    "app_list": "shows",
    "search": "shows what the lists show",
    "login": "LoginForm: our lockout, our audit log",
    "logout": "ends the cookie",
    "password_change": "sends to the settings",
    "password_change_done": "the same",
    "autocomplete": "asks the right to view",
    "jsi18n": "words",
    "view_on_site": "sends to get_absolute_url, which no model has",
    "": "the way back from addresses nobody knows",
}
OF_A_TABLE = ("changelist", "add", "change", "delete", "history", "act")
"""What the pages of a table are called; ``tests/test_admin.py`` looks at those."""


def views(patterns: list[Any]) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern.name or "", pattern
        else:
            yield from ((name, view) for name, view in views(pattern.url_patterns) if name)


def test_every_view_of_the_site_is_known() -> None:
    tables = {f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry}
    pages = {f"{table}_{page}" for table in tables for page in OF_A_TABLE}
    assert {name for name, _view in views(admin.site.urls[0])} - pages == set(SITE)


@pytest.fixture
def staff() -> Client:
    make_user("staff", is_staff=True)
    client = Client(REMOTE_ADDR="192.0.2.1")
    assert client.post("/admin/login/", {"username": "staff", "password": PASSWORD}).status_code == 302
    return client


@pytest.mark.parametrize("old", ["wrong-guess-1", PASSWORD])
@pytest.mark.parametrize("path", ["/admin/password_change/", "/admin/password_change/done/"])
def test_a_password_is_neither_guessed_nor_changed_there(staff: Client, path: str, old: str) -> None:
    session = signed_in(User.objects.get())
    form = {"old_password": old, "new_password1": "another-horse-8", "new_password2": "another-horse-8"}
    assert staff.post(path, form).status_code == 405
    assert staff.get(path).headers["Location"] == "/app/settings"
    assert User.objects.get().check_password(PASSWORD)
    assert session.get("/api/auth/me").status_code == 200
    assert not AuditEvent.objects.filter(event="password.changed").exists()


def test_where_it_sends_to_ends_the_admins_cookie(staff: Client) -> None:
    session = signed_in(User.objects.get())
    form = {"current_password": PASSWORD, "new_password": "another-horse-8"}
    assert session.post("/api/auth/password", form).status_code == 204
    assert staff.get("/admin/").status_code == 302


def test_the_cookie_lives_a_working_day_and_comes_from_our_own_pages_only(staff: Client) -> None:
    cookie = staff.cookies[house.SESSION_COOKIE_NAME]
    assert (cookie["samesite"], cookie["httponly"]) == ("Strict", True)
    assert int(cookie["max-age"]) <= 12 * 3600
    assert staff.get("/admin/login/").status_code == 302
    assert Client().get("/admin/login/").cookies[house.CSRF_COOKIE_NAME]["samesite"] == "Strict"


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_a_foreign_next_leads_to_the_admin(wanted: str) -> None:
    make_user("staff", is_staff=True)
    client = Client()
    form = {"username": "staff", "password": PASSWORD, "next": wanted}
    answer = client.post("/admin/login/", form)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200
