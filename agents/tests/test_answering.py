"""What a run says: long answers, a process that is killed in the middle, a call that a person is asked about."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.utils import timezone

from accounts.models import User
from agents import limits
from agents.models import AgentApproval
from agents.models import AgentRun
from agents.runner import answering
from agents.tests.asking import Asker
from agents.tests.factories import add_function
from agents.tests.factories import make_agent
from agents.tests.test_conversations import answers
from agents.tests.test_conversations import direct
from agents.tests.test_conversations import over
from agents.tests.test_conversations import post
from agents.tests.test_conversations import say
from agents.tests.test_conversations import seen
from agents.tests.test_conversations import serving
from conftest import signed_in
from core.files import services as files
from core.llm.tests.wires import DONE
from core.llm.tests.wires import Wire
from core.llm.tests.wires import event
from core.models import StoredFile
from core.models import StreamEvent
from core.realtime import streams
from core.realtime.events import Event
from core.realtime.names import StreamName
from core.tests.http_peer import Server
from messenger.services import speaking

__all__ = ["serving"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

SLOW = """
import asyncio, sys
import tests.environment
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kintsugi.settings")
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.LLM_DEMO_WORD_SECONDS = float(sys.argv[2])
import django
django.setup()
from agents import runner
asyncio.run(runner.serve())
"""


def serve(word_seconds: float) -> subprocess.Popen[bytes]:
    """A process that works on runs, with a model that takes its time."""
    name = str(connection.settings_dict["NAME"])
    return subprocess.Popen([sys.executable, "-c", SLOW, name, str(word_seconds)])


def wait_for(look: Any, seconds: float = 60.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "It did not come."
        time.sleep(0.05)
    return found


def test_a_killed_process_leaves_its_words_and_another_one_goes_on(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = direct(alice, make_agent(alice))
    say(alice, room, "Tell me about Kintsugi")
    process = serve(0.3)
    try:
        wait_for(lambda: (said := answers(room)) and len(said[0].content.split()) > 4)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    (kept,) = answers(room)
    assert kept.agent is not None
    assert kept.agent["state"] == "writing"
    # As after thirty seconds: both leases have run out.
    past = timezone.now() + speaking.LEASE + limits.LEASE
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: past)
        assert speaking.end_lost() == 1
    (lost,) = answers(room)
    assert lost.agent is not None
    assert (lost.agent["state"], lost.agent["reason"]) == ("failed", "lost")
    assert lost.content == kept.content

    AgentRun.objects.update(lease_until=timezone.now() - limits.LEASE)
    process = serve(0.001)
    try:
        wait_for(over)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    (whole,) = answers(room)
    assert whole.pk == kept.pk
    assert whole.agent is not None
    assert (whole.agent["state"], whole.agent["attempt"]) == ("complete", 2)
    assert len(whole.content) > len(kept.content)
    assert AgentRun.objects.get().attempts == 2


async def test_a_long_answer_goes_on_in_the_next_message(serving: None, alice: User, wire: Wire) -> None:
    text = " ".join(f"word{number}" for number in range(2_500))
    assert 2 * limits.ANSWER_PIECE < len(text) < 3 * limits.ANSWER_PIECE
    wire.streams(*(event(text[at : at + 4_000]) for at in range(0, len(text), 4_000)), event(finish="stop"), DONE)
    agent = await sync_to_async(make_agent)(alice, model="gpt-4o-mini", max_tokens=9_000)
    room = await sync_to_async(direct)(alice, agent)
    await sync_to_async(say)(alice, room, "Count")
    await seen(over)
    said = await sync_to_async(answers)(room)
    run = await AgentRun.objects.aget()
    assert (run.state, run.reason) == ("complete", "")
    assert [one.client_id for one in said] == [f"{run.pk}:{number}" for number in range(3)]
    assert " ".join(one.content for one in said) == text
    assert {one.agent["state"] for one in said if one.agent} == {"complete"}
    assert run.answer_message_ids == [str(one.pk) for one in said]


async def test_what_no_message_holds_any_more_is_a_file(serving: None, alice: User, wire: Wire) -> None:
    text = " ".join(f"information{number}" for number in range(2_700))
    assert len(text) > limits.ANSWER_PIECES * limits.ANSWER_PIECE
    wire.streams(*(event(text[at : at + 4_000]) for at in range(0, len(text), 4_000)), event(finish="stop"), DONE)
    agent = await sync_to_async(make_agent)(alice, model="gpt-4o-mini", max_tokens=16_000, run_tokens=100_000)
    room = await sync_to_async(direct)(alice, agent)
    await sync_to_async(say)(alice, room, "Count")
    await seen(over)
    *said, file = await sync_to_async(answers)(room)
    assert len(said) == limits.ANSWER_PIECES
    assert said[-1].content.endswith(" …")
    assert text.startswith(" ".join(one.content for one in said).removesuffix(" …"))
    kept = await StoredFile.objects.aget()
    assert (file.message_type, file.media_id, kept.name, kept.expires_at) == ("file", kept.pk, "answer.md", None)
    assert await sync_to_async(files.read_bytes)(kept) == text.encode()
    assert (await AgentRun.objects.aget()).answer_message_ids == [str(one.pk) for one in [*said, file]]
    # Its members read it as they read any file.
    page = await sync_to_async(lambda: signed_in(alice).get(f"/api/messenger/conversations/{room}/messages"))()
    shown = next(one for one in page.json()["results"] if one["id"] == str(file.pk))
    assert shown["media"]["name"] == "answer.md"


async def test_silence_is_not_posted(serving: None, alice: User, wire: Wire) -> None:
    wire.streams(event("  @bob "), event(finish="stop"), DONE)
    agent = await sync_to_async(make_agent)(alice, model="gpt-4o-mini")
    room = await sync_to_async(direct)(alice, agent)
    await sync_to_async(say)(alice, room, "Say nothing")
    await seen(over)
    assert await sync_to_async(answers)(room) == []


async def test_readers_see_it_grow_and_who_pays_is_told_of_the_end(
    serving: None, alice: User, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.LLM_DEMO_WORD_SECONDS = 0.05
    told: list[Any] = []
    publish = streams.publish_ephemeral

    def tell(name: StreamName, event: Event) -> None:
        told.append(event)
        publish(name, event)

    monkeypatch.setattr(streams, "publish_ephemeral", tell)
    agent = await sync_to_async(make_agent)(alice)
    room = await sync_to_async(direct)(alice, agent)
    await sync_to_async(say)(alice, room, "Tell me about Kintsugi")
    await seen(over)
    await seen(lambda: any(event.type == "agent.run" and event.state == "complete" for event in told))
    kinds = [event.type for event in told]
    assert kinds.count("message.delta") >= 2
    states = [event.state for event in told if event.type == "agent.run"]
    assert (states[0], states[-1]) == ("running", "complete")
    durable = [one.type async for one in StreamEvent.objects.filter(stream_id=room).order_by("seq")]
    assert durable[-2:] == ["message.new", "message.updated"]


async def test_before_its_first_word_it_is_seen_to_type(
    serving: None, alice: User, monkeypatch: pytest.MonkeyPatch, peer: Server
) -> None:
    told: list[tuple[StreamName, Any]] = []
    publish, answered = streams.publish_ephemeral, threading.Event()

    def tell(name: StreamName, event: Event) -> None:
        told.append((name, event))
        publish(name, event)

    def wait(handler: Any) -> None:
        answered.wait(30)
        handler.send_response(204)
        handler.end_headers()

    monkeypatch.setattr(streams, "publish_ephemeral", tell)
    peer.answers["/look"] = wait
    agent = await sync_to_async(make_agent)(alice)
    await sync_to_async(add_function)(agent, name="look", endpoint_url=f"{peer.url}/look", confirm="never")
    room = await sync_to_async(direct)(alice, agent)
    try:
        await sync_to_async(say)(alice, room, "look “there”")
        await seen(lambda: any(event.type == "user.typing" for _name, event in told))
        name, typed = next(one for one in told if one[1].type == "user.typing")
        assert (name.id, typed.user_id, typed.is_typing) == (room, agent.user_id, True)
        assert await sync_to_async(answers)(room) == []
    finally:
        answered.set()
    await seen(over)
    assert len(await sync_to_async(answers)(room)) == 1


async def test_a_person_is_asked_and_the_answer_goes_on_below(
    serving: None, alice: User, peer: Server, wire: Wire
) -> None:
    peer.say("/note", body=b'{"id": 7}')
    call = [{"index": 0, "id": "c1", "type": "function", "function": {"name": "note", "arguments": "{}"}}]
    asks = {"choices": [{"index": 0, "delta": {"tool_calls": call}, "finish_reason": "tool_calls"}]}
    wire.streams(event("I will note that."), f"data: {json.dumps(asks)}\n\n".encode(), DONE)
    wire.streams(event("It is noted."), event(finish="stop"), DONE)
    agent = await sync_to_async(make_agent)(alice, model="gpt-4o-mini")
    await sync_to_async(add_function)(
        agent,
        name="note",
        http_method="POST",
        endpoint_url=f"{peer.url}/note",
        effect="write",
        confirm="asker",
        parameters={"type": "object", "properties": {}},
    )
    room = await sync_to_async(direct)(alice, agent)
    await sync_to_async(say)(alice, room, "Note it")
    await seen(lambda: AgentRun.objects.exclude(state__in=["queued", "running"]).exists())
    run = await AgentRun.objects.aget()
    assert run.state == "waiting", (run.reason, run.error, wire.bodies[-1:])
    approval = await AgentApproval.objects.aget()
    (first,) = await sync_to_async(answers)(room)
    assert first.content == "I will note that."
    assert first.agent is not None
    assert first.agent["state"] == "complete"
    asked = await StreamEvent.objects.aget(stream_id=alice.pk, type="agent.run_changed")
    payload = json.loads(asked.payload)
    assert payload["approval"]["step_id"] == str(approval.step_id)
    assert payload["state"] == "waiting"
    decision = {"decision": "approve", "arguments_hash": approval.arguments_hash}
    await sync_to_async(post)(alice, f"agents/runs/{run.pk}/approvals/{approval.step_id}", decision, status=200)
    await seen(over)
    said = await sync_to_async(answers)(room)
    assert [one.content for one in said] == ["I will note that.", "It is noted."]


async def test_a_run_that_is_continued_goes_on_in_the_next_message(
    serving: None, alice: User, peer: Server, wire: Wire
) -> None:
    peer.say("/look", body=b"{}")
    call = [{"index": 0, "id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}]
    looks = {"choices": [{"index": 0, "delta": {"tool_calls": call}, "finish_reason": "tool_calls"}]}
    wire.streams(f"data: {json.dumps(looks)}\n\n".encode(), DONE)
    wire.streams(event("So far I know this."), event(finish="stop"), DONE)
    wire.streams(event("And this is the rest."), event(finish="stop"), DONE)
    agent = await sync_to_async(make_agent)(alice, model="gpt-4o-mini", max_steps=2)
    nothing = {"type": "object", "properties": {}}
    look = {"name": "look", "endpoint_url": f"{peer.url}/look", "parameters": nothing, "confirm": "never"}
    await sync_to_async(add_function)(agent, **look)
    room = await sync_to_async(direct)(alice, agent)
    await sync_to_async(say)(alice, room, "Look")
    await seen(over)
    run = await AgentRun.objects.aget()
    assert (run.state, run.reason) == ("limited", "steps")
    assert (await (await Asker.of(alice)).post(f"runs/{run.pk}/continue")).status_code == 200
    await seen(lambda: AgentRun.objects.filter(state="complete").exists())
    first, second = await sync_to_async(answers)(room)
    assert (first.content, second.content) == ("So far I know this.", "And this is the rest.")
    assert first.agent is not None
    assert second.agent is not None
    assert (first.agent["state"], first.agent["calls"], second.agent["state"]) == ("limited", 1, "complete")
    # Where something was said, the end stands below it.
    assert not await StreamEvent.objects.filter(stream_id=alice.pk, type="agent.refused").aexists()


@pytest.mark.parametrize(
    ("text", "says"), [("", False), (" \n", False), ("@bob", False), ("@bob @carl ", False), ("@bob hi", True)]
)
def test_names_alone_are_silence(text: str, says: bool) -> None:
    assert answering.says_something(text) is says
