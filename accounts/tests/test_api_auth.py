"""Sign in, refresh, sign out: through the front door."""

from __future__ import annotations

from datetime import timedelta
from http.cookies import Morsel
from typing import Any

import pytest
import time_machine
from django.test import Client as BrowserClient
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AuditEvent
from accounts.models import RefreshToken
from accounts.models import Session
from accounts.models import User
from accounts.services import sessions
from accounts.tests.parallel import at_once
from conftest import PASSWORD
from conftest import JsonClient

pytestmark = pytest.mark.django_db

GRANT_FIELDS = {"user", "access_token", "refresh_token", "expires_in"}


def cookie_of(response: Any) -> Morsel[str]:
    morsel: Morsel[str] = response.cookies["kintsugi_refresh"]
    return morsel


def with_token(token: str) -> JsonClient:
    client = JsonClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def sign_in(client: APIClient, name: str = "alice") -> dict[str, Any]:
    response = client.post("/api/auth/login", {"email": name, "password": PASSWORD}, format="json")
    assert response.status_code == 200
    body: dict[str, Any] = response.json()
    return body


class TestLogin:
    def test_it_answers_with_user_and_tokens(self, alice: User, anonymous: JsonClient) -> None:
        for name in ("alice", "alice@example.com"):
            body = sign_in(anonymous, name)
            assert set(body) == GRANT_FIELDS
            assert body["user"]["id"] == str(alice.pk)
            assert with_token(body["access_token"]).get("/api/auth/me").status_code == 200

    def test_the_session_knows_address_and_agent(self, alice: User) -> None:
        client = JsonClient(HTTP_USER_AGENT="Mozilla/5.0 \x00\x07(X11)" + "x" * 400, REMOTE_ADDR="192.0.2.44")
        sign_in(client)
        session = Session.objects.get()
        assert session.ip == "192.0.2.44"
        assert session.user_agent.startswith("Mozilla/5.0 (X11)xxx")
        assert len(session.user_agent) == 300

    def test_a_forged_forwarding_header_does_not_escape_the_lockout(self, alice: User) -> None:
        codes = [
            JsonClient(HTTP_X_FORWARDED_FOR=f"198.51.100.{index}")
            .post("/api/auth/login", {"email": "alice", "password": "wrong-guess-1"})
            .status_code
            for index in range(6)
        ]
        assert codes == [401] * 5 + [429]

    def test_wrong_and_unknown_get_the_same_answer(self, alice: User, anonymous: JsonClient) -> None:
        answers = [
            anonymous.post("/api/auth/login", {"email": name, "password": "wrong-guess-1"})
            for name in ("alice", "nobody")
        ]
        assert {answer.status_code for answer in answers} == {401}
        bodies = [{key: value for key, value in a.json().items() if key != "request_id"} for a in answers]
        assert bodies[0] == bodies[1] == {"error": "Invalid credentials", "code": "invalid_credentials"}
        assert "kintsugi_refresh" not in answers[0].cookies

    def test_a_disabled_account(self, alice: User, anonymous: JsonClient) -> None:
        User.objects.update(is_active=False)
        right = anonymous.post("/api/auth/login", {"email": "alice", "password": PASSWORD})
        assert (right.status_code, right.json()["error"]) == (403, "Account is disabled")
        assert right.json()["code"] == "account_disabled"
        wrong = anonymous.post("/api/auth/login", {"email": "alice", "password": "wrong-guess-1"})
        assert wrong.status_code == 401

    @pytest.mark.parametrize("name", ["alice", "nobody"])
    def test_the_lockout_is_a_429_that_says_when_to_return(self, alice: User, anonymous: JsonClient, name: str) -> None:
        for _ in range(5):
            anonymous.post("/api/auth/login", {"email": name, "password": "wrong-guess-1"})
        response = anonymous.post("/api/auth/login", {"email": name, "password": PASSWORD})
        body = response.json()
        assert (response.status_code, body["code"]) == (429, "locked_out")
        assert 890 <= body["retry_after"] <= 901
        assert response["Retry-After"] == str(body["retry_after"])

    def test_a_stale_token_does_not_stand_in_the_way(self, alice: User) -> None:
        client = with_token("run.out.token")
        assert sign_in(client)["user"]["id"] == str(alice.pk)

    @pytest.mark.parametrize("body", [{}, {"email": "alice"}, {"email": "alice", "password": ""}, [1], "x"])
    def test_nonsense_is_400(self, alice: User, anonymous: JsonClient, body: Any) -> None:
        assert anonymous.post("/api/auth/login", body).status_code == 400

    def test_a_form_of_another_site_is_not_read(self, alice: User) -> None:
        response = BrowserClient().post("/api/auth/login", {"email": "alice", "password": PASSWORD})
        assert response.status_code == 415

    def test_the_versioned_path_is_the_same(self, alice: User, anonymous: JsonClient) -> None:
        response = anonymous.post("/api/v1/auth/login", {"email": "alice", "password": PASSWORD})
        assert response.status_code == 200


