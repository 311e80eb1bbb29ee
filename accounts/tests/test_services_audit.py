"""The audit log only grows, and knows the request."""

from __future__ import annotations

import pytest
from django.db import connection

from accounts.clients import ClientInfo
from accounts.models import AppendOnlyError
from accounts.models import AuditEvent
from accounts.models import User
from accounts.services import audit
from conftest import PASSWORD
from conftest import JsonClient

pytestmark = pytest.mark.django_db


def test_an_event_cannot_be_changed_or_removed(alice: User) -> None:
    event = audit.record("test.happened", actor=alice, on=alice, client=ClientInfo("192.0.2.1", "Lynx"), answer=42)
    event.outcome = "failure"
    for change in (
        event.save,
        event.delete,
        AuditEvent.objects.all().delete,
        lambda: AuditEvent.objects.update(outcome="failure"),
        lambda: AuditEvent.objects.filter(pk=event.pk).update(outcome="failure"),
    ):
        with pytest.raises(AppendOnlyError):
            change()
    stored = AuditEvent.objects.get()
    assert (stored.outcome, stored.object_ref, stored.data) == ("success", f"user:{alice.pk}", {"answer": 42})


def test_an_event_carries_the_id_of_its_request(alice: User, anonymous: JsonClient) -> None:
    response = anonymous.post("/api/auth/login", {"email": "alice", "password": PASSWORD})
    assert AuditEvent.objects.get().request_id == response["X-Request-Id"] != ""


def test_an_event_outlives_its_actor(alice: User) -> None:
    audit.record("test.happened", actor=alice)
    user_id = alice.pk
    alice.delete()
    connection.check_constraints()
    assert AuditEvent.objects.get().actor_id == user_id


def test_no_password_or_token_is_recorded(alice: User, anonymous: JsonClient) -> None:
    body = anonymous.post("/api/auth/login", {"email": "alice", "password": PASSWORD}).json()
    anonymous.post("/api/auth/login", {"email": "alice", "password": "wrong-guess-1"})
    anonymous.post("/api/auth/refresh", {"refresh_token": body["refresh_token"]})
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {body['access_token']}")
    anonymous.post("/api/auth/password", {"current_password": PASSWORD, "new_password": "another-horse-8"})
    log = str(list(AuditEvent.objects.values()))
    assert AuditEvent.objects.count() == 3
    for secret in (PASSWORD, "wrong-guess-1", "another-horse-8", body["refresh_token"], body["access_token"]):
        assert secret not in log
