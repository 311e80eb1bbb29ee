"""What the tables themselves refuse."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError
from django.db import IntegrityError
from django.utils import timezone

from accounts.models import User
from calls.models import Call
from calls.models import CallInterval
from calls.models import CallLeg
from messenger.models import Conversation
from messenger.tests.factories import make_direct


@pytest.fixture
def talk(alice: User, bob: User) -> Conversation:
    return make_direct(alice, bob)


def _call(talk: Conversation, **fields: Any) -> Call:
    return Call.objects.create(
        conversation=talk, initiator=talk.created_by, call_type="audio", ring_until=timezone.now(), **fields
    )


def _leg(call: Call, user: User, device: str, **fields: Any) -> CallLeg:
    return CallLeg.objects.create(call=call, user=user, device_key=device, lease_until=timezone.now(), **fields)


def test_a_conversation_has_one_live_call(talk: Conversation) -> None:
    _call(talk, status="ended", end_reason="missed", ended_at=timezone.now())
    _call(talk)
    with pytest.raises(IntegrityError):
        _call(talk)


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "ended"},
        {"status": "ended", "ended_at": timezone.now()},
        {"status": "ended", "end_reason": "hangup"},
        {"status": "active", "end_reason": "hangup"},
        {"ended_at": timezone.now()},
        {"generation": 0},
    ],
)
def test_a_call_ends_with_a_time_and_a_reason_or_not_at_all(talk: Conversation, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        _call(talk, **fields)


def test_a_person_has_one_live_leg_and_a_device_too(talk: Conversation, alice: User, bob: User) -> None:
    call = _call(talk)
    _leg(call, alice, "a", state="left")
    _leg(call, alice, "a")
    with pytest.raises(IntegrityError):
        _leg(call, alice, "b")


def test_a_device_has_one_live_leg(talk: Conversation, alice: User, bob: User) -> None:
    call = _call(talk)
    _leg(call, alice, "a")
    with pytest.raises(IntegrityError):
        _leg(call, bob, "a")


def _interval(**fields: Any) -> CallInterval:
    now = timezone.now()
    known: dict[str, Any] = {"call_id": uuid4(), "leg_id": uuid4(), "user_id": uuid4(), "transport": "sfu"}
    return CallInterval.objects.create(**known | {"generation": 2, "started_at": now, "seen_at": now} | fields)


@pytest.mark.django_db
def test_an_interval_grows_is_closed_and_may_be_compared() -> None:
    row, later = _interval(), timezone.now() + timedelta(minutes=1)
    mine = CallInterval.objects.filter(pk=row.pk)
    assert mine.update(seen_at=later) == 1
    assert mine.update(ended_at=later, ended_by="leave") == 1
    assert mine.update(provider_seconds=60) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("changes", [{"user_id": uuid4()}, {"started_at": timezone.now() - timedelta(hours=1)}])
def test_what_an_interval_is_about_stays(changes: dict[str, Any]) -> None:
    row = _interval()
    with pytest.raises(DatabaseError):
        CallInterval.objects.filter(pk=row.pk).update(**changes)


@pytest.mark.django_db
@pytest.mark.parametrize("changes", [{"ended_at": None}, {"seen_at": timezone.now() + timedelta(hours=1)}])
def test_a_closed_interval_stays_closed(changes: dict[str, Any]) -> None:
    row = _interval(ended_at=timezone.now() + timedelta(minutes=1), ended_by="end")
    with pytest.raises(DatabaseError):
        CallInterval.objects.filter(pk=row.pk).update(**changes)


@pytest.mark.django_db
def test_an_interval_does_not_end_before_it_began() -> None:
    row = _interval()
    with pytest.raises(IntegrityError):
        CallInterval.objects.filter(pk=row.pk).update(ended_at=row.started_at - timedelta(seconds=1), ended_by="end")
