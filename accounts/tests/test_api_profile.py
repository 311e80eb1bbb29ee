"""One's own profile, password, sessions and tickets."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.apps import apps
from django.core.cache import cache
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.errors import SessionEnded
from accounts.models import AuditEvent
from accounts.models import Session
from accounts.models import User
from accounts.services import sessions
from accounts.services import tickets
from accounts.tests.parallel import at_once
from conftest import PASSWORD
from conftest import JsonClient
from conftest import signed_in
from core.realtime.models import StreamEvent

pytestmark = pytest.mark.django_db
NEW = "another-horse-8"


class TestMe:
    def test_what_other_modules_know_is_merged_in(
        self, alice: User, alice_client: JsonClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fields(user_id: UUID) -> dict[str, Any]:
            assert user_id == alice.pk
            return {"subscription_tier": "premium_pro", "tokens_used": 7, "tokens_limit": -1, "reset_at": None}

        monkeypatch.setattr(apps.get_app_config("billing"), "profile_fields", fields)
        user = alice_client.get("/api/auth/me").json()["user"]
        assert (user["id"], user["email"]) == (str(alice.pk), "alice@example.com")
        assert (user["subscription_tier"], user["tokens_used"], user["tokens_limit"]) == ("premium_pro", 7, -1)
        assert "password" not in user

    def test_without_billing_the_fields_are_null(
        self, alice_client: JsonClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(apps.get_app_config("billing"), "profile_fields", lambda user_id: {})
        user = alice_client.get("/api/auth/me").json()["user"]
        assert [user[name] for name in ("subscription_tier", "tokens_used", "tokens_limit", "reset_at")] == [None] * 4

    def test_the_profile_changes(self, alice: User, alice_client: JsonClient) -> None:
        changes = {"username": "alice_2", "bio": "Mends pots.", "language": "uk"}
        response = alice_client.patch("/api/auth/me", changes)
        assert response.status_code == 200
        assert response.json()["user"].items() >= changes.items()
        alice.refresh_from_db()
        assert (alice.username, alice.bio, alice.language) == ("alice_2", "Mends pots.", "uk")
        event = AuditEvent.objects.get(event="profile.changed")
        assert (event.actor, event.data) == (alice, {"fields": ["bio", "language", "username"]})

    def test_ones_other_devices_are_told_and_nobody_else(self, alice: User, alice_client: JsonClient) -> None:
        alice_client.patch("/api/auth/me", {"display_name": "Аліса", "bio": "Mends pots."})
        alice_client.patch("/api/auth/me", {"display_name": "Аліса"})  # nothing new
        assert alice_client.patch("/api/auth/me", {"display_name": "Support"}).status_code == 400
        told = StreamEvent.objects.values_list("stream_id", "type", "payload")
        [(stream, kind, payload)] = told
        assert (stream, kind, json.loads(payload)) == (alice.pk, "profile.updated", {"fields": ["bio", "display_name"]})

    def test_what_is_left_out_stays(self, alice: User, alice_client: JsonClient) -> None:
        alice_client.patch("/api/auth/me", {"bio": "One"})
        alice_client.patch("/api/auth/me", {"language": "uk"})
        alice_client.patch("/api/auth/me", {})
        alice.refresh_from_db()
        assert (alice.bio, alice.language) == ("One", "uk")
        assert AuditEvent.objects.filter(event="profile.changed").count() == 2

    def test_ones_own_name_in_other_letters_is_free(self, alice_client: JsonClient) -> None:
        assert alice_client.patch("/api/auth/me", {"username": "ALICE"}).json()["user"]["username"] == "ALICE"

    def test_a_taken_name_is_409(self, bob: User, alice: User, alice_client: JsonClient) -> None:
        response = alice_client.patch("/api/auth/me", {"username": "BOB"})
        assert (response.status_code, response.json()["code"]) == (409, "duplicate")
        assert set(response.json()["details"]) == {"username"}
        alice.refresh_from_db()
        assert alice.username == "alice"

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"username": "a b"}, "username"),
            ({"username": ""}, "username"),
            ({"username": None}, "username"),
            ({"bio": "x" * 501}, "bio"),
            ({"language": "xx"}, "language"),
            ({"display_name": "\u2800 \u200d"}, "display_name"),
            ({"display_name": "ї" * 65}, "display_name"),
            ({"display_name": "👨‍👩‍👧‍👦" * 40}, "display_name"),
            ({"display_name": "Support"}, "display_name"),
            ({"display_name": "Kintsugi Team"}, "display_name"),
            ({"display_name": "Admin ✓"}, "display_name"),
            ({"display_name": "А d m і n"}, "display_name"),  # Cyrillic but for two
            ({"display_name": "«Підтримка» 24"}, "display_name"),
            ({"display_name": None}, "display_name"),
        ],
    )
    def test_the_rules_hold_here_as_well(self, alice_client: JsonClient, changes: dict[str, Any], field: str) -> None:
        response = alice_client.patch("/api/auth/me", changes)
        assert (response.status_code, set(response.json()["details"])) == (400, {field})

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("Олена Їжак 🦔", "Олена Їжак 🦔"),
            ("أمينة", "أمينة"),
            ("Anna, support", "Anna, support"),
            ("👨‍👩‍👧‍👦" * 30, "👨‍👩‍👧‍👦" * 30),  # 30 letters, 210 characters
            ("  Anna\n\tLee ", "Anna Lee"),
            ("\u202eecila\u202c", "ecila"),
            ("A\u2060l\u200bice", "Alice"),
            ("", ""),
        ],
    )
    def test_a_display_name_is_of_any_script_and_hides_nothing(
        self, alice: User, alice_client: JsonClient, given: str, kept: str
    ) -> None:
        user = alice_client.patch("/api/auth/me", {"display_name": given}).json()["user"]
        assert (user["display_name"], user["username"]) == (kept, "alice")
        assert User.objects.get(pk=alice.pk).shown_name == (kept or "alice")

    def test_read_only_fields_survive(self, alice: User, alice_client: JsonClient) -> None:
        before = User.objects.filter(pk=alice.pk).values().get()
        forbidden = {
            "id": "0190b6a0-0000-7000-8000-000000000000", "email": "x@example.com", "is_staff": True, "kind": "agent",
            "is_superuser": True, "is_verified": True, "is_active": False, "avatar_url": "http://x", "password": "x",
            "subscription_tier": "unlimited", "tokens_limit": -1,
        }  # fmt: skip
        assert alice_client.patch("/api/auth/me", forbidden).status_code == 200
        assert User.objects.filter(pk=alice.pk).values().get() == before

    def test_charlie_changes_only_himself(self, alice: User, charlie_client: JsonClient) -> None:
        charlie_client.patch("/api/auth/me", {"id": str(alice.pk), "bio": "Charlie was here"})
        alice.refresh_from_db()
        assert alice.bio == ""


class TestPassword:
    def change(self, client: JsonClient, current: str = PASSWORD, new: str = NEW) -> Any:
        return client.post("/api/auth/password", {"current_password": current, "new_password": new})

    def test_it_ends_all_other_sessions(self, alice: User, alice_client: JsonClient, bob_client: JsonClient) -> None:
        other = signed_in(alice)
        assert self.change(alice_client).status_code == 204
        assert alice_client.get("/api/auth/me").status_code == 200
        assert other.get("/api/auth/me").status_code == 401
        assert bob_client.get("/api/auth/me").status_code == 200
        alice.refresh_from_db()
        assert alice.check_password(NEW)
        assert Session.objects.filter(revoke_reason="password").count() == 1
        assert AuditEvent.objects.get(event="password.changed").data == {"sessions": 1}

    def test_the_own_refresh_token_goes_on(self, alice: User, anonymous: JsonClient) -> None:
        grant = sessions.open_session(alice)
        anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {grant.access_token}")
        assert self.change(anonymous).status_code == 204
        assert sessions.refresh(grant.refresh_token).session == grant.session

    def test_the_current_one_must_be_right(self, alice: User, alice_client: JsonClient) -> None:
        response = self.change(alice_client, current="wrong-guess-1")
        assert (response.status_code, set(response.json()["details"])) == (400, {"current_password"})
        alice.refresh_from_db()
        assert alice.check_password(PASSWORD)
        assert AuditEvent.objects.get(event="password.change_failed").outcome == "failure"

    @pytest.mark.parametrize("weak", ["sh0rt", "football", "password1", "alice@example.com1"])
    def test_the_rules_hold(self, alice: User, alice_client: JsonClient, weak: str) -> None:
        response = self.change(alice_client, new=weak)
        assert (response.status_code, set(response.json()["details"])) == (400, {"new_password"})
        alice.refresh_from_db()
        assert alice.check_password(PASSWORD)

    def test_guessing_with_a_stolen_token_locks(self, alice: User, alice_client: JsonClient) -> None:
        codes = [self.change(alice_client, current=f"wrong-guess-{n}").status_code for n in range(6)]
        assert codes == [400] * 5 + [429]
        response = self.change(alice_client)
        assert (response.status_code, response.json()["code"]) == (429, "locked_out")


class TestSessions:
    def test_the_living_ones_are_listed(
        self, alice: User, bob: User, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        dead, run_out = sessions.open_session(alice), sessions.open_session(alice)
        sessions.log_out(dead.session.pk)
        Session.objects.filter(pk=run_out.session.pk).update(expires_at=timezone.now())
        sessions.open_session(bob)
        older = sessions.open_session(alice)
        client = signed_in(alice)
        with django_assert_num_queries(2):
            body = client.get("/api/auth/sessions").json()
        assert (body["next"], body["previous"]) == (None, None)
        assert [row["is_current"] for row in body["results"]] == [True, False]
        assert body["results"][1]["id"] == str(older.session.pk)
        assert set(body["results"][0]) == {"id", "user_agent", "ip", "created_at", "last_used_at", "is_current"}

    def test_more_sessions_cost_no_more_queries(
        self, alice: User, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for _ in range(60):
            sessions.open_session(alice)
        client = signed_in(alice)
        with django_assert_num_queries(2):
            first = client.get("/api/auth/sessions").json()
        second = client.get(first["next"]).json()
        assert (len(first["results"]), len(second["results"])) == (50, 11)

    def test_one_is_ended(self, alice: User, alice_client: JsonClient) -> None:
        other = signed_in(alice)
        other_id = next(
            row["id"] for row in alice_client.get("/api/auth/sessions").json()["results"] if not row["is_current"]
        )
        assert alice_client.delete(f"/api/auth/sessions/{other_id}").status_code == 204
        assert other.get("/api/auth/me").status_code == 401
        assert alice_client.delete(f"/api/auth/sessions/{other_id}").status_code == 204
        assert AuditEvent.objects.filter(event="session.revoked").count() == 1

    def test_charlie_sees_and_ends_nothing(self, alice: User, charlie_client: JsonClient) -> None:
        grant = sessions.open_session(alice)
        listed = charlie_client.get("/api/auth/sessions").json()["results"]
        assert str(grant.session.pk) not in {row["id"] for row in listed}
        response = charlie_client.delete(f"/api/auth/sessions/{grant.session.pk}")
        assert (response.status_code, response.json()["code"]) == (404, "not_found")
        assert Session.objects.get(pk=grant.session.pk).revoked_at is None


class TestTicket:
    def ticket(self, client: JsonClient) -> str:
        response = client.post("/api/auth/ws-ticket")
        assert response.status_code == 201
        assert response["Cache-Control"] == "no-store"
        body = response.json()
        assert (set(body), body["expires_in"]) == ({"ticket", "expires_in"}, 30)
        return str(body["ticket"])

    def test_it_speaks_for_user_and_session_once(self, alice: User, alice_client: JsonClient) -> None:
        ticket = self.ticket(alice_client)
        owner = tickets.redeem_ticket(ticket)
        assert (owner.user, owner.session_id) == (alice, Session.objects.get().pk)
        with pytest.raises(SessionEnded):
            tickets.redeem_ticket(ticket)

    def test_it_runs_out(self, alice_client: JsonClient, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tickets, "LIFETIME_SECONDS", 0)
        ticket = alice_client.post("/api/auth/ws-ticket").json()["ticket"]
        with pytest.raises(SessionEnded):
            tickets.redeem_ticket(ticket)

    def test_it_is_kept_for_its_lifetime_only(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        kept: list[Any] = []
        monkeypatch.setattr(cache, "set", lambda *args: kept.append(args))
        ticket = tickets.issue_ticket(alice, session_id=sessions.open_session(alice).session.pk)
        ((key, _value, seconds),) = kept
        assert seconds == 30
        assert ticket not in key

    def test_it_dies_with_its_session(self, alice_client: JsonClient) -> None:
        ticket = self.ticket(alice_client)
        alice_client.post("/api/auth/logout")
        with pytest.raises(SessionEnded):
            tickets.redeem_ticket(ticket)

    def test_an_invented_one_is_worth_nothing(self) -> None:
        with pytest.raises(SessionEnded):
            tickets.redeem_ticket("invented")


@pytest.mark.django_db(transaction=True)
def test_of_twenty_sockets_with_one_ticket_one_opens(alice: User) -> None:
    ticket = tickets.issue_ticket(alice, session_id=sessions.open_session(alice).session.pk)

    def redeem(_index: int) -> bool:
        try:
            tickets.redeem_ticket(ticket)
        except SessionEnded:
            return False
        return True

    assert sum(at_once(20, redeem)) == 1


def test_a_session_list_uses_the_clock(alice: User) -> None:
    sessions.open_session(alice)
    with time_machine.travel(timezone.now().replace(year=2100), tick=False):
        assert not Session.objects.visible_to(alice).alive().exists()