class TestCookie:
    def test_it_is_out_of_reach_of_scripts_and_other_sites(self, alice: User, anonymous: JsonClient) -> None:
        response = anonymous.post("/api/auth/login", {"email": "alice", "password": PASSWORD})
        cookie = cookie_of(response)
        assert cookie.value == response.json()["refresh_token"]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/api/auth")
        assert not cookie["secure"]
        assert int(cookie["max-age"]) == pytest.approx(168 * 3600, abs=5)

    def test_it_is_secure_in_production(self, alice: User, anonymous: JsonClient, settings: Any) -> None:
        settings.COOKIES_SECURE = True
        response = anonymous.post("/api/auth/login", {"email": "alice", "password": PASSWORD})
        assert cookie_of(response)["secure"] is True

    def test_it_refreshes_with_the_header(self, alice: User, anonymous: JsonClient) -> None:
        first = sign_in(anonymous)
        response = anonymous.post("/api/auth/refresh", headers={"X-Requested-With": "kintsugi"})
        assert response.status_code == 200
        assert set(response.json()) == GRANT_FIELDS - {"refresh_token"}
        assert cookie_of(response).value
        assert cookie_of(response).value != first["refresh_token"]

    @pytest.mark.parametrize(
        ("path", "form"),
        [
            ("login", {"email": "alice", "password": PASSWORD}),
            ("register", {"username": "dora", "email": "dora@example.com", "password": "hard-to-guess-4"}),
        ],
    )
    def test_a_browser_gets_the_refresh_token_in_the_cookie_alone(
        self, alice: User, anonymous: JsonClient, path: str, form: Any
    ) -> None:
        """A script that got into the page can ask for all the page can; what it reads must not outlive the page."""
        response = anonymous.post(f"/api/auth/{path}", form, headers={"X-Requested-With": "kintsugi"})
        assert response.status_code in {200, 201}
        assert cookie_of(response).value not in response.content.decode()
        assert set(response.json()) == GRANT_FIELDS - {"refresh_token"}

    def test_nor_does_a_body_with_nothing_in_it_bring_it_out(self, alice: User, anonymous: JsonClient) -> None:
        sign_in(anonymous)
        for body in ({}, {"refresh_token": None}, {"refresh_token": ""}):
            response = anonymous.post("/api/auth/refresh", body, headers={"X-Requested-With": "kintsugi"})
            assert "refresh_token" not in response.json().keys() - {"details"}

    def test_without_the_header_it_does_not(self, alice: User, anonymous: JsonClient) -> None:
        sign_in(anonymous)
        for path in ("/api/auth/refresh", "/api/auth/logout"):
            response = anonymous.post(path)
            assert (response.status_code, response.json()["code"]) == (403, "requested_with_required")
        assert Session.objects.get().revoked_at is None
        assert RefreshToken.objects.count() == 1

    def test_signing_out_clears_it(self, alice: User, anonymous: JsonClient) -> None:
        sign_in(anonymous)
        response = anonymous.post("/api/auth/logout", headers={"X-Requested-With": "kintsugi"})
        assert response.status_code == 204
        cookie = cookie_of(response)
        assert (cookie.value, cookie["path"], cookie["max-age"]) == ("", "/api/auth", 0)
        assert Session.objects.get().revoke_reason == "logout"


