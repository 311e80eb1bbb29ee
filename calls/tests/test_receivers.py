"""What ends a place in a call from outside: sessions, suspension, removal, blocks, staff."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import Permission

from accounts.models import AuditEvent
from accounts.models import Session
from accounts.models import User
from accounts.services import account_deletion
from accounts.services import sessions
from accounts.services import staff
from calls.models import Call
from calls.models import CallLeg
from calls.services import answering
from calls.services import ending
from calls.tests.kit import answers_of
from calls.tests.kit import begin
from calls.tests.kit import device
from calls.tests.kit import fresh
from calls.tests.kit import live_legs
from calls.tests.kit import running
from calls.tests.kit import states
from conftest import make_user
from core import errors
from messenger.models import Conversation
from messenger.services import blocks
from messenger.services import participants
from messenger.tests.reading import notes

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[set[UUID], Any]]:
    """Ephemeral events, with whom they go to."""
    found: list[tuple[set[UUID], Any]] = []
    monkeypatch.setattr("calls.services.record.tell", lambda users, event: found.append((set(users), event)))
    return found


def test_a_device_whose_session_ends_leaves_and_the_others_of_its_user_may_come(
    talk: Conversation, alice: User, bob: User
) -> None:
    session_id = sessions.authenticate(sessions.open_session(bob).access_token)[1]
    begun = begin(alice, talk)
    answering.answer(bob, device("phone", session_id), call_id=begun.call.pk)
    sessions.revoke(bob, session_id=session_id)
    call = fresh(begun.call)
    assert (call.status, call.end_reason) == ("ended", "hangup")
    assert CallLeg.objects.get(user=bob).left_reason == "revoked"
    assert Session.objects.filter(pk=session_id).exists()


def test_who_is_suspended_is_in_no_call_and_rung_by_none(
    talk: Conversation, alice: User, bob: User, charlie: User
) -> None:
    root = make_user("root", is_staff=True, is_superuser=True)
    call, _ = running(talk, alice, bob)
    staff.suspend(root, user=alice, reason="Spam")
    assert fresh(call).status == "ended"
    ring = begin(bob, Conversation.objects.get(pk=_direct(bob, charlie)))
    staff.suspend(root, user=charlie, reason="Spam")
    assert (fresh(ring.call).end_reason, answers_of(ring.call)["charlie"]) == ("removed", "missed")


def _direct(one: User, other: User) -> UUID:
    from messenger.tests.factories import make_direct

    return make_direct(one, other).pk


def test_whoever_deletes_their_account_hangs_up(talk: Conversation, alice: User, bob: User) -> None:
    call, _ = running(talk, alice, bob)
    account_deletion.schedule(bob, user=bob, grace=timedelta(days=7))
    assert (fresh(call).status, live_legs(call)) == ("ended", [])


def test_whoever_is_removed_hears_of_it_and_nothing_more(
    group: Conversation, alice: User, bob: User, charlie: User, told: list[tuple[set[UUID], Any]]
) -> None:
    call, _ = running(group, alice, bob, charlie)
    told.clear()
    participants.remove(alice, conversation_id=group.pk, user_id=charlie.pk)
    assert fresh(call).status == "active"
    assert {leg.user_id for leg in live_legs(call)} == {alice.pk, bob.pk}
    (ended,) = [(users, event) for users, event in told if event.type == "call.end"]
    assert ended[0] == {charlie.pk}
    assert (ended[1].user_id, ended[1].reason) == (charlie.pk, "removed")
    with pytest.raises(errors.NotFound):
        answering.answer(charlie, device(), call_id=call.pk)


def test_whoever_leaves_while_it_rings_is_not_rung_any_more(
    group: Conversation, alice: User, bob: User, charlie: User
) -> None:
    begun = begin(alice, group)
    participants.remove(charlie, conversation_id=group.pk, user_id=charlie.pk)
    assert (fresh(begun.call).status, answers_of(begun.call)["charlie"]) == ("ringing", "missed")
    participants.remove(bob, conversation_id=group.pk, user_id=bob.pk)
    assert fresh(begun.call).end_reason == "removed"


def test_a_group_that_ends_takes_its_call_along(group: Conversation, alice: User, bob: User, charlie: User) -> None:
    call, _ = running(group, alice, bob)
    for person in (bob, charlie, alice):
        participants.remove(person, conversation_id=group.pk, user_id=person.pk)
    assert (fresh(call).status, live_legs(call)) == ("ended", [])


def test_a_block_ends_the_direct_call_and_not_that_of_a_group(
    talk: Conversation, group: Conversation, alice: User, bob: User, charlie: User
) -> None:
    direct, _ = running(talk, alice, bob)
    meeting, _ = running(group, alice, bob, charlie)
    blocks.block(bob, user_id=alice.pk)
    assert (fresh(direct).end_reason, fresh(meeting).status) == ("blocked", "active")
    assert states(talk)[-1] == ("ended", "ended", "blocked")


def test_a_ring_that_is_blocked_leaves_no_missed_call(talk: Conversation, alice: User, bob: User) -> None:
    begun = begin(alice, talk)
    blocks.block(bob, user_id=alice.pk)
    assert (fresh(begun.call).end_reason, notes(talk)) == ("blocked", [])
    assert begun.call.participants.get(user=bob).seen_at is not None


def test_staff_end_a_call_with_a_reason_on_the_record(talk: Conversation, alice: User, bob: User) -> None:
    helper = make_user("helper", is_staff=True)
    call, _ = running(talk, alice, bob)
    with pytest.raises(errors.Forbidden):
        ending.end_by_staff(helper, call_id=call.pk, reason="Abuse")
    helper.user_permissions.add(Permission.objects.get(codename="change_call"))
    helper = User.objects.get(pk=helper.pk)
    with pytest.raises(errors.InvalidInput):
        ending.end_by_staff(helper, call_id=call.pk, reason=" ")
    assert fresh(call).status == "active"
    assert ending.end_by_staff(helper, call_id=call.pk, reason="Abuse")
    assert not ending.end_by_staff(helper, call_id=call.pk, reason="Abuse")
    assert fresh(call).end_reason == "staff"
    event = AuditEvent.objects.get(event="call.ended_by_staff")
    assert (event.actor_id, event.object_ref, event.data["reason"]) == (helper.pk, f"call:{call.pk}", "Abuse")


def test_a_call_of_nobody_is_ended_by_nobody(alice: User) -> None:
    ending.end_user(alice.pk)
    ending.end_sessions([])
    ending.end_between([alice.pk, alice.pk])
    assert not Call.objects.exists()
