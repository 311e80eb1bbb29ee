"""A media server that dies in the middle of a call: who hears nothing any more finds the way out."""

from __future__ import annotations

import pytest

from accounts.models import User
from calls import providers
from calls.models import Call
from calls.models import CallLeg
from calls.providers.testing import Scripted
from calls.services import legs
from calls.services import moves
from calls.tests.kit import fresh
from calls.tests.kit import hear
from calls.tests.kit import live_legs
from calls.tests.kit import running
from conftest import make_user
from core.models import Job
from messenger.models import Conversation
from messenger.tests.factories import make_group

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    scripted = Scripted()
    monkeypatch.setattr(providers, "configured", lambda: scripted)
    monkeypatch.setattr(providers, "named", lambda _name: scripted)
    monkeypatch.setattr("calls.services.minutes.reserve", lambda *_: None)
    return scripted


def _ask(leg: CallLeg) -> Call:
    call = fresh(leg.call)
    return legs.ask_for_fallback(
        leg.user, call_id=call.pk, leg_id=leg.pk, generation=call.generation, reason="no_media"
    )


def _open(call: Call) -> None:
    """What the worker does of the newest wish."""
    job = Job.objects.filter(kind=moves.OPEN_ROOM).latest("created_at")
    moves.open_room(call.pk, job.payload["generation"], job.payload["why"], is_last_try=True)


def _on_the_server(call: Call) -> Call:
    """All of it is there, and hears."""
    _open(call)
    seats = live_legs(call)
    for leg in seats:
        hear(leg, *[other for other in seats if other.pk != leg.pk])
    call = fresh(call)
    assert (call.transport, call.sfu_state, call.status) == ("sfu", "ready", "active")
    return call


def test_few_go_back_to_their_devices(talk: Conversation, alice: User, bob: User, server: Scripted) -> None:
    call, (hers, his) = running(talk, alice, bob)
    _ask(hers)
    _ask(his)
    call = _on_the_server(call)
    assert _ask(hers).transport == "sfu"  # one alone decides nothing
    back = _ask(his)
    assert (back.transport, back.generation, back.notice) == ("p2p", call.generation + 1, "sfu_unavailable")


def test_for_many_the_room_is_made_again(alice: User, bob: User, charlie: User, server: Scripted) -> None:
    more = [make_user(name) for name in ("dan", "eve")]
    call, seats = running(make_group(alice, bob, charlie, *more), alice, bob, charlie, *more)
    call = _on_the_server(call)
    server.rooms.clear()  # it was started anew, and knows nothing
    _ask(seats[0])
    assert _ask(seats[1]).generation == call.generation  # theirs may be poor lines: most decide
    anew = _ask(seats[2])
    assert (anew.transport, anew.sfu_state, anew.generation) == ("sfu", "wanted", call.generation + 1)
    _open(call)
    assert (fresh(call).sfu_state, server.rooms) == ("ready", {call.hms_room_id})
    # Who asks of the room that was is not heard any more.
    assert fresh(call).generation == call.generation + 1
