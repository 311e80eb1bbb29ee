"""What may move a call to the media server, at its payer's cost, and what is said when it does not go there."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User
from billing.errors import MeteringUnavailable
from calls import errors
from calls import providers
from calls.models import Call
from calls.models import CallLeg
from calls.providers.testing import Scripted
from calls.services import legs
from calls.services import media
from calls.services import moves
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
from core.models import Job
from messenger.models import Conversation
from messenger.tests.factories import make_group


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """A media server, paid for by nobody."""
    scripted = Scripted()
    monkeypatch.setattr(providers, "configured", lambda: scripted)
    monkeypatch.setattr(providers, "named", lambda _name: scripted)
    _pays(monkeypatch, None)
    return scripted


def _pays(monkeypatch: pytest.MonkeyPatch, refusal: Exception | None) -> None:
    def reserve(*_: Any) -> None:
        if refusal is not None:
            raise refusal

    monkeypatch.setattr("calls.services.minutes.reserve", reserve)


def _ask(leg: CallLeg, *heard: CallLeg) -> Call:
    """The leg misses somebody and hears these."""
    generation = fresh(leg.call).generation
    found = [one.pk for one in heard]
    return legs.ask_for_fallback(
        leg.user, call_id=leg.call_id, leg_id=leg.pk, generation=generation, reason="no_media", media_from=found
    )


def _open(call: Call) -> None:
    """What the worker does."""
    (job,) = Job.objects.filter(kind=moves.OPEN_ROOM, payload__call_id=str(call.pk))
    moves.open_room(call.pk, job.payload["generation"], job.payload["why"], is_last_try=True)


def _is_where_it_was(call: Call) -> bool:
    now = fresh(call)
    return (now.transport, now.generation) == ("p2p", 1) and not Job.objects.filter(kind=moves.OPEN_ROOM).exists()


# Who moves a call -----------------------------------------------------------------------------------------------------


def test_one_who_is_silent_moves_nobody(
    group: Conversation, alice: User, bob: User, charlie: User, server: Scripted
) -> None:
    call, (hers, his) = running(group, alice, bob)
    silent = pick_up(charlie, call).leg
    for _ in range(4):
        for one, other in ((hers, his), (his, hers)):
            _ask(one, other)
            hear(one, other)
        pass_time(11)
        assert _is_where_it_was(call)
    assert silent.pk not in [leg.pk for leg in live_legs(call)]
    assert (fresh(call).status, fresh(call).notice) == ("active", "")


def test_one_alone_who_asks_moves_nobody(talk: Conversation, alice: User, bob: User, server: Scripted) -> None:
    call, (hers, his) = running(talk, alice, bob)
    for _ in range(3):
        _ask(hers)
        hear(his, hers)
        pass_time(9)
        assert _is_where_it_was(call)


def test_one_alone_gets_no_pass_and_two_do(talk: Conversation, alice: User, bob: User, server: Scripted) -> None:
    begun = begin(alice, talk)
    answered = pick_up(bob, begun.call)
    pass_time(11)
    with pytest.raises(errors.SfuNotNeeded):
        media.pass_for(alice, call_id=begun.call.pk, leg_id=begun.leg.pk)
    assert _is_where_it_was(begun.call)
    assert media.pass_for(bob, call_id=begun.call.pk, leg_id=answered.leg.pk).generation == 2


def test_two_of_three_who_do_not_hear_each_other_move_the_call(
    group: Conversation, alice: User, bob: User, charlie: User, server: Scripted
) -> None:
    call, (hers, his, third) = running(group, alice, bob, charlie)
    _ask(hers, third)
    hear(hers, third)  # a sign of life that comes in between takes nothing back
    assert _is_where_it_was(call)
    assert _ask(his, third).transport == "sfu"


def test_who_hears_everybody_again_has_not_asked(
    group: Conversation, alice: User, bob: User, charlie: User, server: Scripted
) -> None:
    call, (hers, his, third) = running(group, alice, bob, charlie)
    _ask(hers, third)
    hear(hers, his, third)
    _ask(his, third)
    assert _is_where_it_was(call)


def test_a_request_is_no_news_to_everybody_each_ten_seconds(
    group: Conversation, alice: User, bob: User, charlie: User, server: Scripted
) -> None:
    _, (hers, _, third) = running(group, alice, bob, charlie)
    _ask(hers, third)
    hear(hers, third)
    before = len(states(group))
    for _ in range(3):
        hear(hers, third)
    assert len(states(group)) == before


# What is said ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    "case",
    [
        (errors.MinutesUsedUp(), "minutes_over", False),
        (errors.MinutesNotInPlan(), "minutes_not_in_plan", False),
        (MeteringUnavailable(), "minutes_unknown", True),
    ],
    ids=lambda case: case[1],
)
def test_why_nobody_pays_is_said_until_somebody_does(
    talk: Conversation, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch, case: tuple[Exception, str, bool]
) -> None:
    refusal, notice, may = case
    _pays(monkeypatch, refusal)
    call, (hers, his) = running(talk, alice, bob)
    _ask(hers)
    with pytest.raises(type(refusal)):
        _ask(his)
    assert (fresh(call).notice, moves.may_move(fresh(call))) == (notice, may)
    monkeypatch.setattr("calls.services.minutes.take_over", lambda *_: None)
    assert media.sponsor(bob, call_id=call.pk).notice == ""


def test_minutes_that_cannot_be_counted_are_no_matter_once_everybody_is_heard(
    talk: Conversation, alice: User, bob: User, server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    _pays(monkeypatch, MeteringUnavailable())
    call, (hers, his) = running(talk, alice, bob)
    _ask(hers)
    with pytest.raises(MeteringUnavailable):
        _ask(his)
    hear(hers, his)
    hear(his, hers)
    assert fresh(call).notice == ""


@pytest.mark.parametrize(
    ("refusal", "notice"),
    [(errors.MinutesUsedUp(), "minutes_over"), (errors.MinutesNotInPlan(), "minutes_not_in_plan")],
)
def test_the_fifth_one_is_told_that_nobody_pays_and_not_that_there_is_no_server(
    alice: User, server: Scripted, monkeypatch: pytest.MonkeyPatch, refusal: Exception, notice: str
) -> None:
    _pays(monkeypatch, refusal)
    others = [make_user(f"other{number}") for number in range(5)]
    call, _ = running(make_group(alice, *others), alice, *others[:4])
    assert (call.transport, call.notice) == ("p2p", notice)
    pick_up(others[4], call)
    assert fresh(call).notice == notice


def test_a_server_that_failed_is_said_to_the_fifth_one_as_well(alice: User, server: Scripted) -> None:
    others = [make_user(f"other{number}") for number in range(4)]
    call, _ = running(make_group(alice, *others), alice, *others[:3])
    Call.objects.update(sfu_state="failed", notice="sfu_unavailable")
    pick_up(others[3], call)
    assert fresh(call).notice == "sfu_unavailable"


def test_a_media_server_on_which_somebody_is_not_heard_yet_is_not_said_to_be_away(
    group: Conversation, alice: User, bob: User, charlie: User, server: Scripted
) -> None:
    call, (hers, his, _) = running(group, alice, bob, charlie)
    _ask(hers)
    _ask(his)
    _open(call)
    pass_time(11)
    hear(hers, his)
    hear(his, hers)
    beat(live_legs(call)[2])
    pass_time(11)
    assert (fresh(call).transport, fresh(call).notice) == ("sfu", "no_media")
    hear(live_legs(call)[2], hers)
    assert fresh(call).notice == ""


def test_what_is_said_of_somebody_who_is_not_heard_goes_with_them(
    group: Conversation, alice: User, bob: User, charlie: User, settings: Settings
) -> None:
    call, (hers, his) = running(group, alice, bob)
    third = pick_up(charlie, call).leg
    for _ in range(3):
        for one, other in ((hers, his), (his, hers)):
            hear(one, other)
        beat(third)
        pass_time(11)
    assert (len(live_legs(call)), fresh(call).notice) == (2, "")
