"""What 100ms tells: proven by the secret, taken once, and only a reason to look there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import User
from calls import providers
from calls.models import Call
from calls.models import CallInterval
from calls.models import CallProviderEvent
from calls.providers.base import Stay
from calls.providers.testing import Scripted
from calls.services import intervals
from calls.services import paying
from calls.services import reconcile
from calls.tests.factories import call_settings
from calls.tests.factories import make_call
from calls.tests.factories import make_leg
from core import sql
from core.jobs.models import Job
from messenger.tests.factories import make_direct

pytestmark = pytest.mark.django_db

SECRET = "a-secret-in-a-header-0123456789"


@pytest.fixture
def call(alice: User, bob: User, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Call:
    settings.CALLS = call_settings(media_server="hms", hms_webhook_secret=SECRET)
    call = make_call(make_direct(alice, bob), alice, transport="sfu", provider="hms", sfu_state="ready")
    Call.objects.filter(pk=call.pk).update(hms_room_id="room-1")
    call.refresh_from_db()
    return call


def _told(body: Any, *, secret: str = SECRET) -> Any:
    text = body if isinstance(body, (bytes, str)) else json.dumps(body)
    return Client().post("/webhook/hms", text, content_type="application/json", headers={"X-Kintsugi-Secret": secret})


def _event(event_id: str = "e1", kind: str = "peer.leave.success", room: str = "room-1") -> dict[str, Any]:
    return {"version": "2.0", "id": event_id, "type": kind, "data": {"room_id": room, "peer_id": "p"}}


def _looks() -> int:
    return Job.objects.filter(kind=paying.READ_STAYS).count()


def test_it_is_taken_once_however_often_and_in_whatever_order_it_comes(call: Call) -> None:
    for event in (_event("e2"), _event("e1"), _event("e2"), _event("e1")):
        assert _told(event).status_code == 200
    assert set(CallProviderEvent.objects.values_list("pk", "call_id")) == {("hms:e1", call.pk), ("hms:e2", call.pk)}
    assert _looks() == 2


def test_a_wrong_secret_is_refused_and_nothing_kept(call: Call) -> None:
    for secret in ("", "wrong", SECRET + "x", "ґ"):
        assert _told(_event(), secret=secret).status_code == 401
    assert (CallProviderEvent.objects.count(), _looks()) == (0, 0)


def test_without_a_secret_there_is_no_such_door(call: Call, settings: Settings) -> None:
    settings.CALLS = call_settings(hms_webhook_secret="")
    assert _told(_event(), secret="").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[" * 10_000,
        "null",
        "[]",
        {"id": "e1", "type": "x"},
        {"id": 5, "type": "x", "data": {}},
        {"id": "e" * 200, "type": "x", "data": {}},
        {"id": "e\x00", "type": "x", "data": {}},
        {"id": "e1", "type": "", "data": {}},
        {"id": "e1", "type": "x", "data": {"room_id": ["r"]}},
    ],
)
def test_nonsense_is_refused(call: Call, body: Any) -> None:
    assert _told(body).status_code == 400
    assert not CallProviderEvent.objects.exists()


def test_what_is_too_large_is_refused(call: Call) -> None:
    assert _told(_event() | {"more": "x" * 70_000}).status_code == 413


def test_of_other_rooms_and_other_events_nothing_is_done(call: Call) -> None:
    assert _told(_event("e1", room="somebody-else's")).status_code == 200
    assert _told(_event("e2", kind="beam.started.success")).status_code == 200
    assert _looks() == 0


def test_the_media_is_what_is_read_there(call: Call, monkeypatch: pytest.MonkeyPatch, alice: User, bob: User) -> None:
    """Webhooks lost, doubled or shuffled change nothing of it."""
    server = Scripted(name="hms")
    monkeypatch.setattr(providers, "named", lambda _name: server)
    legs = [make_leg(call, alice), make_leg(call, bob)]
    now = sql.now()
    begun = now - (now - call.created_at)
    server.stays["room-1"] = [Stay(legs[0].pk, begun), Stay(legs[1].pk, begun)]
    for _ in range(3):
        reconcile.read_stays(call.pk)
    assert CallInterval.objects.filter(ended_at=None, transport="sfu").count() == 2
    ended = sql.now()
    server.stays["room-1"] = [Stay(leg.pk, begun, ended) for leg in legs]
    for _ in range(3):
        reconcile.read_stays(call.pk)
    found = CallInterval.objects.values_list("leg_id", "started_at", "ended_at", "ended_by")
    assert set(found) == {(leg.pk, begun, ended, "webhook") for leg in legs}


def test_a_difference_is_told_to_staff_and_the_charge_stays(
    call: Call, monkeypatch: pytest.MonkeyPatch, alice: User, bob: User
) -> None:
    from accounts.models import AuditEvent

    server = Scripted(name="hms")
    monkeypatch.setattr(providers, "named", lambda _name: server)
    monkeypatch.setattr(intervals, "seconds_together", lambda _call_id: 1000)
    make_leg(call, alice)
    reconcile.reconcile(call.pk)
    event = AuditEvent.objects.get(event="call.minutes_differ")
    assert (event.data["ours"], event.data["theirs"]) == (1000, 0)
