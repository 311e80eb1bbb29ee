"""What several do in the same moment, in real threads with connections of their own.

Two belts keep it right: the conversation's stream is taken first, and each update names the state it expects. With
either of them alone nothing breaks; with both taken off the same races go wrong, or these tests would prove nothing.
On PostgreSQL alone: SQLite has one writer at a time.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError
from django.db import connection

from accounts.models import User
from accounts.tests.parallel import at_once
from calls.models import Call
from calls.models import CallLeg
from calls.services import answering
from calls.services import deadlines
from calls.services import ending
from calls.services import record
from calls.tests.kit import begin
from calls.tests.kit import device
from core import errors as core_errors
from core import sql
from core.api import throttles
from messenger import access as conversations
from messenger.models import Conversation
from messenger.services import blocks
from messenger.tests.factories import make_direct
from messenger.tests.reading import events
from messenger.tests.reading import notes

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]

Act = Callable[[], object]
REPEATS = 8


@pytest.fixture(autouse=True)
def _as_often_as_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttles, "_count", lambda *_: 0)


def _together(*acts: Act) -> list[str]:
    """What each of them came to, in a word."""

    def run(index: int) -> str:
        time.sleep(random.random() * 0.002)
        try:
            return str(acts[index]() or "done")
        except core_errors.DomainError as error:
            return error.code
        except OperationalError:  # without the lock rows are taken in any order; PostgreSQL undoes one of the two
            return "deadlock"

    return at_once(len(acts), run)


def _answer(user: User, call_id: UUID) -> Act:
    def act() -> str:
        answering.answer(user, device(), call_id=call_id)
        return "answered"

    return act


def _initiate(user: User, talk: Conversation) -> Act:
    return lambda: "joined" if begin(user, talk).joined else "rings"


def _cancel(user: User, call_id: UUID) -> Act:
    return lambda: ending.end(user, call_id=call_id).end_reason


def _reject(user: User, call_id: UUID) -> Act:
    return lambda: answering.reject(user, call_id=call_id).status


def _problems(talk: Conversation) -> list[str]:
    """What must never be, whoever was first."""
    found = []
    calls = list(Call.objects.filter(conversation=talk))
    said = notes(talk)
    for call in calls:
        live = list(CallLeg.objects.filter(call=call).exclude(state="left").values_list("user_id", flat=True))
        people = set(CallLeg.objects.filter(call=call).values_list("user_id", flat=True))
        if len(live) != len(set(live)):
            found.append("two live legs of one person")
        if call.status == "ended" and live:
            found.append("live legs in an ended call")
        if call.status == "connecting" and len(live) != 2:
            found.append("connecting without two legs")
        if call.end_reason in {"missed", "cancelled", "declined"} and len(people) > 1:
            found.append(f"answered and yet {call.end_reason}")
        if said.count("call_missed") != sum(one.end_reason in {"missed", "cancelled"} for one in calls):
            found.append("a missed note too many or too few")
        ends = [payload for name, payload in events(talk) if name == "call.state" and payload["cause"] == "ended"]
        if len(ends) != sum(one.status == "ended" for one in calls):
            found.append("an end told twice, or not at all")
    if sum(call.status != "ended" for call in calls) > 1:
        found.append("two live calls")
    return found


Race = Callable[[User, User, Conversation], list[Act]]


def _two_devices_answer(alice: User, bob: User, talk: Conversation) -> list[Act]:
    call_id = begin(alice, talk).call.pk
    return [_answer(bob, call_id), _answer(bob, call_id)]


def _six_devices_answer(alice: User, bob: User, talk: Conversation) -> list[Act]:
    call_id = begin(alice, talk).call.pk
    return [_answer(bob, call_id) for _ in range(6)]


def _two_answer_and_one_cancels(alice: User, bob: User, talk: Conversation) -> list[Act]:
    call_id = begin(alice, talk).call.pk
    return [_answer(bob, call_id), _cancel(alice, call_id), _answer(bob, call_id)]


def _both_call(alice: User, bob: User, talk: Conversation) -> list[Act]:
    return [_initiate(alice, talk), _initiate(bob, talk)]


def _one_answers_and_declines(alice: User, bob: User, talk: Conversation) -> list[Act]:
    call_id = begin(alice, talk).call.pk
    return [_answer(bob, call_id), _reject(bob, call_id)]


def _an_answer_at_the_deadline_and_two_clocks(alice: User, bob: User, talk: Conversation) -> list[Act]:
    call_id = begin(alice, talk).call.pk
    now = sql.now()
    Call.objects.filter(pk=call_id).update(ring_until=now, due_at=now)
    return [_answer(bob, call_id), deadlines.enforce, deadlines.enforce]


RACES: dict[Race, set[str]] = {
    _two_devices_answer: {"answered", "answered_elsewhere"},
    _six_devices_answer: {"answered", "answered_elsewhere"},
    _two_answer_and_one_cancels: {"answered", "answered_elsewhere", "call_over", "cancelled", "hangup"},
    _both_call: {"rings", "joined"},
    _one_answers_and_declines: {"answered", "call_over", "connecting", "ended"},
    _an_answer_at_the_deadline_and_two_clocks: {"call_over", "done", "1"},
}


def _play(race: Race, alice: User, bob: User, repeats: int = REPEATS) -> tuple[Counter[str], Counter[str]]:
    """How often each came out, and what was broken."""
    outcomes: Counter[str] = Counter()
    problems: Counter[str] = Counter()
    for _ in range(repeats):
        talk = make_direct(alice, bob)
        for came_to in _together(*race(alice, bob, talk)):
            outcomes[came_to] += 1
        problems.update(_problems(talk))
        Call.objects.filter(conversation=talk).delete()
        Conversation.objects.filter(pk=talk.pk).delete()
    return outcomes, problems


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.__name__.strip("_"))
def test_nothing_breaks_whoever_is_first(race: Race, alice: User, bob: User) -> None:
    outcomes, problems = _play(race, alice, bob)
    assert not problems, outcomes
    assert set(outcomes) <= RACES[race]


def test_of_six_devices_one_is_in_and_five_are_told_so(alice: User, bob: User) -> None:
    outcomes, _ = _play(_six_devices_answer, alice, bob)
    assert outcomes == {"answered": REPEATS, "answered_elsewhere": 5 * REPEATS}


def test_two_who_call_each_other_are_always_in_one_call(alice: User, bob: User) -> None:
    outcomes, _ = _play(_both_call, alice, bob)
    assert outcomes == {"rings": REPEATS, "joined": REPEATS}


def test_a_block_and_an_answer(alice: User, bob: User) -> None:
    for _ in range(REPEATS):
        talk = make_direct(alice, bob)
        call_id = begin(alice, talk).call.pk
        _together(_answer(bob, call_id), lambda: blocks.block(alice, user_id=bob.pk)[0])
        call = Call.objects.get(pk=call_id)
        assert (call.status, call.end_reason) == ("ended", "blocked")
        assert not CallLeg.objects.exclude(state="left").exists()
        blocks.unblock(alice, user_id=bob.pk)
        Conversation.objects.filter(pk=talk.pk).delete()


# The controls ---------------------------------------------------------------------------------------------------------


def _without_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes reads at once, and stays between reading and writing for a moment."""

    def lock_conversation(_conversation_id: UUID) -> int:
        return 0

    monkeypatch.setattr(conversations, "lock_conversation", lock_conversation)


def _without_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """Updates go by the id alone."""

    def change(call: Call, **values: Any) -> None:
        for name, value in values.items():
            setattr(call, name, value)
        call.due_at = record.next_deadline(call)
        time.sleep(0.01)
        Call.objects.filter(pk=call.pk).update(**values, due_at=call.due_at)

    monkeypatch.setattr(record, "change", change)


@pytest.mark.parametrize("belt", [_without_lock, _without_state], ids=["without the lock", "without the state"])
def test_one_belt_is_enough(
    belt: Callable[[pytest.MonkeyPatch], None], alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    belt(monkeypatch)
    for race in RACES:
        _, problems = _play(race, alice, bob, repeats=4)
        assert not problems, race


def test_without_both_belts_it_breaks(alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    _without_lock(monkeypatch)
    _without_state(monkeypatch)
    broken: Counter[str] = Counter()
    for race in (_two_answer_and_one_cancels, _one_answers_and_declines):
        _, problems = _play(race, alice, bob)
        broken += problems
    assert broken, "these races would not see what they are for"
