"""Runs through the front door: steps, calls, figures, and what a person reads at a bound."""

from __future__ import annotations

from asgiref.sync import sync_to_async

from agents.models import AgentRun
from agents.tests.asking import Asker
from agents.tests.asking import run_of
from agents.tests.asking import text_of
from agents.tests.factories import add_function
from agents.tests.factories import make_agent
from billing.models import TokenHold
from billing.models import UsageEntry
from core.tests.http_peer import Server

make = sync_to_async(make_agent)
add = sync_to_async(add_function)


async def test_a_run_calls_what_the_model_wants_and_answers(asker: Asker, peer: Server) -> None:
    peer.say("/weather", body=b'{"temperature": 21}')
    agent = await make(asker.user)
    await add(agent, name="get_weather", endpoint_url=f"{peer.url}/weather")
    import asyncio
    from agents import runner
    from agents.models import AgentRun, AgentStep
    stream = await asker.open(agent, "Call get_weather for “Kyiv”")
    events=[]
    try:
        async with asyncio.timeout(6):
            async for e in stream:
                events.append(e); print(e)
    except TimeoutError: pass
    print(runner.current()._running, runner.current()._tasks)
    print(await sync_to_async(lambda: list(AgentRun.objects.values()))())
    print(await sync_to_async(lambda: list(AgentStep.objects.values()))())
    for event in events:
        print(event)
    run = await asker.run(run_of(events))
    assert run["state"] == "complete"
    assert [(step["kind"], step["state"]) for step in run["trace"]] == [
        ("model", "done"),
        ("tool", "done"),
        ("model", "done"),
    ]
    assert peer.seen[0][1] == "/weather?city=Kyiv"
    assert text_of(events, 3) == run["text"] == run["trace"][2]["text"]
    assert [event.id for event in events if "." in event.id and not event.id[-1].isdigit()] == [
        "0.s", "1.s", "1.e", "2.s", "2.e", "3.s", "3.e", "3.done",
    ]  # fmt: skip
    assert (run["steps"], run["calls"]) == (2, 1)
