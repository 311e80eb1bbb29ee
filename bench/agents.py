"""What a run adds to the model and to the tools it calls.

    python -m bench.agents [--runs 30] [--at-once 200]

Against a bare loop of the very same calls (the demo model without a pause, a tool of the house that answers at once):
milliseconds per step of the model and per call, the median over the runs; the goal is 15 ms on PostgreSQL. Then the
statements of one step without tools, which are to be nine at most, and so many runs at once in one process: how long
they take, and what each adds to its memory. Runs in a database of its own beside the configured one.
"""

# ruff: noqa: E402 - Django has to be set up before its models are imported
from __future__ import annotations

import argparse
import asyncio
import os
import resource
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kintsugi.settings")

import django

django.setup()

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection
from django.db import connections
from django.db.backends.signals import connection_created
from django.utils import timezone
from pydantic import BaseModel

from accounts.models import User
from agents import limits
from agents.models import Agent
from agents.models import AgentFunction
from agents.models import AgentRun
from agents.models import AgentStep
from agents.runner import runners
from agents.services import agents
from agents.services import runs
from bench import rounds
from billing.metering.tokens import quotas
from core import llm
from core.llm import tools

CALLS = 4
QUESTION = " then ".join(f"bench_echo “{number}”" for number in range(CALLS))


class Word(BaseModel):
    """What the tool takes."""

    word: str = ""


@tools.tool("bench_echo", Word, effect="read", reads="public")
def echo(_context: tools.ToolContext, word: Word) -> str:
    """Says it again."""
    return word.word


def _set_up() -> tuple[User, Agent]:
    owner = User.objects.create_user(username="bench_owner")
    quotas.change_tier(owner.pk, "unlimited", timezone.now())
    agent = agents.create(owner, {"name": "Bench", "model": "demo"})
    Agent.objects.filter(pk=agent.pk).update(run_tokens=limits.RUN_TOKENS.most, max_steps=30)
    AgentFunction.objects.create(
        agent=agent,
        name="bench_echo",
        function_type="internal",
        parameters=Word.model_json_schema(),
        effect="read",
        confirm="never",
        is_enabled=True,
        approved_at=timezone.now(),
    )
    return owner, agent


async def _bare() -> tuple[float, float]:
    """Milliseconds of all answers, and of all calls, of one conversation without any rows."""
    definition = llm.Tool("bench_echo", "", Word.model_json_schema())
    messages = [llm.Message("user", QUESTION)]
    thinking, calling = 0.0, 0.0
    while True:
        began = time.perf_counter()
        text = ""
        calls: tuple[llm.ToolCall, ...] = ()
        async for delta in llm.stream(messages, model="demo", max_tokens=2_000, tools=(definition,)):
            text += delta.text
            calls = delta.tool_calls or calls
        thinking += time.perf_counter() - began
        messages.append(llm.Message("assistant", text, tool_calls=calls))
        if not calls:
            return 1000 * thinking, 1000 * calling
        began = time.perf_counter()
        for call in calls:
            result = await asyncio.to_thread(
                echo, tools.ToolContext(owner_id), Word.model_validate_json(call.arguments)
            )
            messages.append(llm.Message("tool", result, tool_call_id=call.id))
        calling += time.perf_counter() - began


owner_id: Any = None


def _begin(owner: User, agent: Agent, count: int, question: str) -> list[Any]:
    return [runs.begin(owner, agent.pk, runs.Question(text=question)).pk for _number in range(count)]


async def _run(run_ids: Sequence[Any]) -> float:
    """Seconds until all of them are over."""
    runner = runners.current()
    began = time.perf_counter()
    for run_id in run_ids:
        await runner.take(run_id)
    await runner.drain()
    return time.perf_counter() - began


