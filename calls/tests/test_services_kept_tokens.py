"""A vendor's token cannot be taken back: who was put out and comes in again with it does not stay."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from accounts.models import User
from calls import limits
from calls import providers
from calls.models import Call
from calls.models import CallLeg
from calls.providers import hms
from calls.providers.base import Stay
from calls.providers.testing import Scripted
from calls.services import ending
from calls.services import leaving
from calls.services import reconcile
from calls.tests.kit import running
from core import sql
from core.models import Job
from messenger.models import Conversation

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    scripted = Scripted(name="hms")
    monkeypatch.setattr(providers, "configured", lambda: scripted)
    monkeypatch.setattr(providers, "named", lambda _name: scripted)
    return scripted


@pytest.fixture
def inside(server: Scripted, group: Conversation, alice: User, bob: User, charlie: User) -> tuple[Call, list[CallLeg]]:
    """Three who are in a room of the vendor's."""
    call, legs = running(group, alice, bob, charlie)
    room = server.open_room(call.pk, most=50)
    Call.objects.filter(pk=call.pk).update(transport="sfu", provider="hms", sfu_state="ready", hms_room_id=room)
    server.stays[room] = [Stay(leg.pk, sql.now()) for leg in legs]
    return call, legs


def test_who_was_removed_and_is_seen_again_is_put_out_again(
    inside: tuple[Call, list[CallLeg]], server: Scripted, group: Conversation, charlie: User
) -> None:
    call, (_, _, third) = inside
    ending.end_membership(group.pk, [charlie.pk])
    reconcile.read_stays(call.pk)
    assert server.removed == [third.pk]
    (room,) = server.rooms
    server.stays[room] = [Stay(leg, begun, sql.now()) for leg, begun in ((third.pk, sql.now()),)]
    reconcile.read_stays(call.pk)  # it has gone: nothing is asked for it
    assert server.removed == [third.pk]


def test_who_left_is_put_out_once_more_when_no_token_of_theirs_is_good(
    inside: tuple[Call, list[CallLeg]], group: Conversation, charlie: User
) -> None:
    _, (_, _, third) = inside
    before = timezone.now()
    ending.end_membership(group.pk, [charlie.pk])
    now, later = Job.objects.filter(kind=leaving.REMOVE).order_by("run_at")
    assert {UUID(job.payload["leg_id"]) for job in (now, later)} == {third.pk}
    assert now.run_at <= timezone.now()
    assert later.run_at >= before + limits.TICKET + timedelta(seconds=hms.SKEW_SECONDS)
