"""Who is here, and who is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any
from uuid import UUID
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from accounts.models import User
from core.realtime import presence
from core.realtime import resolvers
from core.realtime import streams
from core.realtime.names import StreamName
from core.realtime.presence import store
from core.realtime.presence import tracker
from core.realtime.presence_events import UserOnline
from core.realtime.session_reaper import current_reaper
from tests.kit.asgi_sockets import PATIENCE
from tests.kit.asgi_sockets import connected

pytestmark = pytest.mark.django_db(transaction=True)

Queries = Callable[[int], AbstractContextManager[Any]]


class Room:
    """One stream in which everybody listens and everybody is announced."""

    kind = "r"

    def __init__(self) -> None:
        self.id = uuid4()

    def heads(self, user_id: UUID) -> dict[UUID, tuple[int, int]]:
        return {self.id: (streams.head(StreamName(self.kind, self.id)), 0)}

    def presence(self, user_id: UUID) -> list[UUID]:
        return [self.id]


@pytest.fixture(autouse=True)
def _room(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(tracker, "GRACE_SECONDS", 0.6)
    monkeypatch.setattr(tracker, "_TICK_SECONDS", 0.05)
    monkeypatch.setattr(tracker, "_SWEEP_SECONDS", 0.1)
    store._store.cache_clear()
    room = Room()
    resolvers.register(room)
    yield
    resolvers.unregister(room)


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await sync_to_async(condition)():  # noqa: ASYNC110 - asks a store
            await asyncio.sleep(0.02)


async def test_coming_and_going_is_told_once_and_remembered(alice: User, bob: User) -> None:
    async with connected(bob, sync=True) as watcher:
        await _until(lambda: bob.pk in presence.is_online([bob.pk]))
        begun = timezone.now()
        async with connected(alice):
            came = await watcher.hear("user.online")
            while came["payload"]["user_id"] != str(alice.pk):  # bob's own arrival may come before
                came = await watcher.hear("user.online")
            assert "seq" not in came
            async with connected(alice):
                assert await sync_to_async(presence.is_online)([alice.pk, bob.pk, uuid4()]) == {alice.pk, bob.pk}
        went = await watcher.hear("user.online", "user.offline")
        assert (went["type"], went["payload"]["user_id"]) == ("user.offline", str(alice.pk))
        assert await sync_to_async(presence.is_online)([alice.pk, bob.pk]) == {bob.pk}
        seen = (await sync_to_async(presence.last_seen)([alice.pk, bob.pk]))[alice.pk]
        assert begun <= seen <= timezone.now()
        assert abs((seen - datetime.fromisoformat(went["payload"]["last_seen"])).total_seconds()) < 0.01


async def test_a_reconnect_does_not_flicker(alice: User, bob: User) -> None:
    async with connected(bob, sync=True) as watcher:
        for _ in range(3):
            async with connected(alice):
                await _until(lambda: alice.pk in presence.is_online([alice.pk]))
        went = await watcher.hear("user.offline")
        arrivals = [f for f in watcher.seen if f["type"] == "user.online" and f["payload"]["user_id"] == str(alice.pk)]
        assert (len(arrivals), went["payload"]["user_id"]) == (1, str(alice.pk))


async def test_of_a_killed_process_nobody_stays_online(alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "VOUCH_SECONDS", 0.5)
    async with connected(bob, sync=True) as watcher:
        await sync_to_async(store.current_store().arrive)("a process that dies", [alice.pk])
        went = await watcher.hear("user.offline")
        while went["payload"]["user_id"] != str(alice.pk):
            went = await watcher.hear("user.offline")
        assert await sync_to_async(presence.is_online)([alice.pk]) == set()


async def test_who_is_here_in_two_processes_leaves_with_the_last(alice: User) -> None:
    shared = store.current_store()
    if isinstance(shared, store.MemoryStore):
        pytest.skip("memory knows one process")

    def exchange() -> tuple[list[UUID], list[UUID], set[UUID], set[UUID]]:
        first, second = shared.arrive("one", [alice.pk]), shared.arrive("two", [alice.pk])
        shared.leave("one", [alice.pk], 0)
        shared.sweep()
        between = shared.online([alice.pk])
        shared.leave("two", [alice.pk], 0)
        return first, second, between, set(shared.sweep())

    assert await sync_to_async(exchange)() == ([alice.pk], [], {alice.pk}, {alice.pk})


async def test_a_store_that_forgot_everything_learns_it_again(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.cache import cache

    monkeypatch.setattr(tracker, "VOUCH_SECONDS", 0.6)
    async with connected(alice):
        await _until(lambda: alice.pk in presence.is_online([alice.pk]))
        await sync_to_async(cache.clear)()
        store._store.cache_clear()
        await _until(lambda: alice.pk in presence.is_online([alice.pk]))


async def test_a_process_that_ends_hands_its_users_over(alice: User) -> None:
    async with connected(alice):
        await _until(lambda: alice.pk in presence.is_online([alice.pk]))
        await sync_to_async(current_reaper().presence.hand_over)()
        assert alice.pk in await sync_to_async(presence.last_seen)([alice.pk])


@pytest.mark.parametrize("count", [1, 30])
def test_coming_costs_as_much_in_many_rooms_as_in_one(
    alice: User, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Queries, count: int
) -> None:
    ids = [uuid4() for _ in range(count)]
    monkeypatch.setattr(Room, "presence", lambda _self, _user_id: ids)
    with django_assert_max_num_queries(2):  # the rooms of the messenger, and the positions of all
        tracker._tell_of(alice.pk, UserOnline(user_id=alice.pk))
