"""What one page, or one person, could do too often: it is done less often, and nobody else hears of it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User
from calls import limits
from calls.models import CallInterval
from calls.services import ending
from calls.services import starting
from calls.shapes import QualityReport
from calls.tests.kit import answers_of
from calls.tests.kit import beat
from calls.tests.kit import begin
from calls.tests.kit import hear
from calls.tests.kit import running
from calls.tests.kit import states
from core.api import throttles
from core.errors import RateLimited
from core.realtime import presence
from messenger.models import Block
from messenger.models import Conversation
from messenger.tests.factories import make_group

pytestmark = pytest.mark.django_db


@pytest.fixture
def limited(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Requests are counted, all in one window."""
    settings.RATE_LIMIT_ENABLED = True
    monkeypatch.setattr(throttles, "_now", lambda: 1_800_000_000.0)
    return settings


def test_a_page_that_closes_and_does_not_is_lost_a_few_times_only(
    limited: Settings, talk: Conversation, alice: User, bob: User
) -> None:
    _, (hers, _) = running(talk, alice, bob)
    before = len(states(talk))
    for _ in range(20):
        beat(hers, leaving=True)
        beat(hers)
    told = [cause for _, cause, _ in states(talk)[before:]]
    assert told == ["lost", "back"] * 3


def test_an_interval_between_devices_is_a_minute_before_another_begins(
    talk: Conversation, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, (hers, his) = running(talk, alice, bob)
    mine = CallInterval.objects.filter(leg_id=hers.pk)
    for route in ("relay", "host", "relay", "srflx", "relay"):
        hear(hers, his, report=QualityReport(route=route))
    assert [(one.transport, one.ended_at) for one in mine] == [("p2p", None)]
    monkeypatch.setattr(limits, "ROUTE", timedelta(0))
    hear(hers, his, report=QualityReport(route="relay"))
    assert mine.all().count() == 2


def test_who_blocked_the_caller_is_not_rung_in_a_group_nor_said_to_be_there(
    group: Conversation, alice: User, bob: User, charlie: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "is_online", set)
    Block.objects.create(blocker=bob, blocked=alice)
    begun = begin(alice, group)
    assert answers_of(begun.call) == {"alice": "accepted", "charlie": "pending"}
    assert starting.reachable(begun) == [charlie.pk]


def test_nobody_is_rung_by_one_person_in_every_group_they_share(
    limited: Settings, alice: User, bob: User, charlie: User
) -> None:
    rung = []
    for number in range(8):
        called = make_group(alice, bob, charlie) if number % 2 else make_group(alice, bob)
        begun = begin(alice, called, client_id=uuid4().hex)
        rung.append(bob.pk in begun.rung)
        ending.end(alice, call_id=begun.call.pk)
    assert rung == [True] * 6 + [False] * 2


def test_nobody_rings_all_the_time(limited: Settings, alice: User, bob: User) -> None:
    for _ in range(30):
        begun = begin(alice, make_group(alice, bob))
        ending.end(alice, call_id=begun.call.pk)
    with pytest.raises(RateLimited):
        begin(alice, make_group(alice, bob))