async def _added(owner: User, agent: Agent, count: int) -> None:
    """Milliseconds that rows add to an answer, and to a call: with and without calls the runs are compared."""
    plain, with_calls, bare_plain, bare_calls = [], [], [], []
    for _number in range(count):
        [plain_id] = await sync_to_async(_begin)(owner, agent, 1, "Say a word.")
        plain.append(1000 * await _run([plain_id]))
        [calling_id] = await sync_to_async(_begin)(owner, agent, 1, QUESTION)
        with_calls.append(1000 * await _run([calling_id]))
        began = time.perf_counter()
        async for _delta in llm.stream([llm.Message("user", "Say a word.")], model="demo", max_tokens=2_000):
            pass
        bare_plain.append(1000 * (time.perf_counter() - began))
        bare_calls.append(sum(await _bare()))
    step = statistics.median(plain) - statistics.median(bare_plain)
    both = (statistics.median(with_calls) - statistics.median(bare_calls) - step) / CALLS
    print(
        f"  one answer: {statistics.median(plain):.1f} ms, bare {statistics.median(bare_plain):.1f}: adds {step:.1f} ms"
    )
    print(
        f"  {CALLS + 1} answers and {CALLS} calls: {statistics.median(with_calls):.1f} ms, bare"
        f" {statistics.median(bare_calls):.1f}: adds {both:.1f} ms for an answer and its call together"
    )


async def _statements(owner: User, agent: Agent) -> None:
    """Of a step without tools, those of the transactions' ends left out."""
    seen: list[str] = []

    def count(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        seen.append(str(sql))
        return execute(sql, params, many, context)

    def watch(connection: Any, **_kwargs: Any) -> None:
        if count not in connection.execute_wrappers:  # they outlive a connection that is closed and made again
            connection.execute_wrappers.append(count)

    connection_created.connect(watch)
    from core.db_threads import in_db_thread

    def everywhere() -> None:
        from django.db import connection as own

        own.close()

    for _thread in range(2 * settings.DB_THREADS):
        await in_db_thread(everywhere)
    [run_id] = await sync_to_async(_begin)(owner, agent, 1, "Say a word.")
    seen.clear()
    await _run([run_id])
    connection_created.disconnect(watch)
    begin = next(place for place, sql in enumerate(seen) if "INSERT" in sql and "agent_steps" in sql) - 1
    booked = next(place for place, sql in enumerate(seen) if "INSERT INTO usage_entries" in sql)
    print(
        f"  one step without tools: {booked + 1 - begin} statements (9 at most);"
        f" its run's claim {begin}, and telling its end {len(seen) - booked - 1}"
    )


async def _at_once(owner: User, agent: Agent, count: int) -> None:
    limits.RUNS_OF_A_PROCESS = max(limits.RUNS_OF_A_PROCESS, count)
    settings.LLM_DEMO_WORD_SECONDS = 0.02
    run_ids = await sync_to_async(_begin)(owner, agent, count, QUESTION)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = await _run(run_ids)
    added = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / count
    states = [state async for state in AgentRun.objects.filter(pk__in=run_ids).values_list("state", flat=True)]
    steps = await AgentStep.objects.filter(run_id__in=run_ids).acount()
    print(
        f"  {count} runs at once: {seconds:.1f} s, {steps / seconds:.0f} steps a second,"
        f" {added:.0f} kB a run, {states.count('complete')} complete"
    )


async def _measure(owner: User, agent: Agent, options: argparse.Namespace) -> None:
    global owner_id  # noqa: PLW0603 - of the one benchmark
    owner_id = owner.pk
    settings.LLM_DEMO_WORD_SECONDS = 0.0
    await _run(await sync_to_async(_begin)(owner, agent, 1, QUESTION))  # everything is imported
    await _added(owner, agent, options.runs)
    await _statements(owner, agent)
    await _at_once(owner, agent, options.at_once)
    await runners.current().shut_down()
    await sync_to_async(connections.close_all)()  # of the thread that began the runs


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--runs", type=int, default=30)
    arguments.add_argument("--at-once", type=int, default=200)
    options = arguments.parse_args()

    original = connection.settings_dict["NAME"]
    test_name = "bench_agents"
    if connection.vendor == "sqlite":
        test_name = str(Path(original).with_name("bench_agents.sqlite3"))
    connection.settings_dict["TEST"]["NAME"] = test_name
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        settings.RATE_LIMIT_ENABLED = False
        print(rounds.versions())
        asyncio.run(_measure(*_set_up(), options))
    finally:
        from core.db_threads import executor

        for _thread in range(4 * settings.DB_THREADS):
            executor().submit(connections.close_all)
        executor().shutdown()
        connection.creation.destroy_test_db(original, verbosity=0)


if __name__ == "__main__":
    main()
