"""Making an account: through the front door."""

from __future__ import annotations

from typing import Any

import pytest

from accounts import events
from accounts.models import AuditEvent
from accounts.models import User
from accounts.tests.parallel import at_once
from accounts.tests.test_api_auth import GRANT_FIELDS
from accounts.tests.test_api_auth import with_token
from conftest import JsonClient

pytestmark = pytest.mark.django_db

DORA = {"username": "dora", "email": "dora@Example.com", "password": "hard-to-guess-4"}
USER_FIELDS = {
    "id", "username", "display_name", "email", "avatar_url", "bio", "kind", "language", "time_zone",
    "is_verified", "has_password", "is_staff",
    "created_at", "telegram", "subscription_tier", "tokens_used", "tokens_limit", "reset_at",
}  # fmt: skip


class TestRegister:
    def test_it_makes_an_account_and_signs_in(self, anonymous: JsonClient) -> None:
        response = anonymous.post("/api/auth/register", DORA)
        body = response.json()
        assert response.status_code == 201
        assert set(body) == GRANT_FIELDS
        assert set(body["user"]) == USER_FIELDS
        assert (body["user"]["username"], body["user"]["email"]) == ("dora", "dora@example.com")
        assert body["expires_in"] == 900
        assert response["Cache-Control"] == "no-store"
        dora = User.objects.get(username="dora")
        assert dora.check_password(DORA["password"])
        assert not (dora.is_staff or dora.is_superuser or dora.is_verified)
        assert with_token(body["access_token"]).get("/api/auth/me").json()["user"]["id"] == str(dora.pk)
        assert AuditEvent.objects.get(event="user.registered").actor == dora

    def test_nobody_makes_himself_staff(self, anonymous: JsonClient) -> None:
        extra = {"is_staff": True, "is_superuser": True, "is_verified": True, "kind": "agent"}
        body = anonymous.post("/api/auth/register", DORA | extra).json()
        user = User.objects.get(pk=body["user"]["id"])
        assert (user.is_staff, user.is_superuser, user.is_verified, user.kind) == (False, False, False, "human")

    @pytest.mark.parametrize(
        ("changes", "fields"),
        [
            ({"username": "ab"}, {"username"}),
            ({"username": "a" * 51}, {"username"}),
            ({"username": "dora the explorer"}, {"username"}),
            ({"username": "дора"}, {"username"}),
            ({"username": "dora\n"}, set()),
            ({"username": "do\u0000ra"}, {"username"}),
            ({"email": "dora"}, {"email"}),
            ({"email": "d" * 250 + "@example.com"}, {"email"}),
            ({"password": "sh0rt"}, {"password"}),
            ({"password": "only-letters"}, set()),
            ({"password": "correct horse battery staple"}, set()),
            ({"password": "81726354092"}, set()),
            ({"password": "!?!?!?,;"}, set()),
            ({"password": "12345678"}, {"password"}),
            ({"password": "dora.example"}, {"password"}),
            ({"password": "password1"}, {"password"}),
            ({"password": "Dora@Example.com1"}, {"password"}),
            ({"password": "a1" * 200}, {"password"}),
            ({"password": "пароль-із-літерами-5"}, set()),
            ({"username": "x", "email": "y", "password": "z"}, {"username", "email", "password"}),
            ({"username": ""}, {"username"}),
            ({"username": None}, {"username"}),
            ({"email": ["a@example.com"]}, {"email"}),
        ],
    )
    def test_all_broken_rules_are_named(self, anonymous: JsonClient, changes: dict[str, Any], fields: set[str]) -> None:
        response = anonymous.post("/api/auth/register", DORA | changes)
        if not fields:
            assert response.status_code == 201
            return
        assert response.status_code == 400
        assert response.json()["code"] == "invalid"
        assert set(response.json()["details"]) == fields
        assert not User.objects.exists()

    def test_an_empty_body_names_all_fields(self, anonymous: JsonClient) -> None:
        response = anonymous.post("/api/auth/register", {})
        assert (response.status_code, set(response.json()["details"])) == (400, {"username", "email", "password"})

    @pytest.mark.parametrize(
        ("changes", "taken"),
        [
            ({"username": "Alice"}, ["username"]),
            ({"email": "ALICE@example.com"}, ["email"]),
            ({"username": "alice", "email": "alice@example.com"}, ["username", "email"]),
        ],
    )
    def test_what_is_taken_is_named(
        self, alice: User, anonymous: JsonClient, changes: dict[str, str], taken: list[str]
    ) -> None:
        response = anonymous.post("/api/auth/register", DORA | changes)
        body = response.json()
        assert (response.status_code, body["code"]) == (409, "duplicate")
        assert sorted(body["details"]) == sorted(taken)
        assert User.objects.count() == 1
        assert not AuditEvent.objects.filter(event="user.registered").exists()

    def test_it_is_limited(self, anonymous: JsonClient, settings: Any) -> None:
        settings.RATE_LIMITS = settings.RATE_LIMITS | {"register": (2, 3600)}
        codes = [anonymous.post("/api/auth/register", {}).status_code for _ in range(3)]
        assert codes == [400, 400, 429]


@pytest.mark.django_db(transaction=True)
def test_of_ten_registrations_of_one_name_at_once_one_wins() -> None:
    codes = at_once(10, lambda _index: JsonClient().post("/api/auth/register", DORA).status_code)
    assert sorted(codes) == [201] + [409] * 9
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_signal_comes_after_the_commit(anonymous: JsonClient) -> None:
    sent: list[Any] = []

    def listen(user_id: Any, **_rest: object) -> None:
        sent.append((user_id, User.objects.filter(pk=user_id).exists()))

    events.user_registered.connect(listen)
    try:
        body = anonymous.post("/api/auth/register", DORA).json()
        anonymous.post("/api/auth/register", DORA)
    finally:
        events.user_registered.disconnect(listen)
    assert [(str(user_id), stored) for user_id, stored in sent] == [(body["user"]["id"], True)]


@pytest.mark.parametrize(("spoken", "expected"), [("uk", "uk"), ("en-GB", "en"), ("de", "en")])
def test_a_newcomer_keeps_the_language_of_the_page(anonymous: JsonClient, spoken: str, expected: str) -> None:
    body = {"username": "dana", "email": "dana@example.org", "password": "Lotus-delta-17"}
    response = anonymous.post("/api/auth/register", body, headers={"Accept-Language": spoken})
    assert response.status_code == 201
    assert response.json()["user"]["language"] == expected
