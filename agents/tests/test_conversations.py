"""Agents in conversations: who answers, who pays, what members see, and how it ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from collections.abc import Callable
from typing import Any
from uuid import UUID
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from pytest_django.fixtures import Settings

from accounts.models import User
from agents import listening
from agents import runner
from agents.models import Agent
from agents.models import AgentRun
from agents.models import AgentSubscription
from agents.tests.factories import give_plan
from agents.tests.factories import make_agent
from billing import metering
from billing.models import TokenHold
from billing.models import UsageEntry
from billing.tests.factories import spent
from conftest import signed_in
from core.models import StreamEvent
from messenger import signals
from messenger.models import Message

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
PATIENCE = 20.0


@pytest.fixture
async def serving(transactional_db: None, _quick_demo: None) -> AsyncIterator[None]:
    """A process that looks for runs."""
    task = asyncio.create_task(runner.serve())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def seen(look: Callable[[], Any]) -> Any:
    """What ``look`` finds, as soon as it finds something."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not (found := await sync_to_async(look)()):
        assert asyncio.get_running_loop().time() < deadline, "It did not come."
        await asyncio.sleep(0.02)
    return found


def over() -> bool:
    return AgentRun.objects.exists() and not AgentRun.objects.live().exists()


def post(user: User, path: str, body: dict[str, Any] | None = None, status: int = 201) -> Any:
    response = signed_in(user).post(f"/api/{path}", body or {})
    assert response.status_code == status, response.content
    return response.json()


def direct(user: User, agent: Agent) -> UUID:
    return UUID(
        post(user, "messenger/conversations", {"type": "direct", "participant_ids": [str(agent.user_id)]})["id"]
    )


def group(admin: User, *users: User) -> UUID:
    body = {"type": "group", "name": "Tea", "participant_ids": [str(user.pk) for user in users]}
    return UUID(post(admin, "messenger/conversations", body)["id"])


def say(user: User, room: UUID, text: str, **fields: Any) -> dict[str, Any]:
    said: dict[str, Any] = post(user, f"messenger/conversations/{room}/messages", {"content": text, **fields})
    return said


def answers(room: UUID) -> list[Message]:
    found = Message.objects.filter(conversation_id=room, sender__kind="agent").order_by("seq")
    return list(found.select_related("sender"))


def notes(room: UUID) -> list[str]:
    rows = Message.objects.filter(conversation_id=room, message_type="system").order_by("seq")
    return [row.system["action"] for row in rows if row.system]


async def test_in_a_direct_conversation_every_message_is_answered(serving: None, alice: User) -> None:
    agent = await sync_to_async(make_agent)(alice)
    room = await sync_to_async(direct)(alice, agent)
    await sync_to_async(say)(alice, room, "What is 2 + 2?")
    await seen(over)
    (answer,) = await sync_to_async(answers)(room)
    run = await AgentRun.objects.aget()
    assert "4" in answer.content
    assert answer.reply_to_id is None
    assert answer.agent is not None
    assert answer.agent["state"] == "complete"
    assert answer.agent["paid_by"] == str(alice.pk)
    assert answer.agent["tokens"] == run.prompt_tokens + run.completion_tokens > 0
    assert answer.agent["calls"] == 0
    assert run.answer_message_ids == [str(answer.pk)]

    types = [event.type async for event in StreamEvent.objects.filter(stream_id=room).order_by("seq")]
    assert types[-2:] == ["message.new", "message.updated"], "deltas are not kept"
    assert types.count("message.updated") == 1
    ended = await StreamEvent.objects.filter(stream_id=alice.pk, type="agent.run_changed").acount()
    assert ended == 1


async def test_in_a_group_only_the_one_that_is_asked_answers(serving: None, alice: User, bob: User) -> None:
    tea = await sync_to_async(make_agent)(alice, "Tea master", username="teamaster")
    other = await sync_to_async(make_agent)(alice, "Other", username="otherone")
    room = await sync_to_async(group)(alice, bob, tea.user, other.user)
    await sync_to_async(say)(bob, room, "Nobody is asked here.")
    asked = await sync_to_async(say)(bob, room, "@teamaster what is 2 + 3?")
    await seen(over)
    (answer,) = await sync_to_async(answers)(room)
    assert answer.sender_id == tea.user_id
    assert str(answer.reply_to_id) == asked["id"]
    run = await AgentRun.objects.aget()
    assert (run.asker_id, run.payer_id) == (bob.pk, bob.pk)
    booked = [entry.user_id async for entry in UsageEntry.objects.filter(reference=str(run.pk))]
    assert set(booked) == {bob.pk}

    await sync_to_async(say)(bob, room, "And 3 + 3?", reply_to_id=str(answer.pk))
    await seen(lambda: len(answers(room)) == 2 and over())
    assert {row.sender_id for row in await sync_to_async(answers)(room)} == {tea.user_id}


