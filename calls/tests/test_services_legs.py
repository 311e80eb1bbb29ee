"""Signs of life, what they say of media, and when a device may ask for another way."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Any
from uuid import UUID
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from accounts.models import User
from calls import errors
from calls import limits
from calls import providers
from calls.events import CallMedia
from calls.models import Call
from calls.models import CallInterval
from calls.models import CallLeg
from calls.presentation import calls as presentation
from calls.providers.testing import Scripted
from calls.services import ending
from calls.services import leaving
from calls.services import legs
from calls.services import moves
from calls.services import reconcile
from calls.services import relaying
from calls.shapes import QualityReport
from calls.tests.factories import call_settings
from calls.tests.kit import SESSION
from calls.tests.kit import beat
from calls.tests.kit import begin
from calls.tests.kit import fresh
from calls.tests.kit import hear
from calls.tests.kit import live_legs
from calls.tests.kit import pass_time
from calls.tests.kit import pick_up
from calls.tests.kit import running
from calls.tests.kit import states
from conftest import make_user
from core import errors as core_errors
from core import sql
from core.models import Job
from messenger.models import Conversation
from messenger.tests.factories import make_direct
from messenger.tests.factories import make_group


def _ask(leg: CallLeg, reason: Any = "no_media", generation: int = 1) -> Call:
    return legs.ask_for_fallback(leg.user, call_id=leg.call_id, leg_id=leg.pk, generation=generation, reason=reason)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """A media server, paid for by nobody."""
    scripted = Scripted()
    monkeypatch.setattr(providers, "configured", lambda: scripted)
    monkeypatch.setattr(providers, "named", lambda _name: scripted)
    monkeypatch.setattr("calls.services.minutes.reserve", lambda *_: None)
    return scripted


def _open(call: Call) -> None:
    """What the worker does."""
    (job,) = Job.objects.filter(kind=moves.OPEN_ROOM, payload__call_id=str(call.pk))
    moves.open_room(call.pk, job.payload["generation"], job.payload["why"], is_last_try=True)


# Signs of life --------------------------------------------------------------------------------------------------------


def test_a_sign_of_life_writes_one_row_and_takes_no_lock(talk: Conversation, alice: User, bob: User) -> None:
    _, (hers, _) = running(talk, alice, bob)
    before = states(talk)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        beat(hers)
    statements = [query["sql"] for query in asked]
    assert sum(one.startswith("UPDATE") for one in statements) == 1
    assert not any("FOR UPDATE" in one or "FOR NO KEY" in one for one in statements)
    assert len(statements) <= 4
    assert states(talk) == before


def test_only_legs_of_the_same_call_are_heard(talk: Conversation, alice: User, bob: User, charlie: User) -> None:
    begun = begin(alice, talk)
    pick_up(bob, begun.call)
    other = begin(charlie, make_direct(alice, charlie))
    hear(begun.leg, other.leg)
    hear(begun.leg, begun.leg)
    given = legs.Beat(begun.leg.pk, 1, media_from=[uuid4()])
    legs.beat(alice, given, call_id=begun.call.pk, session_id=SESSION)
    assert CallLeg.objects.get(pk=begun.leg.pk).state == "joining"
    assert CallLeg.objects.get(pk=other.leg.pk).lease_until == other.leg.lease_until


def test_a_leg_speaks_for_itself_alone(talk: Conversation, alice: User, bob: User, charlie: User) -> None:
    call, (hers, his) = running(talk, alice, bob)
    for actor, leg in ((bob, hers), (charlie, hers)):
        with pytest.raises(core_errors.NotFound):
            legs.beat(actor, legs.Beat(leg.pk, 1), call_id=call.pk, session_id=SESSION)
    with pytest.raises(core_errors.NotFound):
        legs.beat(alice, legs.Beat(hers.pk, 1), call_id=uuid4(), session_id=SESSION)
    pick_up(bob, call, "desk", move=True)
    with pytest.raises(core_errors.NotFound):
        beat(his)
    ending.end(alice, call_id=call.pk)
    with pytest.raises(errors.CallOver) as over:
        beat(hers)
    assert over.value.context["call"]["end_reason"] == "hangup"


def test_what_is_muted_is_told_at_once_and_again_with_each_report(
    talk: Conversation, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    monkeypatch.setattr("calls.services.record.tell", lambda users, event: told.append((set(users), event)))
    call, (hers, _) = running(talk, alice, bob)
    told.clear()
    beat(hers, audio_on=False)
    beat(hers, audio_on=False)
    ((users, event),) = told
    assert users == {alice.pk, bob.pk}
    assert isinstance(event, CallMedia)
    assert (event.leg_id, event.audio_on, event.video_on, event.switched) == (hers.pk, False, False, 1)
    assert [one.leg.switched for one in presentation.shape(fresh(call)).participants if one.leg] == [1, 0]
    beat(hers, audio_on=False, report=QualityReport(rtt_ms=42))
    assert [one for _, one in told] == [event, event]


def test_a_report_is_kept_and_says_by_which_way(
    talk: Conversation, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ROUTE", timedelta(0))
    _, (hers, his) = running(talk, alice, bob)
    hear(hers, his, report=QualityReport(rtt_ms=42, loss_pct=1, route="relay"))
    assert CallLeg.objects.get(pk=hers.pk).report == {"rtt_ms": 42.0, "loss_pct": 1.0, "route": "relay"}
    ways = CallInterval.objects.filter(leg_id=hers.pk).order_by("started_at").values_list("transport", "ended_by")
    assert list(ways) == [("p2p", "move"), ("relay", "")]
    hear(hers, his)
    assert CallInterval.objects.filter(leg_id=hers.pk, ended_at=None).count() == 1


def test_what_flowed_between_devices_ends_with_the_call(talk: Conversation, alice: User, bob: User) -> None:
    call, _ = running(talk, alice, bob)
    ending.end(alice, call_id=call.pk)
    assert sorted(CallInterval.objects.values_list("ended_by", flat=True)) == ["end", "leave"]
    assert not CallInterval.objects.filter(ended_at=None).exists()


# The other way --------------------------------------------------------------------------------------------------------


def test_two_who_find_no_way_to_each_other_go_by_the_media_server(
    talk: Conversation, alice: User, bob: User, server: Scripted
) -> None:
    begun = begin(alice, talk)
    answered = pick_up(bob, begun.call)
    _ask(begun.leg)
    _ask(answered.leg)
    call = fresh(begun.call)
    assert (call.transport, call.generation, call.sfu_state, call.provider) == ("sfu", 2, "wanted", "janus")
    assert call.payer_id == alice.pk
    _open(call)
    call = fresh(call)
    assert (call.sfu_state, call.hms_room_id) == ("ready", f"call-{call.pk}")
    for leg, other in ((begun.leg, answered.leg), (answered.leg, begun.leg)):
        hear(leg, other)
    assert (fresh(call).status, fresh(call).connect_until) == ("active", None)
    assert [one[1] for one in states(talk)].count("fallback") == 2


def test_one_who_asks_waits_and_two_decide(talk: Conversation, alice: User, bob: User, server: Scripted) -> None:
    call, (hers, his) = running(talk, alice, bob)
    assert _ask(hers, "ice_failed").transport == "p2p"
    assert fresh(call).connect_until is not None
    assert _ask(hers, "ice_failed").transport == "p2p"
    assert _ask(his, "ice_failed").transport == "sfu"
    assert fresh(call).generation == 2
    assert _ask(hers, "ice_failed").generation == 2


def test_when_most_hear_nobody_through_the_media_server_the_call_goes_back(
    talk: Conversation, alice: User, bob: User, server: Scripted
) -> None:
    call, (hers, his) = running(talk, alice, bob)
    for leg in (hers, his):
        _ask(leg)
    _open(call)
    assert _ask(hers, generation=2).transport == "sfu"
    # They have not come there yet: the move has a deadline of its own.
    assert _ask(his, generation=2).transport == "sfu"
    hear(hers, his)
    hear(his, hers)
    assert _ask(hers, generation=2).transport == "sfu"
    hear(hers, his)
    assert _ask(his, generation=2).transport == "sfu"  # she hears him again
    assert _ask(hers, generation=2).transport == "p2p"
    call = fresh(call)
    assert (call.generation, call.sfu_state, call.notice) == (3, "failed", "sfu_unavailable")
    assert _ask(his, generation=2).generation == 3


def test_two_of_five_with_poor_lines_do_not_take_the_media_server_from_the_others(
    alice: User, server: Scripted
) -> None:
    others = [make_user(f"other{number}") for number in range(4)]
    call = begin(alice, make_group(alice, *others)).call
    for other in others:
        pick_up(other, call)
    _open(call)
    talkers = live_legs(call)
    for talker, heard in zip(talkers, [*talkers[1:], talkers[0]], strict=True):
        hear(talker, heard)
    call = fresh(call)
    assert (call.transport, call.generation) == ("sfu", 2)
    for leg in talkers[:2]:
        assert _ask(leg, generation=2).generation == 2
    anew = _ask(talkers[2], generation=2)
    assert (anew.transport, anew.sfu_state, anew.generation) == ("sfu", "wanted", 3)  # too many for their devices


def test_one_whose_media_comes_back_asks_for_nothing(
    talk: Conversation, alice: User, bob: User, server: Scripted
) -> None:
    call, (hers, his) = running(talk, alice, bob)
    _ask(hers)
    hear(hers, his)
    pass_time(11)
    hear(hers, his)
    hear(his, hers)
    assert (fresh(call).transport, fresh(call).connect_until) == ("p2p", None)


def test_without_a_media_server_it_is_said(talk: Conversation, alice: User, bob: User) -> None:
    call, (hers, his) = running(talk, alice, bob)
    with pytest.raises(errors.SfuNotConfigured):
        _ask(hers)
    with pytest.raises(errors.SfuNotConfigured):
        _ask(his)
    assert fresh(call).notice == "sfu_not_configured"
    hear(hers, his)
    hear(his, hers)
    assert (fresh(call).notice, fresh(call).connect_until) == ("", None)


def test_the_fifth_one_moves_a_call_to_the_media_server(
    alice: User, bob: User, charlie: User, server: Scripted
) -> None:
    more = [make_user(name) for name in ("dan", "eve", "fay", "gus", "hal")]
    group = make_group(alice, bob, charlie, *more)
    call, _ = running(group, alice, bob, charlie, more[0])
    assert call.transport == "p2p"
    pick_up(more[1], call)
    call = fresh(call)
    assert (call.transport, call.generation, call.notice) == ("sfu", 2, "")
    pick_up(more[2], call)
    with pytest.raises(errors.CallFull):  # the room may yet fail
        pick_up(more[3], call)
    _open(call)
    for person in more[3:]:
        pick_up(person, call)
    assert len(live_legs(call)) == 8


def test_more_than_devices_can_carry_have_no_way_back(alice: User, bob: User, charlie: User, server: Scripted) -> None:
    more = [make_user(name) for name in ("dan", "eve", "fay", "gus")]
    group = make_group(alice, bob, charlie, *more)
    call, _ = running(group, alice, bob, charlie, *more[:2])
    _open(call)
    for person in more[2:]:
        pick_up(person, call)
    call = fresh(call)
    assert len(live_legs(call)) == 7
    moves.to_devices(call, "provider", Call.Notice.SFU_UNAVAILABLE, now=sql.now(), error=errors.SfuUnavailable())
    assert (fresh(call).status, fresh(call).end_reason) == ("ended", "failed")


def test_a_room_that_cannot_be_made_leaves_the_call_as_it_was(
    talk: Conversation, alice: User, bob: User, server: Scripted
) -> None:
    call, (hers, his) = running(talk, alice, bob)
    _ask(hers)
    _ask(his)
    server.faults.extend(["500"])
    _open(call)
    call = fresh(call)
    assert (call.status, call.transport, call.generation, call.notice) == ("active", "p2p", 3, "sfu_unavailable")
    hear(hers, his)
    hear(his, hers)
    pass_time(5)
    assert fresh(call).status == "active"
    with pytest.raises(core_errors.DomainError):
        _ask(hers, generation=3)


def test_a_room_that_is_never_made_is_given_up(talk: Conversation, alice: User, bob: User, server: Scripted) -> None:
    call, (hers, his) = running(talk, alice, bob)
    _ask(hers)
    _ask(his)
    for _ in range(2):
        beat(hers)
        beat(his)
        pass_time(11)
    assert (fresh(call).transport, fresh(call).notice) == ("p2p", "sfu_unavailable")


def test_a_room_nobody_wants_any_more_is_closed(talk: Conversation, alice: User, bob: User, server: Scripted) -> None:
    call, (hers, his) = running(talk, alice, bob)
    _ask(hers)
    _ask(his)
    server.meanwhile = lambda: ending.end(alice, call_id=call.pk)
    _open(call)
    assert (fresh(call).status, server.rooms) == ("ended", set())


def test_who_leaves_is_put_out_of_the_room_and_the_last_one_closes_it(
    group: Conversation, alice: User, bob: User, charlie: User, server: Scripted
) -> None:
    call, (hers, his, third) = running(group, alice, bob, charlie)
    _ask(hers)
    _ask(his)
    _open(call)
    ending.end(charlie, call_id=call.pk)
    (job,) = Job.objects.filter(kind=leaving.REMOVE)
    moves.remove_leg(UUID(job.payload["leg_id"]))
    assert server.removed == [third.pk]
    ending.end(alice, call_id=call.pk, for_everyone=True)
    (job,) = Job.objects.filter(kind=leaving.CLOSE_ROOM)
    reconcile.end_room(UUID(job.payload["call_id"]))
    assert server.rooms == set()


def test_when_the_payer_has_no_minutes_the_call_stays_and_says_so(
    talk: Conversation, alice: User, bob: User, server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise errors.MinutesUsedUp(limit=100, used=100)

    monkeypatch.setattr("calls.services.minutes.reserve", refuse)
    call, (hers, his) = running(talk, alice, bob)
    _ask(hers)
    with pytest.raises(errors.MinutesUsedUp):
        _ask(his)
    call = fresh(call)
    assert (call.transport, call.notice, call.status) == ("p2p", "minutes_over", "active")


# Finding each other ---------------------------------------------------------------------------------------------------


def test_credentials_are_the_relays_own(talk: Conversation, alice: User, settings: Settings) -> None:
    settings.CALLS = call_settings(turn_urls=("turn:t.example.org:3478",), turn_secret="hush", turn_ttl=600)
    begun = begin(alice, talk)
    shown = relaying.servers(alice, begun.call.pk)
    (server,) = shown.ice_servers
    expiry, _, leg_id = (server.username or "").partition(":")
    assert leg_id == str(begun.leg.pk)
    assert 590 < int(expiry) - sql.now().timestamp() <= 600
    expected = base64.b64encode(hmac.new(b"hush", (server.username or "").encode(), hashlib.sha1).digest()).decode()
    assert (server.credential, shown.ttl, shown.policy) == (expected, 600, "all")


def test_without_a_relay_there_are_no_credentials(talk: Conversation, alice: User, bob: User) -> None:
    begun = begin(alice, talk)
    assert relaying.servers(alice, begun.call.pk).ice_servers == []
    with pytest.raises(core_errors.NotFound):
        relaying.servers(bob, begun.call.pk)


def test_who_hides_from_strangers_is_hidden_where_there_are_some(
    talk: Conversation, alice: User, bob: User, charlie: User, settings: Settings
) -> None:
    settings.CALLS = call_settings(turn_urls=("turn:t.example.org:3478",), turn_secret="hush")
    assert not begin(alice, talk).leg.relay_only
    with_a_stranger = make_group(alice, bob, charlie)
    assert begin(alice, with_a_stranger).leg.relay_only
    make_direct(alice, charlie)
    ending.end(alice, call_id=Call.objects.latest("id").pk)
    assert not begin(alice, with_a_stranger).leg.relay_only


def test_a_site_may_hide_everybody(talk: Conversation, alice: User, settings: Settings) -> None:
    settings.CALLS = call_settings(turn_urls=("turn:t.example.org:3478",), turn_secret="hush", relay_only=True)
    begun = begin(alice, talk)
    assert relaying.servers(alice, begun.call.pk).policy == "relay"
    assert relaying.without_credentials().policy == "relay"
