"""Suspending, readmitting, signing out by force."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts import events
from accounts.clients import ClientInfo
from accounts.models import AuditEvent
from accounts.models import Session
from accounts.models import User
from accounts.services import sessions
from accounts.services import staff
from conftest import PASSWORD
from conftest import JsonClient
from conftest import make_user
from core.errors import Conflict
from core.errors import Forbidden
from core.errors import InvalidInput

pytestmark = pytest.mark.django_db
ACTS = [staff.suspend, staff.unsuspend, staff.force_logout]
Act = Callable[..., None]


@pytest.fixture
def operator(db: None) -> User:
    return make_user("operator", is_staff=True)


@pytest.mark.django_db(transaction=True)
def test_a_suspended_user_is_out_at_once(operator: User, alice: User) -> None:
    sent: list[Any] = []

    def listen(**values: Any) -> None:
        sent.append({name: values[name] for name in ("user_id", "session_ids") if name in values})

    grants = [sessions.open_session(alice) for _ in range(2)]
    for signal in (events.user_suspended, events.sessions_revoked):
        signal.connect(listen)
    try:
        staff.suspend(operator, user=alice, reason="Spam", client=ClientInfo(ip="192.0.2.3"))
        staff.suspend(operator, user=alice, reason="Spam again")
    finally:
        for signal in (events.user_suspended, events.sessions_revoked):
            signal.disconnect(listen)
    client = JsonClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {grants[0].access_token}")
    assert client.get("/api/auth/me").status_code == 401
    assert JsonClient().post("/api/auth/refresh", {"refresh_token": grants[1].refresh_token}).status_code == 401
    assert JsonClient().post("/api/auth/login", {"email": "alice", "password": PASSWORD}).status_code == 403
    event = AuditEvent.objects.get(event="user.suspended")
    assert (event.actor, event.object_ref, event.ip) == (operator, f"user:{alice.pk}", "192.0.2.3")
    assert event.data == {"reason": "Spam", "sessions": 2}
    ids = sorted(grant.session.pk for grant in grants)
    assert {"user_id": alice.pk} in sent
    assert [sorted(values["session_ids"]) for values in sent if "session_ids" in values] == [ids]
    assert len(sent) == 2


def test_readmitted_users_must_sign_in_anew(operator: User, alice: User) -> None:
    grant = sessions.open_session(alice)
    staff.suspend(operator, user=alice, reason="Spam")
    staff.unsuspend(operator, user=alice, reason="A mistake of ours")
    client = JsonClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {grant.access_token}")
    assert client.get("/api/auth/me").status_code == 401
    assert client.post("/api/auth/login", {"email": "alice", "password": PASSWORD}).status_code == 200
    assert AuditEvent.objects.get(event="user.unsuspended").data == {"reason": "A mistake of ours"}


def test_signed_out_by_force_one_may_come_back(operator: User, alice: User) -> None:
    sessions.open_session(alice)
    staff.force_logout(operator, user=alice, reason="Lost phone")
    assert Session.objects.get().revoke_reason == "staff"
    assert JsonClient().post("/api/auth/login", {"email": "alice", "password": PASSWORD}).status_code == 200


@pytest.mark.parametrize("act", ACTS)
def test_a_reason_is_required(operator: User, alice: User, act: Act) -> None:
    with pytest.raises(InvalidInput):
        act(operator, user=alice, reason="  ")
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("act", ACTS)
def test_charlie_is_no_staff(charlie: User, alice: User, act: Act) -> None:
    with pytest.raises(Forbidden):
        act(charlie, user=alice, reason="I do not like her")
    alice.refresh_from_db()
    assert alice.is_active


@pytest.mark.parametrize("act", ACTS)
def test_staff_do_not_act_on_staff(operator: User, act: Act) -> None:
    colleague = make_user("colleague", is_staff=True)
    with pytest.raises(Forbidden):
        act(operator, user=colleague, reason="Rivalry")
    act(make_user("chief", is_staff=True, is_superuser=True), user=colleague, reason="Left the house")


def test_nobody_suspends_himself(alice: User) -> None:
    chief = make_user("chief", is_staff=True, is_superuser=True)
    with pytest.raises(Conflict):
        staff.suspend(chief, user=chief, reason="Tired")