async def test_where_the_owner_pays_the_owner_is_charged(serving: None, alice: User, bob: User) -> None:
    agent = await sync_to_async(make_agent)(alice, payer="owner", username="theirs")
    room = await sync_to_async(group)(alice, bob, agent.user)
    await sync_to_async(say)(bob, room, "@theirs hello")
    await seen(over)
    run = await AgentRun.objects.aget()
    assert (run.asker_id, run.payer_id) == (bob.pk, alice.pk)
    (answer,) = await sync_to_async(answers)(room)
    assert answer.agent is not None
    assert answer.agent["paid_by"] == str(alice.pk)
    assert [entry.user_id async for entry in UsageEntry.objects.filter(reference=str(run.pk))] == [alice.pk]


async def test_agents_that_always_name_each_other_come_to_an_end(serving: None, alice: User) -> None:
    """The demo model quotes what it was asked, names and all."""
    make = sync_to_async(make_agent)
    three = [await make(alice, name, username=name.lower()) for name in ("Agent-a", "Agent-b", "Agent-c")]
    room = await sync_to_async(group)(alice, *[one.user for one in three])
    await sync_to_async(say)(alice, room, "@agent-a please ask @agent-b and @agent-c")
    await seen(lambda: "agents_wait" in notes(room) and over())
    said = await sync_to_async(answers)(room)
    assert len(said) <= 4
    assert (await sync_to_async(notes)(room)).count("agents_wait") == 1
    async for run in AgentRun.objects.all():
        assert run.hop <= 2
        assert (run.asker_id, run.payer_id) == (alice.pk, alice.pk)
    # A person's word lets them go on, and they come to an end again.
    await sync_to_async(say)(alice, room, "@agent-a go on with @agent-b")
    await seen(lambda: len(answers(room)) > len(said) and over())


async def test_any_member_stops_all_agents_and_the_text_stays(
    serving: None, alice: User, bob: User, charlie: User, settings: Settings
) -> None:
    settings.LLM_DEMO_WORD_SECONDS = 0.2
    agent = await sync_to_async(make_agent)(alice, username="slowone")
    room = await sync_to_async(group)(alice, bob, charlie, agent.user)
    await sync_to_async(say)(alice, room, "@slowone tell me a lot")
    await seen(lambda: answers(room))
    shown = await sync_to_async(lambda: signed_in(bob).get(f"/api/agents/conversations/{room}").json())()
    assert [one["user"]["id"] for one in shown["agents"]] == [str(agent.user_id)]
    assert [one["state"] for one in shown["running"]] == ["running"]
    assert shown["running"][0]["may_open"] is False

    began = asyncio.get_running_loop().time()
    stopped = await sync_to_async(post)(bob, f"agents/conversations/{room}/stop", status=200)
    assert stopped["paused"] is True
    await seen(over)
    assert asyncio.get_running_loop().time() - began < 3
    run = await AgentRun.objects.aget()
    assert (run.state, run.reason) == ("stopped", "paused")
    (answer,) = await sync_to_async(answers)(room)
    assert answer.agent is not None
    assert answer.agent["state"] == "stopped"
    assert answer.content
    assert (await sync_to_async(notes)(room)).count("agents_stopped") == 1

    # Nobody is answered, and only who stopped them or an admin lets them go on.
    await sync_to_async(say)(alice, room, "@slowone are you there?")
    assert await AgentRun.objects.acount() == 1
    await sync_to_async(post)(charlie, f"agents/conversations/{room}/resume", status=403)
    resumed = await sync_to_async(post)(alice, f"agents/conversations/{room}/resume", status=200)
    assert resumed["paused"] is False
    await seen(lambda: AgentSubscription.objects.filter(heard_seq__gt=0).exists())
    assert await AgentRun.objects.acount() == 1, "what was said meanwhile is not answered"


async def test_an_agent_that_is_removed_stops(serving: None, alice: User, bob: User, settings: Settings) -> None:
    settings.LLM_DEMO_WORD_SECONDS = 0.2
    agent = await sync_to_async(make_agent)(alice, username="slowone")
    room = await sync_to_async(group)(alice, bob, agent.user)
    await sync_to_async(say)(bob, room, "@slowone tell me a lot")
    await seen(lambda: answers(room))
    path = f"/api/messenger/conversations/{room}/participants/{agent.user_id}"
    removed = await sync_to_async(lambda: signed_in(alice).delete(path))()
    assert removed.status_code == 204, removed.content
    await seen(over)
    run = await AgentRun.objects.aget()
    assert (run.state, run.reason) == ("stopped", "removed")
    assert not await AgentSubscription.objects.aexists()


