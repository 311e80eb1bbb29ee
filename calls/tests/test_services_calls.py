"""A call from ring to end: every transition, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User
from calls import errors
from calls.models import Call
from calls.models import CallLeg
from calls.models import CallParticipant
from calls.services import answering
from calls.services import ending
from calls.services import starting
from calls.tests.kit import answers_of
from calls.tests.kit import begin
from calls.tests.kit import device
from calls.tests.kit import fresh
from calls.tests.kit import hear
from calls.tests.kit import live_legs
from calls.tests.kit import pick_up
from calls.tests.kit import running
from calls.tests.kit import states
from conftest import make_user
from core import errors as core_errors
from core import sql
from messenger.errors import Blocked
from messenger.models import Block
from messenger.models import Conversation
from messenger.tests.factories import make_agent
from messenger.tests.factories import make_direct
from messenger.tests.factories import make_group
from messenger.tests.reading import events
from messenger.tests.reading import notes


def _note(talk: Conversation) -> Any:
    return [payload["system"] for name, payload in events(talk) if name == "message.new"][-1]


# Beginning ------------------------------------------------------------------------------------------------------------


def test_a_call_rings_the_other_for_45_seconds(talk: Conversation, alice: User, bob: User) -> None:
    begun = begin(alice, talk, call_type="video")
    call = fresh(begun.call)
    assert (call.status, call.call_type, call.transport, call.generation) == ("ringing", "video", "p2p", 1)
    assert timedelta(seconds=44) < call.ring_until - sql.now() <= timedelta(seconds=45)
    assert call.due_at == call.ring_until
    assert answers_of(call) == {"alice": "accepted", "bob": "pending"}
    assert (begun.joined, begun.is_new, begun.rung) == (False, True, [bob.pk])
    ((name, told),) = events(talk)
    assert (name, told["cause"], told["by"]) == ("call.state", "initiated", str(alice.pk))
    shown = {one["user"]["username"]: one for one in told["call"]["participants"]}
    assert shown["alice"]["leg"]["id"] == str(begun.leg.pk)
    assert (shown["bob"]["leg"], shown["bob"]["response"]) == (None, "pending")


def test_the_same_client_id_is_the_same_call(talk: Conversation, alice: User) -> None:
    first = begin(alice, talk, "tab", client_id="c-1")
    again = begin(alice, talk, "tab", client_id="c-1")
    assert (again.call.pk, again.leg.pk, again.is_new, again.joined) == (first.call.pk, first.leg.pk, False, False)
    with pytest.raises(core_errors.IdempotencyMismatch):
        begin(alice, talk, "tab", client_id="c-1", call_type="video")
    ending.end(alice, call_id=first.call.pk)
    with pytest.raises(errors.CallOver) as over:
        begin(alice, talk, "tab", client_id="c-1")
    assert over.value.context["call"]["end_reason"] == "cancelled"
    assert Call.objects.count() == 1


def test_who_calls_whoever_calls_them_answers(talk: Conversation, alice: User, bob: User) -> None:
    first = begin(alice, talk)
    second = begin(bob, talk, call_type="video")
    assert (second.call.pk, second.joined, second.is_new) == (first.call.pk, True, False)
    call = fresh(first.call)
    assert (call.status, call.call_type, call.initiator_id) == ("connecting", "audio", alice.pk)
    assert {leg.user_id for leg in live_legs(call)} == {alice.pk, bob.pk}


def test_calling_again_on_another_device_offers_to_move_there(talk: Conversation, alice: User) -> None:
    first = begin(alice, talk, "one")
    with pytest.raises(errors.CallExists) as refused:
        begin(alice, talk, "two")
    assert refused.value.context["call"]["id"] == str(first.call.pk)
    moved = pick_up(alice, first.call, "two", move=True)
    assert [leg.pk for leg in live_legs(first.call)] == [moved.leg.pk]
    assert CallLeg.objects.get(pk=first.leg.pk).left_reason == "moved"
    assert fresh(first.call).status == "ringing"


def test_nobody_to_call(alice: User, bob: User, charlie: User) -> None:
    agent = make_agent()
    suspended = make_user("gone", is_active=False)
    for other in (agent, suspended):
        with pytest.raises(core_errors.InvalidInput):
            begin(alice, make_direct(alice, other))
    saved = Conversation.objects.create(type="direct", direct_key=f"{alice.pk.hex}:{alice.pk.hex}")
    saved.participants.create(user=alice)
    with pytest.raises(core_errors.InvalidInput):
        begin(alice, saved)
    talk = make_direct(alice, bob)
    with pytest.raises(core_errors.NotFound):
        begin(charlie, talk)
    Block.objects.create(blocker=bob, blocked=alice)
    with pytest.raises(Blocked):
        begin(alice, talk)
    assert not Call.objects.exists()


def test_all_of_a_small_group_are_rung_and_nobody_of_a_large_one(alice: User, bob: User, charlie: User) -> None:
    small = make_group(alice, bob, charlie, make_agent())
    assert set(begin(alice, small).rung) == {bob.pk, charlie.pk}
    large = make_group(alice, *[make_user(f"m{number}") for number in range(32)])
    begun = begin(alice, large)
    assert begun.rung == []
    assert fresh(begun.call).ring_until - sql.now() > timedelta(minutes=4)
    joined = begin(large.participants.exclude(user=alice).first().user, large)  # type: ignore[union-attr]
    assert (joined.call.pk, joined.joined, fresh(begun.call).status) == (begun.call.pk, True, "connecting")


# Answering ------------------------------------------------------------------------------------------------------------


def test_an_answer_connects_and_media_makes_it_run(talk: Conversation, alice: User, bob: User) -> None:
    begun = begin(alice, talk)
    answered = pick_up(bob, begun.call)
    call = fresh(begun.call)
    assert (call.status, call.answered_at is not None, call.started_at) == ("connecting", True, None)
    assert call.connect_until is not None
    assert timedelta(seconds=9) < call.connect_until - sql.now() <= timedelta(seconds=10)
    hear(begun.leg, answered.leg)
    assert fresh(call).status == "connecting"
    hear(answered.leg, begun.leg)
    call = fresh(call)
    assert (call.status, call.connect_until) == ("active", None)
    assert call.started_at is not None
    assert {leg.state for leg in live_legs(call)} == {"connected"}
    assert [one[:2] for one in states(talk)] == [
        ("ringing", "initiated"),
        ("connecting", "answered"),
        ("connecting", "connected"),
        ("active", "connected"),
    ]


def test_the_other_devices_are_answered_elsewhere(talk: Conversation, alice: User, bob: User) -> None:
    begun = begin(alice, talk)
    first = pick_up(bob, begun.call, "phone")
    with pytest.raises(errors.AnsweredElsewhere) as refused:
        pick_up(bob, begun.call, "desk")
    shown = {one["user"]["username"]: one for one in refused.value.context["call"]["participants"]}
    assert shown["bob"]["leg"]["id"] == str(first.leg.pk)
    again = pick_up(bob, begun.call, "phone")
    assert (again.leg.pk, again.is_new) == (first.leg.pk, False)


def test_a_call_moves_to_another_device_and_goes_on(talk: Conversation, alice: User, bob: User) -> None:
    call, (hers, his) = running(talk, alice, bob)
    moved = pick_up(bob, call, "desk", move=True)
    assert (fresh(call).status, CallLeg.objects.get(pk=his.pk).state) == ("active", "left")
    hear(moved.leg, hers)
    assert fresh(call).connect_until is None
    assert call.participants.get(user=bob).left_at is None


def test_nobody_answers_what_is_over_or_is_not_theirs(
    talk: Conversation, alice: User, bob: User, charlie: User
) -> None:
    begun = begin(alice, talk)
    with pytest.raises(core_errors.NotFound):
        pick_up(charlie, begun.call)
    with pytest.raises(core_errors.NotFound):
        answering.answer(bob, device(), call_id=uuid4())
    Block.objects.create(blocker=alice, blocked=bob)
    with pytest.raises(core_errors.NotFound):
        pick_up(bob, begun.call)
    Block.objects.all().delete()
    ending.end(alice, call_id=begun.call.pk)
    with pytest.raises(errors.CallOver):
        pick_up(bob, begun.call)
    assert live_legs(begun.call) == []


def test_a_late_answer_finds_the_call_missed_and_leaves_it_so(talk: Conversation, alice: User, bob: User) -> None:
    begun = begin(alice, talk)
    Call.objects.update(ring_until=sql.now())
    with pytest.raises(errors.CallOver) as over:
        pick_up(bob, begun.call)
    assert over.value.context["call"]["end_reason"] == "missed"
    assert fresh(begun.call).end_reason == "missed"
    assert notes(talk) == ["call_missed"]


def test_six_people_fill_a_call_without_a_media_server(alice: User, bob: User, charlie: User) -> None:
    more = [make_user(name) for name in ("dan", "eve", "fay", "gus")]
    group = make_group(alice, bob, charlie, *more)
    begun = begin(alice, group)
    for number, person in enumerate([bob, charlie, *more[:3]], start=2):
        pick_up(person, begun.call)
        assert fresh(begun.call).notice == ("audio_only" if number > 4 else "")
    with pytest.raises(errors.CallFull):
        pick_up(more[3], begun.call)
    with pytest.raises(errors.CallFull):
        begin(more[3], group)
    ending.end(more[1], call_id=begun.call.pk)
    assert fresh(begun.call).notice == "audio_only"
    ending.end(more[0], call_id=begun.call.pk)
    assert fresh(begun.call).notice == ""


# Declining ------------------------------------------------------------------------------------------------------------


def test_declining_ends_a_direct_call_without_a_missed_one(talk: Conversation, alice: User, bob: User) -> None:
    begun = begin(alice, talk)
    answering.reject(bob, call_id=begun.call.pk)
    call = fresh(begun.call)
    assert (call.status, call.end_reason, answers_of(call)["bob"]) == ("ended", "declined", "declined")
    assert notes(talk) == []
    assert answering.reject(bob, call_id=call.pk).pk == call.pk
    with pytest.raises(errors.CallOver):
        answering.reject(alice, call_id=call.pk)


def test_declining_on_the_second_device_changes_nothing(talk: Conversation, alice: User, bob: User) -> None:
    call, _ = running(talk, alice, bob)
    before = states(talk)
    answering.reject(bob, call_id=call.pk)
    answering.reject(alice, call_id=call.pk)
    assert (fresh(call).status, states(talk)) == ("active", before)


def test_a_group_goes_on_ringing_until_all_have_declined(
    group: Conversation, alice: User, bob: User, charlie: User
) -> None:
    begun = begin(alice, group)
    answering.reject(bob, call_id=begun.call.pk)
    assert (fresh(begun.call).status, answers_of(begun.call)["bob"]) == ("ringing", "declined")
    answering.reject(charlie, call_id=begun.call.pk)
    assert (fresh(begun.call).end_reason, notes(group)) == ("declined", [])


# Ending ---------------------------------------------------------------------------------------------------------------


def test_hanging_up_ends_a_direct_call_with_its_length(talk: Conversation, alice: User, bob: User) -> None:
    call, _ = running(talk, alice, bob)
    Call.objects.update(started_at=sql.now() - timedelta(seconds=75))
    ended = ending.end(bob, call_id=call.pk)
    assert (ended.status, ended.end_reason, ended.duration) == ("ended", "hangup", 75)
    assert live_legs(call) == []
    assert notes(talk) == ["call_ended"]
    assert (_note(talk)["seconds"], _note(talk)["call_type"]) == (75, "audio")
    told = len(states(talk))
    assert ending.end(bob, call_id=call.pk).end_reason == "hangup"
    assert ending.end(alice, call_id=call.pk).end_reason == "hangup"
    assert len(states(talk)) == told


def test_who_gives_up_before_an_answer_leaves_a_missed_call(talk: Conversation, alice: User, bob: User) -> None:
    begun = begin(alice, talk, call_type="video")
    ending.end(alice, call_id=begun.call.pk)
    call = fresh(begun.call)
    assert (call.end_reason, call.duration, answers_of(call)["bob"]) == ("cancelled", None, "missed")
    assert notes(talk) == ["call_missed"]
    assert _note(talk)["actor"]["username"] == "alice"
    assert _note(talk)["call_type"] == "video"
    assert states(talk)[-1] == ("ended", "ended", "cancelled")


def test_who_is_rung_and_not_in_ends_nothing(talk: Conversation, alice: User, bob: User) -> None:
    begun = begin(alice, talk)
    ending.end(bob, call_id=begun.call.pk)
    assert fresh(begun.call).status == "ringing"


def test_an_old_leg_ends_nothing(talk: Conversation, alice: User, bob: User) -> None:
    call, (_, his) = running(talk, alice, bob)
    pick_up(bob, call, "desk", move=True)
    ending.end(bob, call_id=call.pk, leg_id=his.pk)
    assert fresh(call).status == "active"


def test_a_group_goes_on_until_one_is_left_for_a_minute(
    group: Conversation, alice: User, bob: User, charlie: User
) -> None:
    call, _ = running(group, alice, bob, charlie)
    ending.end(alice, call_id=call.pk)
    assert (fresh(call).status, fresh(call).alone_until) == ("active", None)
    ending.end(bob, call_id=call.pk)
    call = fresh(call)
    assert call.status == "active"
    assert call.alone_until is not None
    assert timedelta(seconds=59) < call.alone_until - sql.now() <= timedelta(seconds=60)
    pick_up(bob, call)
    assert fresh(call).alone_until is None


def test_for_everyone_is_for_who_began_it_and_for_admins(
    group: Conversation, alice: User, bob: User, charlie: User
) -> None:
    begun = begin(bob, group)
    pick_up(charlie, begun.call)
    with pytest.raises(core_errors.Forbidden):
        ending.end(charlie, call_id=begun.call.pk, for_everyone=True)
    assert ending.end(alice, call_id=begun.call.pk, for_everyone=True).end_reason == "hangup"


def test_those_who_never_answered_have_missed_it(group: Conversation, alice: User, bob: User, charlie: User) -> None:
    call, _ = running(group, alice, bob)
    ending.end(alice, call_id=call.pk, for_everyone=True)
    assert answers_of(call) == {"alice": "accepted", "bob": "accepted", "charlie": "missed"}
    assert notes(group) == ["call_ended"]


# Whose address is shown -----------------------------------------------------------------------------------------------


def test_a_relay_that_is_wanted_and_missing_refuses(
    talk: Conversation, alice: User, bob: User, settings: Settings
) -> None:
    from calls.services import preferences

    preferences.change(bob, hide_address="always", ring=True)
    begun = begin(alice, talk)
    with pytest.raises(errors.NoRelay):
        pick_up(bob, begun.call)
    assert (fresh(begun.call).status, CallParticipant.objects.get(user=bob).response) == ("ringing", "pending")


def test_rings_are_counted_for_a_person_and_a_conversation(talk: Conversation, alice: User, bob: User) -> None:
    for _ in range(6):
        ending.end(alice, call_id=begin(alice, talk).call.pk)
    with pytest.raises(core_errors.RateLimited):
        begin(alice, talk)
    assert starting.initiate(bob, device(), conversation_id=talk.pk, call_type="audio").is_new
