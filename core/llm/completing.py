"""A whole answer for a job: the same call, read to its end in the job's own thread."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from collections.abc import Callable
from contextlib import aclosing

from core.llm.base import Answer
from core.llm.base import Delta

CHECK_SECONDS = 1.0
"""From one look at whether the job is still wanted to the next."""


def collect(deltas: Callable[[], AsyncGenerator[Delta]], check: Callable[[], object] | None) -> Answer:
    """Read to the end. ``check`` is called every second in a thread; what it raises ends the call and is raised here.

    Must not be called where an event loop runs.
    """
    return asyncio.run(_collect(deltas, check))


async def _collect(deltas: Callable[[], AsyncGenerator[Delta]], check: Callable[[], object] | None) -> Answer:
    reading = asyncio.create_task(_read(deltas()))
    watching = asyncio.create_task(_watch(check)) if check else None
    waiting = {reading, watching} if watching else {reading}
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if watching is not None and watching.done() and not reading.done():
            await watching  # raises what the check raised
        return await reading
    finally:
        for task in waiting:
            task.cancel()
            with contextlib.suppress(BaseException):
                await task


async def _watch(check: Callable[[], object]) -> None:
    while True:
        await asyncio.sleep(CHECK_SECONDS)
        await asyncio.to_thread(check)


async def _read(deltas: AsyncGenerator[Delta]) -> Answer:
    text, reasoning, last = [], [], Delta()
    calls, usage, state = last.tool_calls, last.usage, last.state
    reason = ""
    async with aclosing(deltas):
        async for delta in deltas:
            text.append(delta.text)
            reasoning.append(delta.reasoning)
            calls += delta.tool_calls
            usage, state, reason = delta.usage or usage, delta.state or state, delta.finish_reason or reason
    return Answer("".join(text), "".join(reasoning), calls, usage, reason, state)
