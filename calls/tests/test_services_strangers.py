"""Who may not be in a call any more is out of it, also where nobody told of what changed: the rows say it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from accounts.models import User
from calls.models import Call
from calls.models import CallLeg
from calls.services import deadlines
from calls.services import ending
from calls.services import legs
from calls.services import passes
from calls.services import relaying
from calls.tests.factories import through_janus
from calls.tests.kit import SESSION
from calls.tests.kit import begin
from calls.tests.kit import fresh
from calls.tests.kit import live_legs
from calls.tests.kit import running
from core.errors import NotFound
from messenger.models import Block
from messenger.models import Conversation
from messenger.models import Participant

pytestmark = pytest.mark.django_db


def _forget(group: Conversation, user: User) -> None:
    """They are removed, and the process dies before it tells of it."""
    Participant.objects.filter(conversation=group, user=user).delete()


def _is_refused(call: Call, leg: CallLeg) -> None:
    with pytest.raises(NotFound):
        legs.beat(leg.user, legs.Beat(leg.pk, call.generation), call_id=call.pk, session_id=SESSION)
    with pytest.raises(NotFound):
        relaying.servers(leg.user, call.pk)
    through_janus(call, "call-of-these")
    with pytest.raises(passes.PassRefused):
        passes.redeem(passes.mint(leg.pk))


def test_who_is_no_member_is_out(group: Conversation, alice: User, bob: User, charlie: User) -> None:
    call, (hers, his, third) = running(group, alice, bob, charlie)
    _forget(group, charlie)
    _is_refused(call, third)
    assert passes.redeem(passes.mint(his.pk)).leg_id == his.pk
    deadlines.enforce()
    assert [leg.pk for leg in live_legs(call)] == [hers.pk, his.pk]
    assert CallLeg.objects.get(pk=third.pk).left_reason == "removed"
    assert fresh(call).status == "active"


def test_who_is_suspended_is_out(group: Conversation, alice: User, bob: User, charlie: User) -> None:
    call, (_, _, third) = running(group, alice, bob, charlie)
    User.objects.filter(pk=charlie.pk).update(is_active=False)
    _is_refused(call, third)
    deadlines.enforce()
    assert third.pk not in [leg.pk for leg in live_legs(call)]


def test_of_two_one_of_whom_has_blocked_the_other_the_call_ends(talk: Conversation, alice: User, bob: User) -> None:
    call, (hers, his) = running(talk, alice, bob)
    Block.objects.create(blocker=bob, blocked=alice)
    _is_refused(call, hers)
    _is_refused(call, his)
    deadlines.enforce()
    assert (fresh(call).status, fresh(call).end_reason) == ("ended", "blocked")


def test_in_a_group_two_may_meet_who_blocked_each_other(
    group: Conversation, alice: User, bob: User, charlie: User
) -> None:
    call, seats = running(group, alice, bob, charlie)
    Block.objects.create(blocker=bob, blocked=alice)
    deadlines.enforce()
    assert len(live_legs(call)) == len(seats)


def test_who_is_removed_while_they_are_rung_is_told(
    group: Conversation, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = begin(alice, group).call
    told: list[tuple[set[UUID], Any]] = []
    monkeypatch.setattr("calls.services.record.tell", lambda users, event: told.append((set(users), event)))
    ending.end_membership(group.pk, [bob.pk])
    assert [(users, event.call_id, event.user_id, event.reason) for users, event in told] == [
        ({bob.pk}, call.pk, bob.pk, "removed")
    ]


def test_in_a_conversation_that_ended_there_is_no_call(group: Conversation, alice: User, bob: User) -> None:
    call, _ = running(group, alice, bob)
    Conversation.objects.filter(pk=group.pk).update(deleted_at=timezone.now())
    deadlines.enforce()
    assert (fresh(call).status, fresh(call).end_reason) == ("ended", "removed")
