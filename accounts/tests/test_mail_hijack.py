"""Somebody who knew the address first must not have a way back in once its owner has come.

The ways are those of "account pre-hijacking": a password, a session, a change of address that is under way.
"""

from __future__ import annotations

import logging
import secrets
import smtplib
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail as django_mail

from accounts.models import AuditEvent
from accounts.models import MailedToken
from accounts.models import TelegramAccount
from accounts.models import User
from accounts.tests.letterbox import letters
from accounts.tests.letterbox import token
from accounts.tests.letterbox import work
from accounts.tests.parallel import at_once
from conftest import PASSWORD
from conftest import JsonClient
from conftest import signed_in
from core.jobs import worker
from core.models import Job

pytestmark = pytest.mark.django_db
OWNER = "alice@example.com"
THEIRS = "squatter@example.com"
NEW = "brand-new-9-words"


def change(client: JsonClient) -> None:
    form = {"email": THEIRS, "password": PASSWORD}
    assert client.post("/api/auth/email/change", form).status_code == 202


def come_by_link() -> None:
    """The owner signs in for the first time."""
    assert JsonClient().post("/api/auth/magic-link", {"email": OWNER}).status_code == 202
    raw = token(OWNER, "magic")
    assert JsonClient().post("/api/auth/verify-magic-link", {"token": raw}).status_code == 200


def come_by_reset() -> None:
    """The owner asks for a new password."""
    assert JsonClient().post("/api/auth/password/reset-request", {"email": OWNER}).status_code == 202
    form = {"token": token(OWNER, "reset"), "password": NEW}
    assert JsonClient().post("/api/auth/password/reset", form).status_code == 204


@pytest.mark.parametrize("presser", ["nobody", "somebody else", "a session that has ended"])
def test_who_confirms_the_address_from_outside_ends_what_the_squatter_holds(bob: User, presser: str) -> None:
    form = {"username": "ann", "email": OWNER, "password": PASSWORD}
    grant = JsonClient().post("/api/auth/register", form).json()
    squatter = JsonClient(HTTP_AUTHORIZATION=f"Bearer {grant['access_token']}")
    raw = token(OWNER, "verify")
    ann = User.objects.get(username="ann")
    owner = JsonClient() if presser == "nobody" else signed_in(bob if presser == "somebody else" else ann)
    if presser == "a session that has ended":
        assert owner.post("/api/auth/logout").status_code == 204
    assert owner.post("/api/auth/email/verify", {"token": raw}).status_code == 204
    assert squatter.get("/api/auth/me").status_code == 401
    assert JsonClient().post("/api/auth/login", {"email": "ann", "password": PASSWORD}).status_code == 401
    refresh = JsonClient().post("/api/auth/refresh", {"refresh_token": grant["refresh_token"]})
    assert refresh.status_code == 401
    ann.refresh_from_db()
    assert (ann.is_verified, ann.has_usable_password()) == (True, False)
    come_by_link()


def test_who_confirms_it_in_a_session_of_the_account_keeps_all(alice: User) -> None:
    client = signed_in(alice)
    client.post("/api/auth/email/verification")
    assert client.post("/api/auth/email/verify", {"token": token(OWNER, "verify")}).status_code == 204
    assert client.get("/api/auth/me").json()["user"]["is_verified"]
    assert JsonClient().post("/api/auth/login", {"email": "alice", "password": PASSWORD}).status_code == 200


def confirm(raw: str) -> Any:
    return JsonClient().post("/api/auth/email/confirm", {"token": raw})


@pytest.mark.parametrize("come", [come_by_link, come_by_reset])
def test_a_change_of_address_under_way_ends_when_the_owner_comes(alice: User, come: Any) -> None:
    change(signed_in(alice))
    raw = token(THEIRS, "email")
    come()
    answer = confirm(raw)
    assert (answer.status_code, answer.json()["code"]) == (400, "link_expired")
    assert User.objects.get(pk=alice.pk).email == OWNER


@pytest.mark.parametrize("come", [come_by_link, come_by_reset])
def test_nor_is_its_link_made_afterwards(alice: User, come: Any) -> None:
    """The request still waited in the queue when the owner came."""
    change(signed_in(alice))
    late = Job.objects.get()
    Job.objects.filter(pk=late.pk).update(state=Job.State.CANCELLED)  # out of the way for now
    come()
    Job.objects.filter(pk=late.pk).update(state=Job.State.QUEUED)
    assert worker.run_job(late.pk)
    work()
    assert [letter for letter in django_mail.outbox if letter.to == [THEIRS]] == []
    assert not MailedToken.objects.filter(purpose="change").exists()


def test_a_change_asked_for_before_all_sessions_ended_is_not_mailed(alice: User) -> None:
    client = signed_in(alice)
    change(client)
    assert client.post("/api/auth/logout/all").status_code == 204
    assert letters(THEIRS) == []


def test_the_owner_of_a_verified_account_keeps_changes_of_their_own(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_verified=True)
    change(signed_in(alice))
    raw = token(THEIRS, "email")
    come_by_link()
    assert confirm(raw).status_code == 204
    assert AuditEvent.objects.filter(event="email.changed", actor=alice).count() == 1


def test_the_letter_to_a_new_address_names_the_account(alice: User) -> None:
    """Otherwise a stranger's account could be passed off as one's own."""
    change(signed_in(alice))
    assert "“alice”" in str(letters(THEIRS)[0].body)


