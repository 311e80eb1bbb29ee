"""Deadlines: what happens when nobody does anything, and when nobody looked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User
from calls import providers
from calls.models import Call
from calls.models import CallClock
from calls.models import CallLeg
from calls.providers.testing import Scripted
from calls.services import deadlines
from calls.services import legs
from calls.tests.factories import call_settings
from calls.tests.kit import SESSION
from calls.tests.kit import answers_of
from calls.tests.kit import beat
from calls.tests.kit import begin
from calls.tests.kit import fresh
from calls.tests.kit import hear
from calls.tests.kit import live_legs
from calls.tests.kit import pass_time
from calls.tests.kit import pick_up
from calls.tests.kit import running
from calls.tests.kit import states
from core import sql
from messenger.models import Conversation
from messenger.tests.reading import notes


def test_nobody_answers_for_45_seconds(talk: Conversation, alice: User, bob: User) -> None:
    begun = begin(alice, talk)
    pass_time(20)
    beat(begun.leg)
    pass_time(24)
    assert fresh(begun.call).status == "ringing"
    beat(begun.leg)
    assert pass_time(1.5) == 1
    call = fresh(begun.call)
    assert (call.status, call.end_reason, call.due_at, answers_of(call)["bob"]) == ("ended", "missed", None, "missed")
    assert notes(talk) == ["call_missed"]
    assert pass_time(1) == 0
    assert notes(talk) == ["call_missed"]


def test_a_ring_is_missed_at_once_after_all_processes_were_killed(talk: Conversation, alice: User) -> None:
    begun = begin(alice, talk)
    pass_time(120, looked=False)
    assert fresh(begun.call).end_reason == "missed"
    assert notes(talk) == ["call_missed"]


def test_running_calls_are_given_time_after_all_processes_were_killed(
    talk: Conversation, alice: User, bob: User
) -> None:
    call, _ = running(talk, alice, bob)
    pass_time(600, looked=False)
    assert (fresh(call).status, len(live_legs(call))) == ("active", 2)
    leases = [leg.lease_until - sql.now() for leg in live_legs(call)]
    assert all(timedelta(seconds=40) < left <= timedelta(seconds=45) for left in leases)
    pass_time(44)
    assert fresh(call).status == "active"
    pass_time(2)
    assert fresh(call).end_reason == "lost"


def test_without_the_gap_rule_they_would_be_lost(talk: Conversation, alice: User, bob: User) -> None:
    """The control: the same silence, while somebody looked all the time."""
    call, _ = running(talk, alice, bob)
    pass_time(600)
    assert fresh(call).end_reason == "lost"


def test_a_call_that_was_connecting_is_given_time_as_well(talk: Conversation, alice: User, bob: User) -> None:
    begun = begin(alice, talk)
    pick_up(bob, begun.call)
    pass_time(300, looked=False)
    call = fresh(begun.call)
    assert (call.status, call.connect_tries, call.connect_until and call.connect_until > sql.now()) == (
        "connecting",
        0,
        True,
    )


def test_silence_is_shown_after_a_beat_and_a_half_and_ends_after_30_seconds(
    talk: Conversation, alice: User, bob: User
) -> None:
    call, (hers, his) = running(talk, alice, bob)
    pass_time(10)
    beat(hers)
    pass_time(6)
    assert CallLeg.objects.get(pk=his.pk).state == "lost"
    assert states(talk)[-1] == ("active", "lost", None)
    beat(hers)
    pass_time(14)
    call = fresh(call)
    assert (call.status, call.end_reason) == ("ended", "lost")
    assert notes(talk) == ["call_ended"]


def test_a_device_that_is_back_in_time_goes_on(talk: Conversation, alice: User, bob: User) -> None:
    call, (hers, his) = running(talk, alice, bob)
    pass_time(20)
    assert {leg.state for leg in live_legs(call)} == {"lost"}
    beat(hers)
    beat(his)
    assert {leg.state for leg in live_legs(call)} == {"connected"}
    assert states(talk)[-1] == ("active", "back", None)
    pass_time(10)
    assert fresh(call).status == "active"


def test_who_is_heard_lives_whatever_became_of_their_socket(talk: Conversation, alice: User, bob: User) -> None:
    call, (hers, his) = running(talk, alice, bob)
    for _ in range(6):
        pass_time(10)
        hear(hers, his)
    pass_time(10)
    assert (fresh(call).status, {leg.state for leg in live_legs(call)}) == ("active", {"connected"})


def test_a_page_that_closes_has_ten_seconds_to_be_loaded_anew(talk: Conversation, alice: User, bob: User) -> None:
    call, (hers, his) = running(talk, alice, bob)
    beat(his, leaving=True)
    assert states(talk)[-1] == ("active", "lost", None)
    hear(hers, his)  # what was on its way
    pass_time(5)
    again = pick_up(bob, call, his.device_key)
    assert (again.leg.pk, again.is_new) == (his.pk, False)
    hear(again.leg, hers)
    beat(again.leg, leaving=True)
    hear(hers, again.leg)
    pass_time(11)
    assert fresh(call).end_reason == "lost"


def test_who_rings_must_be_there(talk: Conversation, alice: User, bob: User) -> None:
    begun = begin(alice, talk)
    pass_time(31)
    assert fresh(begun.call).end_reason == "cancelled"
    assert notes(talk) == ["call_missed"]


def test_without_a_way_it_is_tried_once_more_and_then_said(talk: Conversation, alice: User, bob: User) -> None:
    begun = begin(alice, talk)
    answered = pick_up(bob, begun.call)
    pass_time(11)
    call = fresh(begun.call)
    assert (call.status, call.notice, call.transport) == ("connecting", "sfu_not_configured", "p2p")
    for _ in range(2):
        beat(begun.leg)
        beat(answered.leg)
        assert fresh(call).status == "connecting"
        pass_time(11)
    assert (fresh(call).end_reason, notes(talk)) == ("failed", [])


def test_media_that_comes_at_the_second_try_is_in_time(talk: Conversation, alice: User, bob: User) -> None:
    begun = begin(alice, talk)
    answered = pick_up(bob, begun.call)
    pass_time(11)
    hear(begun.leg, answered.leg)
    hear(answered.leg, begun.leg)
    call = fresh(begun.call)
    assert (call.status, call.notice, call.connect_until) == ("active", "", None)


def test_who_is_asked_for_a_microphone_is_waited_for(talk: Conversation, alice: User, bob: User) -> None:
    begun = begin(alice, talk)
    answered = pick_up(bob, begun.call)
    for _ in range(5):
        beat(begun.leg)
        beat(answered.leg, waits_for_permission=True)
        pass_time(11)
        assert fresh(begun.call).notice == ""
    for _ in range(2):
        beat(begun.leg)
        beat(answered.leg, waits_for_permission=True)
        pass_time(11)
    assert fresh(begun.call).notice == "sfu_not_configured"


def test_the_last_one_of_a_group_is_waited_with_for_a_minute(
    group: Conversation, alice: User, bob: User, charlie: User
) -> None:
    call, (hers, his) = running(group, alice, bob)
    legs_gone = CallLeg.objects.filter(pk=his.pk)
    legs_gone.update(lease_until=sql.now())
    pass_time(0)
    assert fresh(call).alone_until is not None
    for _ in range(5):
        pass_time(11)
        beat(hers)
    assert fresh(call).status == "active"
    pass_time(6)
    assert fresh(call).end_reason == "hangup"


def test_who_of_a_group_finds_no_way_leaves_and_the_others_go_on(
    group: Conversation, alice: User, bob: User, charlie: User
) -> None:
    call, (hers, his) = running(group, alice, bob)
    late = pick_up(charlie, call).leg
    for _ in range(3):
        hear(hers, his)
        hear(his, hers)
        beat(late)
        pass_time(11)
    assert (fresh(call).status, {leg.pk for leg in live_legs(call)}) == ("active", {hers.pk, his.pk})
    assert CallLeg.objects.get(pk=late.pk).left_reason == "failed"


def test_even_the_longest_call_ends(talk: Conversation, alice: User, bob: User, settings: Settings) -> None:
    settings.CALLS = call_settings(max_seconds=3600)
    call, _ = running(talk, alice, bob)
    Call.objects.update(created_at=sql.now() - timedelta(seconds=3601))
    deadlines.judge(loaded := fresh(call), sql.now())
    assert loaded.end_reason == "too_long"


def test_a_report_of_an_earlier_way_is_not_media_on_this_one(
    talk: Conversation, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(providers, "configured", Scripted)
    monkeypatch.setattr("calls.services.minutes.reserve", lambda *_: None)
    begun = begin(alice, talk)
    answered = pick_up(bob, begun.call)
    for leg in (begun.leg, answered.leg):
        legs.ask_for_fallback(leg.user, call_id=leg.call_id, leg_id=leg.pk, generation=1, reason="no_media")
    call = fresh(begun.call)
    assert (call.transport, call.generation) == ("sfu", 2)
    for leg, other in ((begun.leg, answered.leg), (answered.leg, begun.leg)):
        given = legs.Beat(leg.pk, 1, media_from=[other.pk])
        shown = legs.beat(leg.user, given, call_id=call.pk, session_id=SESSION)
        assert (shown.status, shown.generation) == ("connecting", 2)
    assert fresh(call).started_at is None


def test_two_who_look_do_everything_once(talk: Conversation, alice: User) -> None:
    begin(alice, talk)
    pass_time(46)
    deadlines.enforce()
    assert notes(talk) == ["call_missed"]


@pytest.mark.django_db
def test_looking_writes_the_clock_at_most_once_a_second() -> None:
    deadlines.enforce()
    first = CallClock.objects.get().ticked_at
    deadlines.enforce()
    assert CallClock.objects.get().ticked_at == first
    CallClock.objects.update(ticked_at=first - timedelta(seconds=2))
    deadlines.enforce()
    assert CallClock.objects.get().ticked_at >= first
