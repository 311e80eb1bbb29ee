"""What a call of a tool may become, and what it never may."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest

from agents.egress import Auth
from agents.egress.problems import ArgumentsRefused
from agents.sources.mcp import keeper as keepers
from agents.sources.mcp.keeper import Keeper
from agents.tests.mcp_hostile import CANARY
from agents.tests.mcp_hostile import Hostile
from agents.tests.mcp_hostile import Reply
from agents.tests.mcp_hostile import call
from agents.tests.mcp_hostile import raw
from agents.tests.mcp_hostile import result
from agents.tests.mcp_hostile import say
from agents.tests.mcp_hostile import text

pytestmark = pytest.mark.any_stack


async def test_the_way_in_is_a_header_and_the_secret_is_not_seen_again(hostile: Hostile) -> None:
    seen: list[str] = []

    def reply(message: dict[str, Any]) -> None:
        seen.append(message["handler"].headers["X-Key"])
        text(f"You are {CANARY}.", structuredContent={"key": CANARY})(message)

    hostile.replies["tools/call"] = reply
    async with Keeper(hostile.server(auth=Auth("header", "X-Key", CANARY)), secrets=["another-secret"]) as keeper:
        answer = await call(keeper, text="x")
        hostile.replies["tools/call"] = text("It is another-secret.", isError=True)
        failed = await call(keeper, text="x")
    assert seen == [CANARY]
    assert "canary" not in answer.text
    assert (failed.text, failed.failure) == ("It is [redacted].", "answered")


async def test_answers_by_a_schema_of_theirs_are_not_checked_here(hostile: Hostile) -> None:
    hostile.tools[0]["outputSchema"] = {"type": "object", "properties": {"x": {"pattern": "^(a+)+$"}}}
    hostile.replies["tools/call"] = text("fine", structuredContent={"x": "a" * 60 + "!"})
    began = time.monotonic()
    async with Keeper(hostile.server()) as keeper:
        assert (await call(keeper, text="x")).text.startswith("fine")
    assert time.monotonic() - began < 5


async def test_pictures_and_resources_are_named_and_not_given(hostile: Hostile) -> None:
    hostile.replies["tools/call"] = result(
        {
            "content": [
                {"type": "image", "data": "aGVsbG8=", "mimeType": "image/png"},
                {"type": "resource_link", "uri": "file:///etc/passwd", "name": "p"},
                {"type": "resource", "resource": {"uri": "x://y", "text": "SECRET TEXT"}},
            ],
        }
    )
    async with Keeper(hostile.server()) as keeper:
        told = (await call(keeper, text="x")).text
    assert told == "[image, image/png, 6 bytes]\n[resource file:///etc/passwd]\n[resource x://y]"


@pytest.mark.parametrize(
    ("reply", "failure", "code"),
    [
        (raw(401), "answered", "key_refused"),
        (raw(302, Location="http://10.0.0.1/"), "answered", "redirected"),
        (raw(429, Retry_After="3"), "limited", "limited_there"),
        (raw(502), "lost", "source_unreachable"),
        (raw(503), "unavailable", "source_unreachable"),
        (raw(500), "lost", "source_unreachable"),
        (raw(200, b"x" * 2_000_000), "lost", "cut_off"),
        (raw(200, b"data: no json\n\n", "text/event-stream"), "lost", "protocol_refused"),
        (raw(200, b"", "text/event-stream"), "lost", "protocol_refused"),
        (result({"content": "no list"}), "lost", "protocol_refused"),
    ],
)
async def test_what_a_call_may_become(hostile: Hostile, reply: Reply, failure: str, code: str) -> None:
    hostile.replies["tools/call"] = reply
    async with Keeper(hostile.server()) as keeper:
        answer = await call(keeper, text="x")
    assert answer.problem is not None
    assert (answer.failure, answer.problem.code, answer.sent) == (failure, code, True)
    assert hostile.asked.count("tools/call") == 1


@pytest.mark.parametrize("code", [-32602, -32020, -32000])
async def test_an_error_of_the_protocol_is_told_and_not_tried_again(hostile: Hostile, code: int) -> None:
    body = {
        "jsonrpc": "2.0",
        "error": {"code": code, "message": "No\0 such tool.", "data": {"kintsugi.lost": "x", "sent": False}},
    }
    hostile.replies["tools/call"] = lambda message: raw(200, json.dumps(body | {"id": message["id"]}).encode())(message)
    async with Keeper(hostile.server()) as keeper:
        answer = await call(keeper, text="x")
    assert (answer.failure, answer.sent) == ("answered", True)
    assert answer.text.startswith("No such tool.")
    assert hostile.asked.count("tools/call") == 1


async def test_a_session_that_is_over_is_opened_anew_by_the_next_call(hostile: Hostile) -> None:
    def opening(message: dict[str, Any]) -> None:
        version = {
            "protocolVersion": "2025-11-25",
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "h", "version": "1"},
        }
        body = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": version}).encode()
        say(message["handler"], 200, body, "application/json", Mcp_Session_Id="s-1")

    hostile.replies["initialize"] = opening
    hostile.replies["tools/call"] = raw(404)
    async with Keeper(hostile.server()) as keeper:
        over = await call(keeper, text="x")
        del hostile.replies["tools/call"]
        again = await call(keeper, text="x")
    assert (over.failure, over.retry_after) == ("limited", 0)
    assert again.failure is None
    assert hostile.asked.count("initialize") == 2


async def test_arguments_are_checked_here_before_anything_is_sent(hostile: Hostile) -> None:
    async with Keeper(hostile.server()) as keeper:
        with pytest.raises(ArgumentsRefused):
            await call(keeper, text=5)
        assert json.loads((await call(keeper, text="x", more="dropped")).text) == {"text": "x"}
    assert hostile.asked.count("tools/call") == 1


async def test_what_is_idle_is_closed_and_opened_when_it_is_wanted(
    hostile: Hostile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keepers, "IDLE_SECONDS", 0.1)
    async with Keeper(hostile.server()) as keeper:
        await call(keeper, text="1")
        task = keeper._task
        assert task is not None
        async with asyncio.timeout(5):
            await asyncio.wait([task])
        assert (await call(keeper, text="2")).failure is None
    assert hostile.asked.count("initialize") == 2
