from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.batching import Batcher

pytestmark = pytest.mark.timeout(30)


class Doubler:
    """Work that can be held up, and remembers its batches."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.begun = threading.Semaphore(0)
        self.may_go_on = threading.Semaphore(0)

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.batches.append(list(items))
        self.begun.release()
        self.may_go_on.acquire()
        if 13 in items:
            raise ValueError("not that one")
        return [item * 2 for item in items]


@pytest.fixture
def doubler() -> Doubler:
    return Doubler()


@pytest.fixture
def batcher(doubler: Doubler) -> Batcher[int, int]:
    pool = ThreadPoolExecutor(max_workers=1)
    return Batcher(doubler, lambda: pool, most=4)


def until(condition: Callable[[], bool]) -> None:
    pause = threading.Event()
    while not condition():
        pause.wait(0.001)


def test_what_comes_meanwhile_is_done_together(doubler: Doubler, batcher: Batcher[int, int]) -> None:
    with ThreadPoolExecutor(max_workers=8) as callers:
        first = callers.submit(batcher.do, 1)
        doubler.begun.acquire()
        others = []
        for number in range(2, 8):
            others.append(callers.submit(batcher.do, number))
            until(lambda: batcher.waiting == len(others) + 1)
        doubler.may_go_on.release(3)
        assert first.result(10) == 2
        assert [other.result(10) for other in others] == [4, 6, 8, 10, 12, 14]
    assert doubler.batches == [[1], [2, 3, 4, 5], [6, 7]]


def test_a_batch_that_fails_fails_for_its_callers_alone(doubler: Doubler, batcher: Batcher[int, int]) -> None:
    with ThreadPoolExecutor(max_workers=8) as callers:
        first = callers.submit(batcher.do, 1)
        doubler.begun.acquire()
        unlucky = [callers.submit(batcher.do, 13) for _ in range(2)]
        until(lambda: batcher.waiting == 3)
        doubler.may_go_on.release(3)
        assert first.result(10) == 2
        for one in unlucky:
            with pytest.raises(ValueError, match="not that one"):
                one.result(10)
        assert batcher.do(3) == 6


def test_an_event_loop_waits_without_a_thread(doubler: Doubler, batcher: Batcher[int, int]) -> None:
    doubler.may_go_on.release(10)

    async def ask() -> list[int]:
        return await asyncio.gather(*(batcher.do_async(number) for number in range(12)))

    assert asyncio.run(ask()) == list(range(0, 24, 2))
    assert len(doubler.batches) < 12
    assert [item for batch in doubler.batches for item in batch] == list(range(12))


def test_who_is_cancelled_leaves_the_others_alone(doubler: Doubler, batcher: Batcher[int, int]) -> None:
    async def ask() -> int:
        gone, here = asyncio.create_task(batcher.do_async(1)), asyncio.create_task(batcher.do_async(2))
        await asyncio.to_thread(doubler.begun.acquire)
        gone.cancel()
        doubler.may_go_on.release(2)
        return await here

    assert asyncio.run(ask()) == 4
    with pytest.raises(ValueError, match="not that one"):
        doubler.may_go_on.release()
        batcher.do(13)
