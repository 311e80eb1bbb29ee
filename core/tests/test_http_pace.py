"""Pace: how often and how many at a time, in memory, in Redis, and while Redis is away."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from types import SimpleNamespace
from typing import Any

import pytest

from core import redis
from core.http import errors
from core.http import pace
from core.tests.http_peer import Server
from kintsugi.config import BASE_DIR
from tests.kit.processes import wait_for
from tests.kit.redis import RedisServer

NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def _begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "_pause", redis.Pause("A quarter", seconds=0.0))
    monkeypatch.setattr(pace, "_alone", {})
    monkeypatch.setattr(pace, "_held", pace._Held())


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The clock of this process's memory, moved by hand."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(pace, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


@pytest.fixture
def redis_server(settings: Any) -> Iterator[RedisServer]:
    """A Redis that a test may kill, in use."""
    if not RedisServer.is_possible():
        pytest.skip("needs redis-server")
    server = RedisServer()
    server.start()
    settings.REDIS_URL = server.url()
    yield server
    server.kill()


@pytest.fixture(params=["memory", "redis"])
def where(request: pytest.FixtureRequest, settings: Any) -> str:
    """Both places, on either stack."""
    settings.REDIS_URL = ""
    if request.param == "redis":
        request.getfixturevalue("redis_server")
    return str(request.param)


def taken(role: str, **options: Any) -> int:
    """How many tokens there are, all of them taken."""
    count = 0
    while not pace.take(role, **options):
        count += 1
    return count


# Tokens


@pytest.mark.usefixtures("where")
def test_the_first_call_goes_at_once_and_the_next_is_told_when() -> None:
    assert pace.take("shop", per_second=0.1, burst=3) == 0
    wait = pace.take("shop", per_second=0.1, burst=3)
    assert 8 < wait <= 10
    # Nothing was taken by asking.
    assert pace.take("shop", per_second=0.1, burst=3) <= wait
    assert pace.take("other", per_second=0.1) == 0


@pytest.mark.usefixtures("where")
def test_what_was_waited_for_is_there() -> None:
    assert pace.take("shop", per_second=20) == 0
    wait_for(lambda: pace.take("shop", per_second=20) == 0, "the token never came", 5)


def test_a_bucket_fills_to_its_burst_and_a_call_may_cost_more(settings: Any, clock: SimpleNamespace) -> None:
    settings.REDIS_URL = ""
    assert taken("shop", per_second=2, burst=4) == 1
    clock.now += 1.0
    assert taken("shop", per_second=2, burst=4) == 2
    clock.now += 60.0
    assert taken("shop", per_second=2, burst=4) == 4
    clock.now += 1.0
    assert pace.take("shop", per_second=2, burst=4, cost=3) == pytest.approx(0.5)
    clock.now += 0.5
    assert pace.take("shop", per_second=2, burst=4, cost=3) == 0
    assert pace.take("shop", per_second=2, burst=4) == pytest.approx(0.5)


def test_the_bucket_in_redis_fills_to_its_burst(redis_server: RedisServer) -> None:
    assert pace.take("shop", per_second=20, burst=3) == 0
    with pace._scripts(redis_server.url()).client as client:
        client.set("kintsugi:pace:shop", "1.5")  # full since long ago
    assert taken("shop", per_second=0.1, burst=3) == 3
    assert 0 < client.ttl("kintsugi:pace:shop") <= pace._REMEMBERED_SECONDS + 30


@pytest.mark.parametrize(
    "options",
    [{"per_second": 0}, {"per_second": -1}, {"per_second": 1, "cost": 2}, {"per_second": 1, "cost": 0}],
)
def test_a_measure_that_fits_nothing_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="shop"):
        pace.take("shop", **options)


@pytest.mark.usefixtures("where")
def test_threads_of_a_process_share_one_bucket() -> None:
    got: list[float] = []
    threads = [
        threading.Thread(target=lambda: got.append(pace.take("shop", per_second=0.01, burst=5))) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(wait == 0 for wait in got) == [False] * 19 + [True]


@pytest.mark.usefixtures("where")
async def test_event_loops_take_from_the_same_bucket() -> None:
    assert await pace.async_take("shop", per_second=0.1) == 0
    assert await pace.async_take("shop", per_second=0.1) > 0
    assert await asyncio.to_thread(pace.take, "shop", per_second=0.1) > 0


# Without Redis


def test_without_redis_it_is_a_quarter_beginning_with_nothing(settings: Any, clock: SimpleNamespace) -> None:
    settings.REDIS_URL = NOWHERE
    passed = []
    for _ in range(400):  # 40 seconds, at 2 a second and a burst of 10
        passed.append(pace.take("shop", per_second=2, burst=10) == 0)
        clock.now += 0.1
    assert not any(passed[:20])
    assert 17 <= sum(passed) <= 20
    clock.now += 600
    assert taken("shop", per_second=2, burst=10) == 1  # nothing is saved up
    clock.now += 2
    assert pace.take("shop", per_second=2, burst=10, cost=3) == pytest.approx(4)  # it costs three times the wait


def test_whoever_was_alone_finds_the_bucket_empty(redis_server: RedisServer, settings: Any) -> None:
    assert pace.take("shop", per_second=0.1, burst=5) == 0
    with pace._scripts(redis_server.url()).client as client:
        client.set("kintsugi:pace:shop", "1.5")
    settings.REDIS_URL = NOWHERE
    assert pace.take("shop", per_second=0.1, burst=5) > 0
    settings.REDIS_URL = redis_server.url()
    assert 8 < pace.take("shop", per_second=0.1, burst=5) <= 10
    assert pace.take("shop", per_second=0.1, burst=5) > 0


def test_another_absence_is_another_lease_to_wait_for(
    redis_server: RedisServer, settings: Any, clock: SimpleNamespace
) -> None:
    url, settings.REDIS_URL = redis_server.url(), NOWHERE
    with pytest.raises(errors.Busy):
        pace._enter("shop", 8, 60.0)
    settings.REDIS_URL = url
    pace.take("other", per_second=1)
    clock.now += 3600
    settings.REDIS_URL = NOWHERE
    with pytest.raises(errors.Busy):
        pace._enter("shop", 8, 60.0)


def test_a_redis_that_hangs_is_not_asked_each_time(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "_pause", redis.Pause("A quarter", seconds=30.0))
    redis_server.hang()
    begun = time.monotonic()
    for _ in range(50):
        assert pace.take("shop", per_second=0.01) > 0
    assert time.monotonic() - begun < 10


# Slots


@pytest.mark.usefixtures("where")
def test_no_more_than_so_many_at_a_time() -> None:
    with contextlib.ExitStack() as inside:
        for _ in range(2):
            inside.enter_context(pace.slot("shop", most=2, lease=60))
        with pytest.raises(errors.Busy) as caught, pace.slot("shop", most=2, lease=60):
            pass
        assert (caught.value.status, caught.value.retry_after, caught.value.sent) == (503, 5, False)
        with pace.slot("other", most=2, lease=60):
            pass
    with pace.slot("shop", most=1, lease=60):
        pass


@pytest.mark.usefixtures("where")
def test_a_slot_is_given_back_by_an_error() -> None:
    for _ in range(3):
        with pytest.raises(RuntimeError, match="the work"), pace.slot("shop", most=1, lease=60):
            raise RuntimeError("the work")


@pytest.mark.usefixtures("where")
def test_the_slot_of_a_process_that_died_is_free_after_its_lease() -> None:
    pace._enter("shop", 2, 0.3)  # and never comes back

    def is_free() -> bool:
        with contextlib.suppress(errors.Busy), pace.slot("shop", most=2, lease=60):
            return True
        return False

    with pace.slot("shop", most=2, lease=60):
        assert not is_free()
        wait_for(is_free, "the lease never ended", 5)
        with pace.slot("shop", most=2, lease=60):
            assert not is_free()


@pytest.mark.usefixtures("where")
async def test_slots_of_event_loops() -> None:
    async with pace.async_slot("shop", most=1, lease=60):
        with pytest.raises(errors.Busy):
            async with pace.async_slot("shop", most=1, lease=60):
                pass
        with pytest.raises(errors.Busy), pace.slot("shop", most=1, lease=60):
            pass
    async with pace.async_slot("shop", most=1, lease=60):
        pass


@pytest.mark.parametrize("options", [{"most": 0, "lease": 60}, {"most": 1, "lease": 0}])
def test_slots_for_nobody_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="shop"), pace.slot("shop", **options):
        pass


def test_without_redis_a_lease_passes_and_then_a_quarter_is_let_in(settings: Any, clock: SimpleNamespace) -> None:
    settings.REDIS_URL = NOWHERE

    def can_enter(most: int) -> bool:
        with contextlib.suppress(errors.Busy):
            pace._enter("shop", most, 60.0)
            return True
        return False

    assert not can_enter(8)  # those before may be at work yet
    clock.now += 59
    assert not can_enter(8)
    clock.now += 2
    assert [can_enter(8), can_enter(8), can_enter(8)] == [True, True, False]
    clock.now += 61
    assert not can_enter(3)


# Processes


class Counted:
    """A service that knows when it was asked."""

    def __init__(self, server: Server) -> None:
        self.moments: list[float] = []
        server.say("/", body=b"")
        self._answer = server.answers["/"]
        server.answers["/"] = self.count
        self.url = f"{server.url}/"

    def count(self, handler: BaseHTTPRequestHandler) -> None:
        self.moments.append(time.monotonic())
        self._answer(handler)

    def seconds_for(self, calls: int) -> float:
        """From now on, until so many have come."""
        begun, before = time.monotonic(), len(self.moments)
        wait_for(lambda: len(self.moments) >= before + calls, lambda: f"only {len(self.moments) - before} calls", 60)
        return self.moments[before + calls - 1] - begun


@contextlib.contextmanager
def asking(url: str, per_second: float, redis_url: str) -> Iterator[None]:
    """Four processes that ask as often as they may."""
    command = [sys.executable, "-m", "core.tests.pacing", redis_url, url, str(per_second)]
    with contextlib.ExitStack() as running:
        processes = [running.enter_context(subprocess.Popen(command, cwd=BASE_DIR)) for _ in range(4)]
        try:
            yield
            assert [process.poll() for process in processes] == [None] * 4
        finally:
            for process in processes:
                process.kill()


def test_four_processes_are_one_to_the_service_and_slower_without_redis(
    redis_server: RedisServer, server: Server
) -> None:
    counted, rate = Counted(server), 1.0
    with asking(counted.url, rate, redis_server.url()):
        counted.seconds_for(1)  # all four are there, or nearly
        assert 3 / rate <= counted.seconds_for(4) < 10 / rate
        redis_server.kill()
        # Each keeps to a quarter, and waits for a token before the first; one call may have been on its way already.
        assert counted.seconds_for(4) > 3.5 / rate
