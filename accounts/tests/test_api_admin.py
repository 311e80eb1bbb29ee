"""The operators' door, in a browser session of its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.test import Client

from accounts.models import AccountDeletion
from accounts.models import AuditEvent
from accounts.models import DataExport
from accounts.models import LoginAttempt
from accounts.models import RefreshToken
from accounts.models import Session
from accounts.models import User
from accounts.services import account_deletion
from accounts.services import exporting
from accounts.services import sessions
from accounts.services import staff
from accounts.tests.letterbox import letters
from accounts.tests.letterbox import token
from conftest import PASSWORD
from conftest import JsonClient
from conftest import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(db: None) -> User:
    return make_user("chief", is_staff=True, is_superuser=True)


@pytest.fixture
def operator(db: None) -> User:
    """Staff who may look at and change users, and nothing else."""
    user = make_user("operator", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user"]))
    return user


def sign_in(name: str, password: str = PASSWORD) -> tuple[Client, Any]:
    client = Client(REMOTE_ADDR="192.0.2.1")
    return client, client.post("/admin/login/?next=/admin/", {"username": name, "password": password})


@pytest.fixture
def chief_client(chief: User) -> Client:
    return sign_in("chief")[0]


def act(client: Client, action: str, user: User, reason: str = "") -> Any:
    data = {"action": action, "_selected_action": [str(user.pk)], "reason": reason, "confirmed": "1"}
    return client.post("/admin/accounts/user/", data, follow=True)


@pytest.mark.parametrize("name", ["chief", "CHIEF", "chief@example.com"])
def test_staff_sign_in_by_any_name(chief: User, name: str) -> None:
    client, response = sign_in(name)
    assert response.status_code == 302
    assert client.get("/admin/").status_code == 200


def test_alice_is_no_staff(alice: User) -> None:
    client, response = sign_in("alice")
    assert response.status_code == 200
    assert client.get("/admin/").status_code == 302


def test_the_lockout_holds_here_too(chief: User) -> None:
    for _ in range(4):
        _client, response = sign_in("chief", "wrong-guess-1")
        assert "Too many failed attempts" not in response.content.decode()
    assert "Too many failed attempts" in sign_in("chief", "wrong-guess-1")[1].content.decode()
    client, response = sign_in("chief")
    assert "Too many failed attempts" in response.content.decode()
    assert client.get("/admin/").status_code == 302
    other_door = Client(REMOTE_ADDR="192.0.2.1").post(
        "/api/auth/login", {"email": "chief", "password": PASSWORD}, content_type="application/json"
    )
    assert other_door.status_code == 429


def test_unknown_names_meet_the_same_lockout() -> None:
    answers = [sign_in("nobody", "wrong-guess-1")[1].content.decode() for _ in range(6)]
    assert "Too many failed attempts" in answers[-1]


def test_ending_all_sessions_ends_the_admins_cookie(chief: User, chief_client: Client) -> None:
    assert chief_client.get("/admin/").status_code == 200
    sessions.log_out_everywhere(User.objects.get(pk=chief.pk))
    assert chief_client.get("/admin/").status_code == 302


def test_a_suspended_operator_is_out_at_once(chief: User, operator: User) -> None:
    client, _response = sign_in("operator")
    assert client.get("/admin/").status_code == 200
    staff.suspend(chief, user=User.objects.get(pk=operator.pk), reason="Left")
    assert client.get("/admin/").status_code == 302
    assert "Suspended" not in sign_in("operator")[1].content.decode()


def test_users_are_found_by_name_address_and_id(chief_client: Client, alice: User, bob: User) -> None:
    for term in ("alic", "ALICE@example", str(alice.pk)):
        page = chief_client.get("/admin/accounts/user/", {"q": term}).content.decode()
        assert "alice@example.com" in page
        assert "bob@example.com" not in page


def test_every_page_opens(chief: User, chief_client: Client, alice: User, django_assert_max_num_queries: Any) -> None:
    for _ in range(3):
        grant = sessions.open_session(alice)
    sessions.refresh(grant.refresh_token)
    sign_in("alice", "wrong-guess-1")
    assert RefreshToken.objects.filter(successor__isnull=False).exists()
    account_deletion.schedule(None, user=alice, grace=timedelta(days=1))
    exporting.begin(alice, actor=None)
    for model in (User, Session, RefreshToken, LoginAttempt, AuditEvent, AccountDeletion, DataExport):
        base = f"/admin/accounts/{model._meta.model_name}/"
        assert chief_client.get(base, {"q": "alice"}).status_code == 200  # what a filter looks up once is there now
        with django_assert_max_num_queries(8):
            assert chief_client.get(base).status_code == 200
        for row in model._default_manager.all()[:3]:
            assert chief_client.get(f"{base}{row.pk}/change/").status_code == 200


def test_an_event_of_a_deleted_actor_still_opens(chief_client: Client, alice: User) -> None:
    event = AuditEvent.objects.create(event="test.happened", actor=alice)
    alice.delete()
    assert chief_client.get("/admin/accounts/auditevent/").status_code == 200
    assert chief_client.get(f"/admin/accounts/auditevent/{event.pk}/change/").status_code == 200


def test_ledgers_are_read_only(chief_client: Client, alice: User) -> None:
    grant = sessions.open_session(alice)
    event = AuditEvent.objects.get(event="login.succeeded", data__door="admin")
    for model, row in (("session", grant.session), ("auditevent", event)):
        base = f"/admin/accounts/{model}/"
        assert chief_client.get(f"{base}add/").status_code == 403
        assert chief_client.post(f"{base}{row.pk}/change/", {}).status_code == 403
        assert chief_client.post(f"{base}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert chief_client.get("/admin/accounts/user/add/").status_code == 403
    assert chief_client.post(f"/admin/accounts/user/{alice.pk}/delete/", {"post": "yes"}).status_code == 403
    assert AuditEvent.objects.filter(pk=event.pk).exists()
    assert User.objects.filter(pk=alice.pk).exists()


def test_neither_password_nor_token_hash_is_shown(chief_client: Client, alice: User) -> None:
    sessions.open_session(alice)
    token = RefreshToken.objects.get()
    assert token.token_hash not in chief_client.get(f"/admin/accounts/refreshtoken/{token.pk}/change/").content.decode()
    assert alice.password not in chief_client.get(f"/admin/accounts/user/{alice.pk}/change/").content.decode()


def test_suspending_asks_for_a_reason(chief: User, chief_client: Client, alice: User) -> None:
    sessions.open_session(alice)
    page = act(chief_client, "suspend", alice).content.decode()
    assert 'name="reason"' in page
    assert "This field is required" in page
    assert User.objects.get(pk=alice.pk).is_active
    assert "done for 1." in act(chief_client, "suspend", alice, "Spam").content.decode()
    assert not User.objects.get(pk=alice.pk).is_active
    assert not Session.objects.filter(user=alice, revoked_at=None).exists()
    event = AuditEvent.objects.get(event="user.suspended")
    assert (event.actor, event.ip, event.data["reason"]) == (chief, "192.0.2.1", "Spam")
    assert event.request_id
    act(chief_client, "unsuspend", alice, "Sorry")
    assert User.objects.get(pk=alice.pk).is_active


def test_signing_out_by_force(chief_client: Client, alice: User) -> None:
    sessions.open_session(alice)
    act(chief_client, "force_logout", alice, "Lost phone")
    assert Session.objects.get(user=alice).revoke_reason == "staff"


def test_operators_do_not_raise_themselves(operator: User) -> None:
    client, _response = sign_in("operator")
    path = f"/admin/accounts/user/{operator.pk}/change/"
    form = {
        "username": "operator", "email": "operator@example.com", "kind": "human", "language": "en", "bio": "Hello",
        "is_superuser": "on", "is_staff": "on", "is_active": "on", "session_epoch": "9",
    }  # fmt: skip
    assert client.post(path, form).status_code == 302
    operator.refresh_from_db()
    assert (operator.bio, operator.is_superuser, operator.session_epoch) == ("Hello", False, 0)
    event = AuditEvent.objects.get(event="user.changed_by_staff")
    assert (event.actor, event.data) == (operator, {"fields": ["bio"]})


def test_operators_without_the_right_cannot_act(alice: User) -> None:
    watcher = make_user("watcher", is_staff=True)
    watcher.user_permissions.set(Permission.objects.filter(codename="view_user"))
    client, _response = sign_in("watcher")
    act(client, "suspend", alice, "Because")
    assert User.objects.get(pk=alice.pk).is_active


def test_the_first_operator_comes_from_the_command_line() -> None:
    call_command("createsuperuser", "--noinput", username="root", email="root@example.com")
    assert User.objects.get(username="root").is_superuser


class TestSendingTheConfirmationAgain:
    ADDRESS = "alice@example.com"

    def test_the_letter_proves_the_address(self, chief_client: Client, anonymous: JsonClient, alice: User) -> None:
        page = act(chief_client, "resend_verification", alice, "She asked on the phone").content.decode()
        assert "done for 1" in page
        raw = token(self.ADDRESS, "verify")
        assert raw not in page
        answer = anonymous.post("/api/auth/email/verify", {"token": raw})
        assert answer.status_code == 204
        assert User.objects.get(pk=alice.pk).is_verified
        event = AuditEvent.objects.get(event="email.verification_resent")
        assert event.actor is not None
        assert (event.actor.username, event.object_ref, event.data) == (
            "chief",
            f"user:{alice.pk}",
            {"reason": "She asked on the phone"},
        )

    @pytest.mark.parametrize(
        ("facts", "sentence"),
        [
            ({"is_verified": True}, "confirmed already"),
            ({"email": None}, "has no address"),
            ({"is_active": False}, "is suspended"),
        ],
    )
    def test_nothing_is_mailed_where_nothing_is_to_prove(
        self, chief_client: Client, alice: User, facts: dict[str, Any], sentence: str
    ) -> None:
        User.objects.filter(pk=alice.pk).update(**facts)
        assert sentence in act(chief_client, "resend_verification", alice, "Asked").content.decode()
        assert not letters(self.ADDRESS)
        assert not AuditEvent.objects.filter(event="email.verification_resent").exists()

    def test_staff_cannot_fill_a_mailbox(self, chief_client: Client, alice: User) -> None:
        for _ in range(5):
            act(chief_client, "resend_verification", alice, "Asked")
        assert len(letters(self.ADDRESS)) == 3
        assert AuditEvent.objects.filter(event="email.verification_resent").count() == 3

    def test_it_needs_a_reason_and_the_right_to_change_users(self, chief_client: Client, alice: User) -> None:
        act(chief_client, "resend_verification", alice)
        make_user("viewer", is_staff=True).user_permissions.add(Permission.objects.get(codename="view_user"))
        act(sign_in("viewer")[0], "resend_verification", alice, "Asked")
        assert not letters(self.ADDRESS)


class TestDataAndDeletion:
    def test_the_archive_waits_for_its_owner(self, chief_client: Client, alice: User) -> None:
        page = act(chief_client, "prepare_export", alice, "She asked by letter").content.decode()
        assert "done for 1" in page
        assert DataExport.objects.get().user == alice
        event = AuditEvent.objects.get(event="user.export_by_staff")
        assert (event.object_ref, event.data) == (f"user:{alice.pk}", {"reason": "She asked by letter"})

    def test_an_account_goes_after_its_days_of_grace(self, chief_client: Client, alice: User) -> None:
        act(chief_client, "delete_account", alice, "She asked by letter")
        deletion = AccountDeletion.objects.get()
        assert (deletion.user, deletion.due_at - deletion.requested_at) == (alice, account_deletion.GRACE)
        assert not User.objects.get(pk=alice.pk).is_active
        assert AuditEvent.objects.filter(event="user.deletion_by_staff").exists()

    def test_oneself_and_without_a_reason_or_the_right(self, chief: User, chief_client: Client, alice: User) -> None:
        act(chief_client, "delete_account", chief, "Tired")
        act(chief_client, "delete_account", alice)
        make_user("viewer", is_staff=True)
        act(sign_in("viewer")[0], "delete_account", alice, "Asked")
        assert not AccountDeletion.objects.exists()
