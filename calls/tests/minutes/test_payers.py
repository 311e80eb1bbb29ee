"""Who pays is in the call: nobody's minutes go on after they left it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from billing.errors import MeteringUnavailable
from billing.metering import minutes as book
from calls import errors
from calls.models import Call
from calls.services import ending
from calls.services import intervals
from calls.services import leaving
from calls.services import media
from calls.services import minutes
from calls.services import moves
from calls.services import paying
from calls.tests.factories import call_settings
from calls.tests.factories import make_leg
from calls.tests.minutes.kit import Clock
from calls.tests.minutes.kit import Talk
from calls.tests.minutes.kit import flow
from calls.tests.minutes.kit import nothing_is_amiss
from conftest import make_user
from core import sql

pytestmark = pytest.mark.django_db


def _leave(talk: Talk, number: int) -> None:
    """They hang up, and the door shuts behind them."""
    ending.end(talk.people[number], call_id=talk.call.pk)
    intervals.close([talk.legs[number].pk], by="leave")


def _now(talk: Talk) -> tuple[str, str, str]:
    talk.call.refresh_from_db()
    return talk.call.transport, talk.call.notice, talk.call.status


def test_who_began_the_call_and_left_pays_no_more(talk: Talk, clock: Clock) -> None:
    talk.move()
    talk.media(0, 1, 2)
    flow(talk, clock, 65, 0, 1, 2)
    _leave(talk, 0)
    assert talk.charged() == [("ann", 65, 120)]
    paying.look()
    assert _now(talk) == ("sfu", "minutes_low", "active")
    flow(talk, clock, 80, 1, 2)
    assert _now(talk) == ("p2p", "minutes_over", "active")
    assert talk.charged() == [("ann", 65, 120)]
    assert book.allowance(talk.people[0].pk).held == 0
    talk.end()
    nothing_is_amiss(clock)


def test_who_was_removed_pays_no_more(talk: Talk, clock: Clock) -> None:
    talk.move()
    talk.media(0, 1, 2)
    flow(talk, clock, 65, 0, 1, 2)
    ending.end_membership(talk.call.conversation_id, [talk.people[0].pk])
    assert talk.charged() == [("ann", 65, 120)]


def test_with_more_than_four_somebody_has_a_minute_to_take_over(talk: Talk, clock: Clock) -> None:
    for name in ("dan", "eve", "fay", "gus"):
        talk.people.append(make_user(name))
        talk.legs.append(make_leg(talk.call, talk.people[-1]))
    talk.move()
    talk.media(0, 1, 2)
    flow(talk, clock, 65, 0, 1, 2)
    _leave(talk, 0)
    flow(talk, clock, 40, 1, 2)
    assert _now(talk) == ("sfu", "minutes_low", "active")
    media.sponsor(talk.people[1], call_id=talk.call.pk)
    flow(talk, clock, 80, 1, 2)
    assert _now(talk) == ("sfu", "", "active")
    # And who took over pays while they are there, no longer.
    _leave(talk, 1)
    flow(talk, clock, 80, 2)
    talk.call.refresh_from_db()
    assert (talk.call.status, talk.call.end_reason) == ("ended", "limit")
    talk.run(leaving.CLOSE_ROOM)
    # 185 seconds in all, four minutes: two were charged before.
    assert talk.charged() == [("ann", 65, 120), ("ben", 65, 120)]
    nothing_is_amiss(clock)


def test_who_comes_back_pays_again(talk: Talk, clock: Clock) -> None:
    talk.move()
    talk.media(0, 1, 2)
    flow(talk, clock, 65, 0, 1, 2)
    _leave(talk, 0)
    paying.look()
    talk.legs[0] = make_leg(talk.call, talk.people[0], device_key="another")
    talk.media(0)
    flow(talk, clock, 80, 0, 1, 2)
    assert _now(talk) == ("sfu", "", "active")
    assert minutes.is_open(talk.call.pk)


def test_a_call_does_not_move_at_the_cost_of_somebody_who_left(talk: Talk) -> None:
    _leave(talk, 0)
    talk.call.refresh_from_db()
    assert isinstance(moves.to_media_server(talk.call, "people", now=sql.now()), errors.MinutesUsedUp)
    assert _now(talk)[:2] == ("p2p", "minutes_over")
    assert book.allowance(talk.people[0].pk).held == 0


def test_a_ledger_that_is_away_says_nothing_of_how_many_minutes_and_may_be_asked_again(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise MeteringUnavailable

    with monkeypatch.context() as broken:
        broken.setattr(minutes, "reserve", away)
        assert isinstance(moves.to_media_server(talk.call, "people", now=sql.now()), MeteringUnavailable)
        assert _now(talk)[:2] == ("p2p", "minutes_unknown")
        assert moves.may_move(talk.call)
    talk.move()
    assert _now(talk)[:2] == ("sfu", "")


def test_where_minutes_are_not_limited_it_moves_whoever_left(talk: Talk, settings: Settings) -> None:
    settings.CALLS = call_settings(minutes_limited=False)
    _leave(talk, 0)
    talk.move()
    assert _now(talk)[:2] == ("sfu", "")


def test_who_pays_can_leave_although_the_ledger_is_away(
    talk: Talk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.move()
    talk.media(0, 1, 2)
    flow(talk, clock, 65, 0, 1, 2)

    def away(*_: object, **__: object) -> None:
        raise MeteringUnavailable

    with monkeypatch.context() as broken:
        broken.setattr(minutes, "settle", away)
        _leave(talk, 0)
        assert not Call.objects.get(pk=talk.call.pk).legs.filter(user=talk.people[0]).exclude(state="left").exists()
    paying.look()
    assert talk.charged() == [("ann", 65, 120)]


def test_a_call_that_was_paid_for_while_somebody_looked_goes_on(
    talk: Talk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one process read before it had the stream says nothing any more: another has paid meanwhile."""
    talk.move()
    talk.media(0, 1, 2)
    flow(talk, clock, 65, 0, 1, 2)
    extend = minutes.extend
    stale = [0]
    monkeypatch.setattr(minutes, "extend", lambda call_id: stale.pop() if stale else extend(call_id))
    paying.look()
    assert stale == []
    assert _now(talk) == ("sfu", "", "active")


def test_the_balances_of_both_payers_are_taken_in_one_order(talk: Talk, clock: Clock) -> None:
    """Whoever takes over from whom: two calls in which they do it crosswise do not wait for each other."""
    for payer, other in ((0, 1), (1, 0)):
        talk.move()
        minutes.take_over(talk.call, talk.people[payer].pk)
        with CaptureQueriesContext(connection) as asked:
            minutes.take_over(talk.call, talk.people[other].pk)
        said = [one["sql"] for one in asked]
        begins = next(number for number, one in enumerate(said) if one.startswith("INSERT"))
        balances = [
            one for one in said[:begins] if '"minute_quotas"' in one and 'ORDER BY "minute_quotas"."user_id"' in one
        ]
        assert len(balances) == 1
        assert all(talk.people[number].pk.hex in balances[0].replace("-", "") for number in (0, 1))
