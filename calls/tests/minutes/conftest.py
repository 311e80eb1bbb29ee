"""The call, its clock and its media server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from pytest_django.fixtures import Settings

from calls import providers
from calls.providers.testing import Scripted
from calls.tests.factories import call_settings
from calls.tests.factories import make_call
from calls.tests.factories import make_leg
from calls.tests.minutes.kit import NOON
from calls.tests.minutes.kit import Clock
from calls.tests.minutes.kit import Talk
from conftest import make_user
from core import sql
from messenger.tests.factories import make_group


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock = Clock()
    monkeypatch.setattr(sql, "now", lambda: clock.now)
    with time_machine.travel(NOON, tick=False) as traveller:
        step = clock.passes

        def passes(seconds: float) -> None:
            step(seconds)
            traveller.move_to(clock.now)

        clock.passes = passes  # type: ignore[method-assign]
        yield clock


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Scripted:
    """Janus's place is taken by one that does what it is told; everybody has ten minutes a month."""
    server = Scripted(keeps_history=False)
    monkeypatch.setattr(providers, "configured", lambda: server)
    monkeypatch.setattr(providers, "named", lambda _name: server)
    settings.PLANS = settings.PLANS | {"basic": settings.PLANS["basic"] | {"call_minutes": 10}}
    settings.CALLS = call_settings(media_server="janus", minutes_limited=True)
    return server


@pytest.fixture
def talk(server: Scripted, clock: Clock) -> Talk:
    people = [make_user(name) for name in ("ann", "ben", "cat")]
    call = make_call(make_group(*people), people[0], status="active", started_at=NOON)
    return Talk(call, [make_leg(call, person) for person in people], people)