async def test_what_is_taken_back_is_not_answered(serving: None, alice: User, bob: User, settings: Settings) -> None:
    settings.LLM_DEMO_WORD_SECONDS = 0.2
    agent = await sync_to_async(make_agent)(alice, username="slowone")
    room = await sync_to_async(group)(alice, bob, agent.user)
    asked = await sync_to_async(say)(bob, room, "@slowone tell me a lot")
    await seen(lambda: answers(room))
    path = f"/api/messenger/messages/{asked['id']}"
    deleted = await sync_to_async(lambda: signed_in(bob).delete(path))()
    assert deleted.status_code in (200, 204), deleted.content
    await seen(over)
    run = await AgentRun.objects.aget()
    assert (run.state, run.reason) == ("stopped", "taken_back")


def test_what_is_said_while_a_question_waits_joins_it(alice: User, bob: User) -> None:
    """Nobody serves here, so the run stays queued."""
    agent = make_agent(alice, username="waiter", audience="site")
    room = group(alice, bob, agent.user)
    say(alice, room, "@waiter first")
    say(alice, room, "@waiter second")
    say(bob, room, "@waiter mine")
    runs = list(AgentRun.objects.order_by("id"))
    assert [run.asker_id for run in runs] == [alice.pk, bob.pk]
    assert runs[0].prompt == "@waiter first\n\n@waiter second"
    assert runs[1].prompt == "@waiter mine"


def test_a_message_that_no_signal_brought_is_heard_by_the_sweep(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    agent = make_agent(alice)
    with monkeypatch.context() as patch:
        for signal in (signals.messages_written, signals.members_joined):
            patch.setattr(signal, "send_robust", lambda **_kwargs: [])
        room = direct(alice, agent)
        say(alice, room, "Hello?")
    assert not AgentRun.objects.exists()
    listening.sweep()
    assert AgentRun.objects.get().prompt == "Hello?"
    listening.sweep()
    assert AgentRun.objects.count() == 1


def test_who_has_no_tokens_left_is_told_alone(alice: User, bob: User) -> None:
    agent = make_agent(alice, username="waiter", audience="site")
    room = group(alice, bob, agent.user)
    left = metering.allowance(bob.pk).left
    assert left is not None
    spent(bob, left)
    before = len(notes(room))
    said = say(bob, room, "@waiter hello")
    assert not AgentRun.objects.exists()
    event = StreamEvent.objects.get(stream_id=bob.pk, type="agent.refused")
    payload = json.loads(event.payload)
    assert payload["code"] == "token_limit_exceeded"
    assert payload["message_id"] == said["id"]
    assert payload["reset_at"]
    assert not StreamEvent.objects.filter(stream_id=alice.pk, type="agent.refused").exists()
    assert len(notes(room)) == before


async def test_tokens_that_do_for_no_word_end_a_run_and_its_asker_is_told_why_alone(
    serving: None, alice: User, bob: User
) -> None:
    agent = await sync_to_async(make_agent)(alice, username="waiter", audience="site", system_prompt="Be kind. " * 60)
    room = await sync_to_async(group)(alice, bob, agent.user)
    left = (await sync_to_async(metering.allowance)(bob.pk)).left or 0
    await sync_to_async(spent)(bob, left - 100)
    said = await sync_to_async(say)(bob, room, "@waiter hello")
    await seen(over)
    run = await AgentRun.objects.aget()
    assert (run.state, run.reason) == ("limited", "payer_tokens")
    assert await sync_to_async(answers)(room) == []
    told = json.loads((await StreamEvent.objects.aget(stream_id=bob.pk, type="agent.refused")).payload)
    assert (told["code"], told["message_id"], told["run_id"]) == ("token_limit_exceeded", said["id"], str(run.pk))
    assert told["reset_at"]
    assert not await StreamEvent.objects.filter(stream_id=alice.pk, type="agent.refused").aexists()
    assert not await TokenHold.objects.filter(state=TokenHold.State.HELD).aexists()


def test_an_agent_without_a_plan_refuses_and_says_so_to_the_asker(alice: User, bob: User) -> None:
    agent = make_agent(alice, username="waiter", audience="site")
    room = group(alice, bob, agent.user)
    give_plan(alice, "basic")
    say(bob, room, "@waiter hello")
    assert not AgentRun.objects.exists()
    event = StreamEvent.objects.get(stream_id=bob.pk, type="agent.refused")
    assert json.loads(event.payload)["code"] == "agent_inactive"


@pytest.mark.parametrize("path", ["", "/stop", "/resume"])
def test_a_stranger_finds_no_conversation(alice: User, bob: User, charlie: User, path: str) -> None:
    agent = make_agent(alice)
    room = group(alice, bob, agent.user)
    client = signed_in(charlie)
    for conversation_id in (room, uuid4()):
        url = f"/api/agents/conversations/{conversation_id}{path}"
        response = client.post(url, {}) if path else client.get(url)
        assert response.status_code == 404
    assert "agents_stopped" not in notes(room)