def test_a_link_from_before_the_address_had_an_account_ends_the_squatter(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(email="elsewhere@example.com")
    JsonClient().post("/api/auth/magic-link", {"email": OWNER})
    raw = token(OWNER, "magic")
    User.objects.filter(pk=alice.pk).update(email=OWNER)
    squatter = signed_in(alice)
    assert JsonClient().post("/api/auth/verify-magic-link", {"token": raw}).status_code == 200
    assert squatter.get("/api/auth/me").status_code == 401
    assert not User.objects.get(pk=alice.pk).has_usable_password()


def test_no_address_is_in_a_log_when_the_server_puts_it_off(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.EMAIL_BACKEND = "accounts.tests.test_mail_hijack.Greylist"
    caplog.set_level(logging.DEBUG)
    JsonClient().post("/api/auth/magic-link", {"email": "canary-81@example.com"})
    work()
    assert "A job has failed" in caplog.text
    assert "canary-81" not in caplog.text
    assert "canary-81" not in str(list(Job.objects.values()))


class Greylist:
    """A mail backend that says what smtplib says of a server's 450."""

    def __init__(self, **_options: Any) -> None:
        pass

    def send_messages(self, messages: list[django_mail.EmailMessage]) -> int:
        raise smtplib.SMTPRecipientsRefused({to: (450, b"later, " + to.encode()) for to in messages[0].to})


@pytest.mark.parametrize("known", [True, False])
def test_the_log_says_from_where_a_link_was_asked_for(alice: User, *, known: bool) -> None:
    address = OWNER if known else "new@example.com"
    client = JsonClient(REMOTE_ADDR="192.0.2.7", HTTP_USER_AGENT="canary-agent")
    client.post("/api/auth/magic-link", {"email": address})
    assert "192.0.2.7" not in str(list(Job.objects.values("payload")))
    work()
    event = AuditEvent.objects.get(event="link.mailed")
    assert (event.ip, event.user_agent, event.data) == ("192.0.2.7", "canary-agent", {"purpose": "sign_in"})
    assert event.object_ref == (f"user:{alice.pk}" if known else f"mailedtoken:{MailedToken.objects.get().pk}")


def test_the_log_says_that_a_suspended_user_brought_a_link(alice: User) -> None:
    JsonClient().post("/api/auth/magic-link", {"email": OWNER})
    raw = token(OWNER, "magic")
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert JsonClient().post("/api/auth/verify-magic-link", {"token": raw}).status_code == 403
    event = AuditEvent.objects.get(event="login.refused")
    assert (event.object_ref, event.data) == (f"user:{alice.pk}", {"reason": "disabled"})
    assert MailedToken.objects.get().used_at is None


@pytest.mark.django_db(transaction=True)
def test_five_who_bring_one_link_set_one_password(alice: User) -> None:
    JsonClient().post("/api/auth/password/reset-request", {"email": OWNER})
    raw = token(OWNER, "reset")

    def reset(number: int) -> int:
        form = {"token": raw, "password": f"brand-new-{number}-words"}
        return JsonClient().post("/api/auth/password/reset", form).status_code

    assert sorted(at_once(5, reset)) == [204, 400, 400, 400, 400]
    assert AuditEvent.objects.filter(event="password.changed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_accounts_that_want_one_address(alice: User, bob: User) -> None:
    raws = []
    for user in (alice, bob):
        change(signed_in(user))
        raws.append(token(THEIRS, "email"))
    assert len(set(raws)) == 2
    assert sorted(at_once(2, lambda number: confirm(raws[number]).status_code)) == [204, 409]
    assert User.objects.filter(email=THEIRS).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_link_made_in_the_moment_the_owner_comes_does_nothing(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker has looked at the account and is about to make the link; the owner waits, then voids it."""
    JsonClient().post("/api/auth/magic-link", {"email": OWNER})
    raw = token(OWNER, "magic")
    client = signed_in(alice)
    monkeypatch.setattr("core.jobs.services.poke", lambda *_args, **_options: True)  # the queue is slow today
    change(client)
    late = Job.objects.get(state=Job.State.QUEUED)
    looked, came = threading.Event(), threading.Event()
    make = secrets.token_urlsafe

    def slowly(size: int) -> str:
        if threading.current_thread().name == "the worker":
            looked.set()
            came.wait(2)  # who does not wait for the worker is through by then
        return make(size)

    monkeypatch.setattr("accounts.services.email_links.secrets.token_urlsafe", slowly)

    def race(number: int) -> None:
        if number:
            threading.current_thread().name = "the worker"
            assert worker.run_job(late.pk)
        else:
            looked.wait(30)
            assert JsonClient().post("/api/auth/verify-magic-link", {"token": raw}).status_code == 200
            came.set()

    at_once(2, race)
    work()
    assert looked.is_set()
    assert not MailedToken.objects.filter(purpose="change", used_at=None).exists()
    assert User.objects.get(pk=alice.pk).email == OWNER


@pytest.mark.parametrize("come", [come_by_link, come_by_reset])
def test_a_linked_telegram_account_is_no_way_back(alice: User, come: Callable[[], None]) -> None:
    TelegramAccount.objects.create(user=alice, telegram_id=7)
    come()
    assert not TelegramAccount.objects.exists()


def test_the_owner_who_proved_the_address_keeps_their_telegram(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_verified=True)
    TelegramAccount.objects.create(user=alice, telegram_id=7)
    come_by_reset()
    assert TelegramAccount.objects.exists()
