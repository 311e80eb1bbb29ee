"""Links by mail: signing in, confirming an address, a new password, a new address. Through the front door."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail as django_mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEvent
from accounts.models import MailedToken
from accounts.models import Session
from accounts.models import User
from accounts.services import staff
from accounts.tests.letterbox import letters
from accounts.tests.letterbox import token
from accounts.tests.letterbox import work
from accounts.tests.parallel import at_once
from conftest import PASSWORD
from conftest import JsonClient
from conftest import make_user
from conftest import signed_in
from core.models import Job
from core.models import OutgoingMail

pytestmark = pytest.mark.django_db
NEW = "brand-new-9-words"


def ask(client: JsonClient, email: str = "dora@example.com") -> Any:
    return client.post("/api/auth/magic-link", {"email": email})


def come_in(client: JsonClient, raw: str) -> Any:
    return client.post("/api/auth/verify-magic-link", {"token": raw})


@pytest.fixture
def unverified(alice: User) -> User:
    assert not alice.is_verified
    return alice


@pytest.fixture
def verified(bob: User) -> User:
    User.objects.filter(pk=bob.pk).update(is_verified=True)
    return User.objects.get(pk=bob.pk)


class TestMagicLink:
    def test_a_newcomer_gets_an_account_by_the_first_link(self, anonymous: JsonClient) -> None:
        response = ask(anonymous)
        assert (response.status_code, response.content) == (202, b"")
        assert not User.objects.exists()  # an address somebody typed is nobody yet
        response = come_in(anonymous, token("dora@example.com", "magic"))
        assert response.status_code == 200
        user = response.json()["user"]
        assert (user["email"], user["username"], user["is_verified"], user["has_password"]) == (
            "dora@example.com", None, True, False,
        )  # fmt: skip
        assert response.cookies["kintsugi_refresh"]["httponly"]
        dora = User.objects.get()
        events = AuditEvent.objects.filter(actor=dora).values_list("event", flat=True)
        assert set(events) == {"user.registered", "login.succeeded"}

    def test_a_known_user_comes_in_and_keeps_the_password(self, anonymous: JsonClient, verified: User) -> None:
        ask(anonymous, "BOB@example.com")
        response = come_in(anonymous, token("BOB@example.com", "magic"))
        assert response.json()["user"]["id"] == str(verified.pk)
        assert User.objects.get(pk=verified.pk).check_password(PASSWORD)

    def test_whoever_squatted_the_address_is_out(self, anonymous: JsonClient, unverified: User) -> None:
        squatter = signed_in(unverified)
        ask(anonymous, "alice@example.com")
        assert come_in(anonymous, token("alice@example.com", "magic")).status_code == 200
        assert squatter.get("/api/auth/me").status_code == 401
        wrong = JsonClient().post("/api/auth/login", {"email": "alice", "password": PASSWORD})
        assert wrong.status_code == 401
        assert User.objects.get(pk=unverified.pk).is_verified

    def test_a_link_works_once(self, anonymous: JsonClient) -> None:
        ask(anonymous)
        raw = token("dora@example.com", "magic")
        assert come_in(anonymous, raw).status_code == 200
        again = come_in(anonymous, raw)
        assert (again.status_code, again.json()["code"]) == (400, "link_expired")
        assert Session.objects.count() == 1

    def test_a_link_lives_ten_minutes(self, anonymous: JsonClient) -> None:
        ask(anonymous)
        raw = token("dora@example.com", "magic")
        with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1)):
            assert come_in(anonymous, raw).json()["code"] == "link_expired"
        with time_machine.travel(timezone.now() + timedelta(minutes=9, seconds=50)):
            assert come_in(anonymous, raw).status_code == 200

    @pytest.mark.parametrize("raw", ["", "x", "A" * 43, "а" * 43, "\u0000", "x" * 201])
    def test_what_is_no_link_is_refused(self, anonymous: JsonClient, raw: str) -> None:
        assert come_in(anonymous, raw).status_code == 400

    def test_a_link_of_another_kind_does_not_sign_in(self, anonymous: JsonClient, verified: User) -> None:
        anonymous.post("/api/auth/password/reset-request", {"email": "bob@example.com"})
        assert come_in(anonymous, token("bob@example.com", "reset")).json()["code"] == "link_expired"

    def test_the_suspended_get_no_letter_and_their_old_links_do_nothing(
        self, anonymous: JsonClient, verified: User, charlie: User
    ) -> None:
        ask(anonymous, "bob@example.com")
        raw = token("bob@example.com", "magic")
        User.objects.filter(pk=charlie.pk).update(is_staff=True, is_superuser=True)
        staff.suspend(User.objects.get(pk=charlie.pk), user=verified, reason="spam")
        response = come_in(anonymous, raw)
        assert (response.status_code, response.json()["code"]) == (403, "account_disabled")
        before = len(letters("bob@example.com"))
        assert ask(anonymous, "bob@example.com").status_code == 202
        assert len(letters("bob@example.com")) == before
        assert not Session.objects.filter(user=verified, revoked_at=None).exists()

    def test_the_link_of_an_address_that_was_given_up_does_nothing(self, anonymous: JsonClient, verified: User) -> None:
        ask(anonymous, "bob@example.com")
        raw = token("bob@example.com", "magic")
        User.objects.filter(pk=verified.pk).update(email="robert@example.com")
        assert come_in(anonymous, raw).json()["code"] == "link_expired"

    def test_three_links_an_hour_to_one_mailbox(self, anonymous: JsonClient, settings: Any) -> None:
        settings.RATE_LIMIT_ENABLED = True
        statuses = [ask(anonymous, address).status_code for address in ["dora@example.com"] * 2 + ["DORA@example.com"]]
        assert statuses == [202, 202, 202]
        response = ask(anonymous)
        assert (response.status_code, response.json()["code"]) == (429, "rate_limited")
        assert ask(anonymous, "somebody-else@example.com").status_code == 202

    def test_the_limit_holds_without_the_cache(self, anonymous: JsonClient, settings: Any) -> None:
        settings.RATE_LIMIT_ENABLED = False
        for _ in range(5):
            assert ask(anonymous).status_code == 202
        assert len(letters("dora@example.com")) == 3

    @pytest.mark.parametrize("email", ["", "dora", "a@b", "dora@example.com\nBcc: x@example.com", "d" * 250 + "@e.co"])
    def test_what_is_no_address_is_said(self, anonymous: JsonClient, email: str) -> None:
        response = ask(anonymous, email)
        assert response.status_code == 400
        assert "email" in response.json()["details"]
        assert not Job.objects.exists()

    def test_in_the_language_of_the_page_or_of_the_profile(self, anonymous: JsonClient, verified: User) -> None:
        anonymous.post("/api/auth/magic-link", {"email": "dora@example.com"}, headers={"Accept-Language": "uk"})
        assert letters("dora@example.com")[0].subject == "Ваше посилання для входу"
        anonymous.post("/api/auth/magic-link", {"email": "bob@example.com"}, headers={"Accept-Language": "uk"})
        assert letters("bob@example.com")[0].subject == "Your link to sign in"

    def test_without_a_mail_server_it_is_said(self, anonymous: JsonClient, settings: Any) -> None:
        settings.MAIL_ENABLED = False
        response = ask(anonymous)
        assert (response.status_code, response.json()["code"]) == (503, "mail_unavailable")
        assert anonymous.get("/api/config").json()["providers"]["mail"] == []


@pytest.mark.django_db(transaction=True)
def test_ten_who_bring_one_link_get_one_session(anonymous: JsonClient) -> None:
    ask(anonymous)
    raw = token("dora@example.com", "magic")
    statuses = at_once(10, lambda _: come_in(JsonClient(), raw).status_code)
    assert sorted(statuses) == [200] + [400] * 9
    assert (User.objects.count(), Session.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_links_of_one_newcomer_make_one_account(anonymous: JsonClient) -> None:
    raws = []
    for _ in range(2):
        ask(anonymous)
        raws.append(token("dora@example.com", "magic"))
    statuses = at_once(2, lambda number: come_in(JsonClient(), raws[number]).status_code)
    assert set(statuses) <= {200, 400}
    assert 200 in statuses
    assert User.objects.count() == 1


class TestNobodyLearnsWhoIsHere:
    @pytest.mark.parametrize("path", ["magic-link", "password/reset-request"])
    def test_the_answer_and_the_work_are_the_same(self, anonymous: JsonClient, verified: User, path: str) -> None:
        def asked(email: str) -> tuple[Any, ...]:
            with CaptureQueriesContext(connection) as queries:
                response = anonymous.post(f"/api/auth/{path}", {"email": email})
            words = [query["sql"].split()[:3] for query in queries.captured_queries]
            return response.status_code, response.content, words

        known, unknown = asked("bob@example.com"), asked("nobody@example.com")
        assert known == unknown
        assert known[0] == 202

    def test_a_taken_address_is_not_told_from_a_free_one(self, alice_client: JsonClient, bob: User) -> None:
        answers = [
            alice_client.post("/api/auth/email/change", {"email": email, "password": PASSWORD})
            for email in ("bob@example.com", "free@example.com")
        ]
        assert [(answer.status_code, answer.content) for answer in answers] == [(202, b"")] * 2
        assert letters("bob@example.com") == []

    def test_no_link_stands_in_a_row_a_log_or_a_job(
        self, anonymous: JsonClient, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        ask(anonymous, "canary-7731@example.com")
        with CaptureQueriesContext(connection) as queries:
            raw = token("canary-7731@example.com", "magic")
        assert raw not in caplog.text
        assert "canary-7731" not in caplog.text
        assert all(raw not in query["sql"] for query in queries.captured_queries)
        assert "canary-7731" not in str(list(Job.objects.values()))
        mail = OutgoingMail.objects.get()
        assert (mail.state, mail.recipient, mail.content) == ("sent", None, None)
        assert MailedToken.objects.get().token_hash != raw


class TestVerification:
    def test_a_new_account_is_asked_to_confirm(self, anonymous: JsonClient) -> None:
        form = {"username": "dora", "email": "dora@example.com", "password": "hard-to-guess-4"}
        assert anonymous.post("/api/auth/register", form).status_code == 201
        letter = letters("dora@example.com")[0]
        assert "“dora”" in letter.body
        raw = token("dora@example.com", "verify")
        dora = User.objects.get()
        assert signed_in(dora).post("/api/auth/email/verify", {"token": raw}).status_code == 204
        dora.refresh_from_db()
        assert dora.is_verified
        assert dora.check_password("hard-to-guess-4")
        assert anonymous.post("/api/auth/email/verify", {"token": raw}).json()["code"] == "link_expired"

    def test_another_link_can_be_asked_for(self, alice_client: JsonClient) -> None:
        assert alice_client.post("/api/auth/email/verification").status_code == 202
        alice_client.post("/api/auth/email/verify", {"token": token("alice@example.com", "verify")})
        assert alice_client.get("/api/auth/me").json()["user"]["is_verified"]
        assert alice_client.post("/api/auth/email/verification").status_code == 409

    def test_who_has_no_address_is_told_so(self) -> None:
        nameless = User.objects.create_user(username="nameless", password=PASSWORD)
        response = signed_in(nameless).post("/api/auth/email/verification")
        assert (response.status_code, set(response.json()["details"])) == (400, {"email"})

    def test_a_link_to_an_address_that_was_left_confirms_nothing(
        self, alice_client: JsonClient, anonymous: JsonClient, alice: User
    ) -> None:
        alice_client.post("/api/auth/email/verification")
        raw = token("alice@example.com", "verify")
        User.objects.filter(pk=alice.pk).update(email="other@example.com")
        assert anonymous.post("/api/auth/email/verify", {"token": raw}).status_code == 400
        assert not User.objects.get(pk=alice.pk).is_verified


class TestReset:
    def request(self, client: JsonClient, email: str) -> str:
        assert client.post("/api/auth/password/reset-request", {"email": email}).status_code == 202
        return token(email, "reset")

    def test_a_new_password_ends_all_sessions(self, anonymous: JsonClient, verified: User) -> None:
        elsewhere = signed_in(verified)
        raw = self.request(anonymous, "bob@example.com")
        response = anonymous.post("/api/auth/password/reset", {"token": raw, "password": NEW})
        assert response.status_code == 204
        assert elsewhere.get("/api/auth/me").status_code == 401
        login = {"email": "bob", "password": NEW}
        assert anonymous.post("/api/auth/login", login).status_code == 200
        assert anonymous.post("/api/auth/login", login | {"password": PASSWORD}).status_code == 401
        assert letters("bob@example.com")[-1].subject == "Your password was changed"

    def test_a_weak_password_does_not_spend_the_link(self, anonymous: JsonClient, verified: User) -> None:
        raw = self.request(anonymous, "bob@example.com")
        weak = anonymous.post("/api/auth/password/reset", {"token": raw, "password": "short"})
        assert (weak.status_code, set(weak.json()["details"])) == (400, {"password"})
        good = anonymous.post("/api/auth/password/reset", {"token": raw, "password": NEW})
        assert good.status_code == 204
        again = anonymous.post("/api/auth/password/reset", {"token": raw, "password": NEW + "x"})
        assert again.json()["code"] == "link_expired"

    def test_other_links_under_way_end_with_it(self, anonymous: JsonClient, verified: User) -> None:
        ask(anonymous, "bob@example.com")
        magic = token("bob@example.com", "magic")
        raw = self.request(anonymous, "bob@example.com")
        anonymous.post("/api/auth/password/reset", {"token": raw, "password": NEW})
        assert come_in(anonymous, magic).status_code == 400

    def test_nobody_gets_a_letter_for_an_unknown_address(self, anonymous: JsonClient) -> None:
        anonymous.post("/api/auth/password/reset-request", {"email": "nobody@example.com"})
        work()
        assert django_mail.outbox == []
        assert not MailedToken.objects.exists()


class TestChange:
    def change(self, client: JsonClient, email: str = "new@example.com", **fields: str) -> Any:
        return client.post("/api/auth/email/change", {"email": email, "password": PASSWORD} | fields)

    def test_the_address_changes_with_the_link_and_the_old_one_hears_of_it(
        self, alice_client: JsonClient, anonymous: JsonClient, alice: User
    ) -> None:
        assert self.change(alice_client).status_code == 202
        assert User.objects.get(pk=alice.pk).email == "alice@example.com"
        raw = token("new@example.com", "email")
        assert anonymous.post("/api/auth/email/confirm", {"token": raw}).status_code == 204
        changed = User.objects.get(pk=alice.pk)
        assert (changed.email, changed.is_verified) == ("new@example.com", True)
        assert letters("alice@example.com")[-1].subject == "Your address was changed"
        assert AuditEvent.objects.filter(event="email.changed", actor=alice).exists()

    @pytest.mark.parametrize("password", ["wrong-guess-1", "", None])
    def test_it_takes_the_password(self, alice_client: JsonClient, password: str | None) -> None:
        form = {"email": "new@example.com"} | ({} if password is None else {"password": password})
        response = alice_client.post("/api/auth/email/change", form)
        assert (response.status_code, set(response.json()["details"])) == (400, {"password"})
        assert not Job.objects.exists()

    def test_an_address_that_was_taken_meanwhile(
        self, alice_client: JsonClient, anonymous: JsonClient, alice: User
    ) -> None:
        self.change(alice_client)
        raw = token("new@example.com", "email")
        make_user(
            "erin",
        )
        User.objects.filter(username="erin").update(email="new@example.com")
        response = anonymous.post("/api/auth/email/confirm", {"token": raw})
        assert (response.status_code, response.json()["code"]) == (409, "duplicate")
        assert User.objects.get(pk=alice.pk).email == "alice@example.com"

    def test_without_a_password_a_fresh_sign_in_is_proof(self, anonymous: JsonClient) -> None:
        ask(anonymous)
        raw = token("dora@example.com", "magic")
        access = come_in(anonymous, raw).json()["access_token"]
        dora = JsonClient()
        dora.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
        form = {"email": "other@example.com"}
        assert dora.post("/api/auth/email/change", form).status_code == 202
        Session.objects.update(created_at=timezone.now() - timedelta(minutes=16))
        response = dora.post("/api/auth/email/change", form)
        assert (response.status_code, response.json()["code"]) == (403, "sign_in_again")
        response = dora.post("/api/auth/password", {"new_password": NEW})
        assert response.json()["code"] == "sign_in_again"
        Session.objects.update(created_at=timezone.now())
        assert dora.post("/api/auth/password", {"new_password": NEW}).status_code == 204
        assert dora.get("/api/auth/me").json()["user"]["has_password"]
        assert "current_password" in dora.post("/api/auth/password", {"new_password": NEW}).json()["details"]


@pytest.mark.parametrize("path", ["email/verification", "email/change"])
def test_a_stranger_gets_in_nowhere(anonymous: JsonClient, path: str) -> None:
    assert anonymous.post(f"/api/auth/{path}", {"email": "x@example.com"}).status_code == 401


def test_asking_takes_few_queries(
    anonymous: JsonClient, verified: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):  # the job, and nothing is looked up
        ask(anonymous, "bob@example.com")


class TestLeaving:
    def test_who_is_leaving_comes_back_by_a_link_and_says_so(self, anonymous: JsonClient, verified: User) -> None:
        signed_in(verified).delete("/api/auth/me", {"password": PASSWORD})
        assert letters("bob@example.com")[-1].subject == "Your account will be deleted"
        ask(anonymous, "bob@example.com")
        raw = token("bob@example.com", "magic")
        refused = come_in(anonymous, raw)
        assert (refused.status_code, refused.json()["code"]) == (403, "deletion_scheduled")
        assert refused.json()["deletion_at"]
        back = anonymous.post("/api/auth/verify-magic-link", {"token": raw, "restore": True})
        assert back.status_code == 200
        assert User.objects.get(pk=verified.pk).is_active
        assert letters("bob@example.com")[-1].subject == "Your account stays"