class TestRefresh:
    def test_by_body(self, alice: User, anonymous: JsonClient) -> None:
        grant = sessions.open_session(alice)
        response = anonymous.post("/api/auth/refresh", {"refresh_token": grant.refresh_token})
        assert response.status_code == 200
        assert response.json()["user"]["id"] == str(alice.pk)
        assert with_token(response.json()["access_token"]).get("/api/auth/me").status_code == 200

    def test_reuse_ends_the_family(self, alice: User, anonymous: JsonClient) -> None:
        grant = sessions.open_session(alice)
        body = {"refresh_token": grant.refresh_token}
        second = anonymous.post("/api/auth/refresh", body).json()
        assert anonymous.post("/api/auth/refresh", body).json()["refresh_token"] == second["refresh_token"]
        third = anonymous.post("/api/auth/refresh", {"refresh_token": second["refresh_token"]}).json()
        response = anonymous.post("/api/auth/refresh", body)
        assert (response.status_code, response.json()["code"]) == (401, "session_ended")
        assert with_token(third["access_token"]).get("/api/auth/me").status_code == 401
        again = anonymous.post("/api/auth/refresh", {"refresh_token": third["refresh_token"]})
        assert again.status_code == 401

    def test_a_lost_answer_is_asked_for_again(self, alice: User, anonymous: JsonClient) -> None:
        body = {"refresh_token": sessions.open_session(alice).refresh_token}
        anonymous.post("/api/auth/refresh", body)  # its answer is lost in a tunnel
        RefreshToken.objects.exclude(used_at=None).update(used_at=timezone.now() - timedelta(seconds=12))
        again = anonymous.post("/api/auth/refresh", body)
        assert again.status_code == 200
        successor = {"refresh_token": again.json()["refresh_token"]}
        assert anonymous.post("/api/auth/refresh", successor).status_code == 200

    def test_a_session_somebody_ended_says_so(self, alice: User, anonymous: JsonClient) -> None:
        grant, other = sessions.open_session(alice), sessions.open_session(alice)
        sessions.revoke(alice, session_id=Session.objects.order_by("pk").first().pk)  # type: ignore[union-attr]
        codes = []
        for token in (grant.refresh_token, other.refresh_token):
            response = anonymous.post("/api/auth/refresh", {"refresh_token": token})
            codes.append((response.status_code, response.json().get("code")))
        assert codes == [(401, "session_revoked"), (200, None)]
        with time_machine.travel(timezone.now() + timedelta(days=400), tick=False):
            response = anonymous.post("/api/auth/refresh", {"refresh_token": other.refresh_token})
            assert (response.status_code, response.json()["code"]) == (401, "session_ended")

    def test_an_access_token_does_not_refresh(self, alice: User, anonymous: JsonClient) -> None:
        token = sessions.open_session(alice).access_token
        assert anonymous.post("/api/auth/refresh", {"refresh_token": token}).status_code == 401

    @pytest.mark.parametrize("body", [{}, {"refresh_token": "a.b.c"}])
    def test_without_a_good_token_it_is_401(self, anonymous: JsonClient, body: Any) -> None:
        assert anonymous.post("/api/auth/refresh", body).status_code == 401

    def test_a_suspended_user_does_not_refresh(self, alice: User, anonymous: JsonClient) -> None:
        token = sessions.open_session(alice).refresh_token
        User.objects.update(is_active=False)
        assert anonymous.post("/api/auth/refresh", {"refresh_token": token}).status_code == 401

    def test_it_is_limited_by_family(self, alice: User, anonymous: JsonClient, settings: Any) -> None:
        settings.RATE_LIMITS = settings.RATE_LIMITS | {"refresh": (2, 3600)}
        mine, other = sessions.open_session(alice), sessions.open_session(alice)
        codes = [
            anonymous.post("/api/auth/refresh", {"refresh_token": mine.refresh_token}).status_code for _ in range(3)
        ]
        assert codes == [200, 200, 429]
        assert anonymous.post("/api/auth/refresh", {"refresh_token": other.refresh_token}).status_code == 200

    def test_a_browser_that_loads_many_pages_is_not_one_that_guesses(
        self, alice: User, anonymous: JsonClient, settings: Any
    ) -> None:
        settings.RATE_LIMITS = settings.RATE_LIMITS | {"refresh": (1, 3600), "refresh_cookie": (3, 3600)}
        sign_in(anonymous)
        page_load = {"X-Requested-With": "kintsugi"}
        codes = [anonymous.post("/api/auth/refresh", headers=page_load).status_code for _ in range(4)]
        assert codes == [200, 200, 200, 429]


