"""Servers that nobody here wrote, as real processes, asked through our own door."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from agents.egress import Answer
from agents.sources.fetching import SourceFailed
from agents.sources.mcp.keeper import Keeper
from agents.sources.mcp.keeper import McpServer
from agents.tests.peers import peer
from tests.kit.processes import Process
from tests.kit.processes import free_port

pytestmark = pytest.mark.any_stack

EVERYTHING = "MCP_EVERYTHING"
"""The path of the server-everything of npm, which `make peers` fetches."""
ERAS = {"modern": ("2026-07-28", ""), "older": ("2025-11-25", "2025-11-25")}


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    port = free_port()
    command = (sys.executable, "-m", "agents.tests.mcp_peer", str(port))
    with Process(command, port, log_path=tmp_path_factory.mktemp("mcp") / "log").running() as process:
        yield process


@pytest.fixture(params=ERAS)
def server(request: pytest.FixtureRequest, probe: Process, settings: Settings) -> McpServer:
    settings.AGENT_HTTP_HOSTS = settings.AGENT_PRIVATE_HOSTS = [f"127.0.0.1:{probe.port}"]
    return McpServer(f"http://127.0.0.1:{probe.port}/mcp", protocol=ERAS[request.param][1])


async def call(keeper: Keeper, name: str, seconds: float = 30.0, **arguments: object) -> Answer:
    tool = (await keeper.listing()).tool(name)
    assert tool is not None
    return await keeper.call(name, arguments, pinned_hash=tool.pinned_hash, seconds=seconds)


async def test_its_tools_are_listed_and_pinned(server: McpServer) -> None:
    async with Keeper(server) as keeper:
        listing = await keeper.listing()
    assert listing.protocol == (server.protocol or "2026-07-28")
    assert listing.server_label == "probe 7"
    assert {tool.remote_name for tool in listing.tools} == {"echo", "wait", "fail", "flood", "forecast", "add"}
    echo, add = listing.tool("echo"), listing.tool("add")
    assert echo is not None
    assert add is not None
    assert (echo.description, echo.claims_read_only, echo.is_suspicious) == ("Say it again.", True, False)
    assert echo.parameters["required"] == ["message"]
    assert add.is_suspicious
    assert "\u202e" not in add.description


async def test_a_pin_is_the_same_in_every_session_and_era(probe: Process, settings: Settings) -> None:
    settings.AGENT_HTTP_HOSTS = settings.AGENT_PRIVATE_HOSTS = [f"127.0.0.1:{probe.port}"]
    pins = []
    for _found, given in ERAS.values():
        async with Keeper(McpServer(f"http://127.0.0.1:{probe.port}/mcp", protocol=given)) as keeper:
            pins.append({tool.remote_name: tool.pinned_hash for tool in (await keeper.listing()).tools})
    assert pins[0] == pins[1]


async def test_a_tool_is_called(server: McpServer) -> None:
    async with Keeper(server) as keeper:
        answer = await call(keeper, "echo", message="Золото", unknown="dropped")
        assert (answer.text, answer.failure, answer.sent) == ("Echo: Золото", None, True)
        assert (await call(keeper, "forecast", city="Kyiv")).text.count("21") == 1
        assert (await call(keeper, "add", a=2, b=3)).text == "5"


async def test_an_error_of_a_tool_is_told_to_the_model(server: McpServer) -> None:
    async with Keeper(server) as keeper:
        answer = await call(keeper, "fail")
    assert answer.failure == "answered"
    assert answer.problem is None
    assert "fail" in answer.text


async def test_an_answer_of_5_mb_is_refused_and_the_session_goes_on(server: McpServer) -> None:
    async with Keeper(server) as keeper:
        answer = await call(keeper, "flood")
        assert (answer.failure, answer.sent) == ("lost", True)
        assert answer.problem is not None
        assert answer.problem.code == "cut_off"
        assert (await call(keeper, "echo", message="on")).text == "Echo: on"


async def _is_told(probe: Process, word: str, times: int) -> bool:
    for _ in range(150):
        if probe.log.count(word) >= times:
            return True
        await asyncio.sleep(0.02)
    return False


async def test_a_stopped_call_ends_the_tool_on_the_other_side(server: McpServer, probe: Process) -> None:
    begun, cancelled = probe.log.count("BEGUN"), probe.log.count("CANCELLED")
    async with Keeper(server) as keeper:
        task = asyncio.create_task(call(keeper, "wait", seconds=30.0))
        assert await _is_told(probe, "BEGUN", begun + 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await _is_told(probe, "CANCELLED", cancelled + 1)
        assert (await call(keeper, "echo", message="on")).text == "Echo: on"


async def test_a_call_has_its_time_and_no_more(server: McpServer, probe: Process) -> None:
    cancelled = probe.log.count("CANCELLED")
    began = time.monotonic()
    async with Keeper(server) as keeper:
        answer = await call(keeper, "wait", seconds=0.5)
    assert (answer.failure, answer.sent) == ("lost", True)
    assert answer.problem is not None
    assert answer.problem.code == "timed_out"
    assert time.monotonic() - began < 10
    assert await _is_told(probe, "CANCELLED", cancelled + 1)


async def test_twenty_calls_at_once_are_all_answered(server: McpServer) -> None:
    async with Keeper(server) as keeper:
        answers = await asyncio.gather(*(call(keeper, "echo", message=str(i)) for i in range(20)))
    assert [answer.text for answer in answers] == [f"Echo: {i}" for i in range(20)]


async def test_a_server_that_dies_between_calls_is_found_again(tmp_path: Path, settings: Settings) -> None:
    port = free_port()
    settings.AGENT_HTTP_HOSTS = settings.AGENT_PRIVATE_HOSTS = [f"127.0.0.1:{port}"]
    process = Process((sys.executable, "-m", "agents.tests.mcp_peer", str(port)), port, log_path=tmp_path / "log")
    with process.running():
        async with Keeper(McpServer(f"http://127.0.0.1:{port}/mcp", protocol="2025-11-25")) as keeper:
            assert (await call(keeper, "echo", message="1")).failure is None
            await asyncio.to_thread(process.kill)
            answer = await call(keeper, "echo", message="2")
            assert answer.failure in ("unsent", "lost")
            await asyncio.to_thread(process.start)
            answers = [await call(keeper, "echo", message="3") for _ in range(2)]
            assert answers[-1].text == "Echo: 3"


# From npm


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    path = peer(EVERYTHING, "server-everything")
    port = free_port()
    env = os.environ | {"PORT": str(port)}
    log = tmp_path_factory.mktemp("everything") / "log"
    with Process(("node", path, "streamableHttp"), port, env, log).running() as process:
        yield process


@pytest.mark.parametrize("protocol", ["", "2025-11-25"])
async def test_a_server_of_others_is_used(everything: Process, settings: Settings, protocol: str) -> None:
    settings.AGENT_HTTP_HOSTS = settings.AGENT_PRIVATE_HOSTS = [f"127.0.0.1:{everything.port}"]
    async with Keeper(McpServer(f"http://127.0.0.1:{everything.port}/mcp", protocol=protocol)) as keeper:
        listing = await keeper.listing()
        assert listing.protocol == "2025-11-25"
        assert len(listing.tools) >= 10
        assert (await call(keeper, "echo", message="Золото")).text == "Echo: Золото"
        slow = await call(keeper, "trigger-long-running-operation", seconds=1.0, duration=30, steps=5)
        assert slow.failure == "lost"
        answers = await asyncio.gather(*(call(keeper, "echo", message=str(i)) for i in range(20)))
        assert all(answer.failure is None for answer in answers)


async def test_without_permission_nobody_is_asked(probe: Process) -> None:
    async with Keeper(McpServer(f"http://127.0.0.1:{probe.port}/mcp")) as keeper:
        with pytest.raises(SourceFailed) as caught:
            await keeper.listing()
    assert caught.value.problem.code == "address_refused"