@pytest.mark.django_db(transaction=True)
def test_fifty_refreshes_at_once_through_the_door(alice: User, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.RATE_LIMIT_ENABLED = False
    # Fifty requests in line can take a slow machine longer than that; what it does is tested elsewhere.
    monkeypatch.setattr(sessions, "SAME_ANSWER", timedelta(minutes=5))
    token = sessions.open_session(alice).refresh_token

    def refresh(_index: int) -> tuple[int, str]:
        response = JsonClient().post("/api/auth/refresh", {"refresh_token": token})
        return response.status_code, response.json().get("refresh_token")

    answers = set(at_once(50, refresh))
    assert len(answers) == 1
    assert answers.pop()[0] == 200
    assert RefreshToken.objects.count() == 2


class TestLogout:
    def test_by_refresh_token_of_the_body(self, alice: User, anonymous: JsonClient) -> None:
        grant = sessions.open_session(alice)
        body = {"refresh_token": grant.refresh_token}
        assert anonymous.post("/api/auth/logout", body).status_code == 204
        assert with_token(grant.access_token).get("/api/auth/me").status_code == 401
        assert anonymous.post("/api/auth/refresh", body).status_code == 401
        assert anonymous.post("/api/auth/logout", body).status_code == 204

    def test_by_the_access_token(self, alice_client: JsonClient) -> None:
        assert alice_client.post("/api/auth/logout").status_code == 204
        assert alice_client.get("/api/auth/me").status_code == 401

    def test_a_run_out_access_token_leaves_it_to_the_cookie(self, alice: User, anonymous: JsonClient) -> None:
        sign_in(anonymous)
        headers = {"Authorization": "Bearer run.out.token", "X-Requested-With": "kintsugi"}
        assert anonymous.post("/api/auth/logout", headers=headers).status_code == 204
        assert not Session.objects.alive().exists()

    def test_it_ends_this_session_only(self, alice: User, alice_client: JsonClient) -> None:
        other = sessions.open_session(alice)
        alice_client.post("/api/auth/logout")
        assert with_token(other.access_token).get("/api/auth/me").status_code == 200

    def test_with_nothing_it_is_401(self, anonymous: JsonClient) -> None:
        assert anonymous.post("/api/auth/logout").status_code == 401

    def test_everywhere(self, alice: User, alice_client: JsonClient, charlie_client: JsonClient) -> None:
        other = sessions.open_session(User.objects.get(pk=alice.pk))
        response = alice_client.post("/api/auth/logout/all")
        assert response.status_code == 204
        assert cookie_of(response).value == ""
        assert alice_client.get("/api/auth/me").status_code == 401
        assert with_token(other.access_token).get("/api/auth/me").status_code == 401
        assert charlie_client.get("/api/auth/me").status_code == 200
        assert AuditEvent.objects.get(event="session.logout_all").data == {"sessions": 2}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/api/auth/me"),
        ("patch", "/api/auth/me"),
        ("post", "/api/auth/logout/all"),
        ("post", "/api/auth/password"),
        ("get", "/api/auth/sessions"),
        ("delete", "/api/auth/sessions/0190b6a0-0000-7000-8000-000000000000"),
        ("post", "/api/auth/ws-ticket"),
    ],
)
def test_without_signing_in_nothing_opens(anonymous: JsonClient, method: str, path: str) -> None:
    response = getattr(anonymous, method)(path)
    assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")
