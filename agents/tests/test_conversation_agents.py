"""Agents as members: who brought them in, whether they speak up, and what the endpoint of a conversation costs."""

from __future__ import annotations

from uuid import UUID
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from agents import limits
from agents import listening
from agents.listening.chains import Chains
from agents.models import Agent
from agents.models import AgentRun
from agents.models import AgentSubscription
from agents.tests.factories import make_agent
from agents.tests.factories import make_run
from agents.tests.test_conversations import direct
from agents.tests.test_conversations import group
from agents.tests.test_conversations import notes
from agents.tests.test_conversations import post
from agents.tests.test_conversations import say
from conftest import JsonClient
from conftest import signed_in
from messenger.services import speaking

pytestmark = pytest.mark.django_db(transaction=True)


def shown(user: User, room: UUID) -> dict[str, object]:
    (agent,) = signed_in(user).get(f"/api/agents/conversations/{room}").json()["agents"]
    assert isinstance(agent, dict)
    return agent


def set_speaks_up(user: User, room: UUID, agent: Agent, *, to: bool) -> int:
    path = f"/api/agents/conversations/{room}/agents/{agent.pk}"
    return int(signed_in(user).patch(path, {"speaks_up": to}).status_code)


def test_who_brings_an_agent_in_is_known(alice: User, bob: User) -> None:
    agent = make_agent(alice, audience="site")
    rooms = [group(bob, alice, agent.user), direct(bob, agent), group(bob, alice)]
    post(bob, f"messenger/conversations/{rooms[2]}/participants", {"user_ids": [str(agent.user_id)]}, status=200)
    by = {str(row.conversation_id): row.added_by_id for row in AgentSubscription.objects.all()}
    assert by == {str(room): bob.pk for room in rooms}
    person = shown(alice, rooms[0])["added_by"]
    assert isinstance(person, dict)
    assert person["username"] == "bob"


def test_an_agent_speaks_up_where_its_owner_lets_it_and_pays(alice: User, bob: User, charlie: User) -> None:
    agent = make_agent(alice, audience="site")
    room = group(bob, alice, agent.user)
    say(bob, room, "Nobody is named here")
    assert not AgentRun.objects.exists()
    assert set_speaks_up(charlie, room, agent, to=True) == 404
    assert set_speaks_up(bob, room, agent, to=True) == 403, "an admin does not spend the owner's tokens"
    assert set_speaks_up(alice, room, agent, to=True) == 400, "nor do members pay for what they did not ask"
    Agent.objects.update(payer="owner")
    assert set_speaks_up(alice, room, agent, to=True) == 200
    assert (shown(alice, room)["speaks_up"], shown(alice, room)["may_set_speaks_up"]) == (True, True)
    assert shown(bob, room)["may_set_speaks_up"] is False
    say(bob, room, "Nor here")
    run = AgentRun.objects.get()
    assert (run.asker_id, run.payer_id, run.prompt) == (bob.pk, alice.pk, "Nor here")
    Agent.objects.update(payer="asker")
    say(bob, room, "And here it would be mine to pay")
    assert AgentRun.objects.count() == 1
    assert set_speaks_up(bob, room, agent, to=False) == 200, "an admin may end it"
    assert (
        signed_in(alice).patch(f"/api/agents/conversations/{room}/agents/{uuid4()}", {"speaks_up": True}).status_code
        == 404
    )


def test_the_endpoint_costs_the_same_with_more_agents_and_runs(alice: User, bob: User) -> None:
    first = make_agent(alice, "First", audience="site")
    room = group(bob, alice, first.user)
    client = signed_in(bob)

    def look(expected: tuple[int, int]) -> int:
        with CaptureQueriesContext(connection) as counted:
            body = client.get(f"/api/agents/conversations/{room}").json()
        assert (len(body["agents"]), len(body["running"])) == expected
        return len(counted)

    make_run(first, bob, state="queued", finished_at=None, conversation_id=room, trigger="message")
    client.get(f"/api/agents/conversations/{room}")
    before = look((1, 1))
    for name in ("Second", "Third"):
        agent = make_agent(alice, name, audience="site")
        post(bob, f"messenger/conversations/{room}/participants", {"user_ids": [str(agent.user_id)]}, status=200)
        for asker in (alice, bob):
            make_run(agent, asker, state="queued", finished_at=None, conversation_id=room, trigger="message")
    assert look((3, 5)) == before <= 12


# Agents among themselves ----------------------------------------------------------------------------------------------


def test_one_pair_answers_each_other_three_times_in_five_minutes(alice: User) -> None:
    first, second, third = (make_agent(alice, name) for name in ("First", "Second", "Third"))
    room = group(alice, first.user, second.user, third.user)
    parent = make_run(first, alice, conversation_id=room)

    def answered(by: Agent, to: AgentRun) -> AgentRun:
        return make_run(by, alice, conversation_id=room, parent=to, hop=1)

    for _ in range(limits.PAIR_ANSWERS - 1):
        assert Chains(room).may_answer(second, parent)
        # Whoever of the two it is.
        parent, first, second = answered(second, parent), second, first
    last = answered(second, parent)
    assert not Chains(room).may_answer(first, last)
    assert not Chains(room).may_answer(second, make_run(first, alice, conversation_id=room))
    assert Chains(room).may_answer(third, last), "another one may"
    AgentRun.objects.filter(parent__isnull=False).update(created_at=timezone.now() - limits.PAIR_TIME)
    assert Chains(room).may_answer(first, last)


def test_what_is_still_written_is_waited_for_and_heard_when_it_is_whole(alice: User) -> None:
    writer, waiter = make_agent(alice, "Writer", username="writer"), make_agent(alice, "Waiter", username="waiter")
    room = group(alice, writer.user, waiter.user)
    run = make_run(writer, alice, conversation_id=room, trigger="message")
    speech = speaking.begin(
        writer.user, conversation_id=room, client_id=f"{run.pk}:0", text="@waiter, half", run_id=run.pk
    )
    listening.sweep()
    heard = AgentSubscription.objects.get(agent=waiter)
    assert heard.unfinished == [str(speech.message_id)]
    assert not AgentRun.objects.filter(agent=waiter).exists(), "half a word names nobody"
    say(alice, room, "Something else is said meanwhile")
    heard.refresh_from_db()
    assert heard.unfinished == [str(speech.message_id)]
    speaking.finish(speech, "@waiter, half an hour, please", tokens=7)
    begun = AgentRun.objects.get(agent=waiter)
    assert (begun.parent_id, begun.hop, begun.prompt) == (run.pk, 1, "@waiter, half an hour, please")
    heard.refresh_from_db()
    assert heard.unfinished == []
    listening.sweep()
    assert AgentRun.objects.filter(agent=waiter).count() == 1


@pytest.mark.parametrize("ends_by", ["stopped", "taken_back"])
def test_what_never_becomes_whole_wakes_nobody(alice: User, alice_client: JsonClient, ends_by: str) -> None:
    writer, waiter = make_agent(alice, "Writer", username="writer"), make_agent(alice, "Waiter", username="waiter")
    room = group(alice, writer.user, waiter.user)
    run = make_run(writer, alice, conversation_id=room, trigger="message")
    speech = speaking.begin(
        writer.user, conversation_id=room, client_id=f"{run.pk}:0", text="@waiter, half", run_id=run.pk
    )
    listening.sweep()
    if ends_by == "stopped":
        speaking.finish(speech, "@waiter, half", state="stopped", reason="asked")
    else:
        assert alice_client.delete(f"/api/messenger/messages/{speech.message_id}").status_code in (200, 204)
    listening.sweep()
    assert not AgentRun.objects.filter(agent=waiter).exists()
    assert AgentSubscription.objects.get(agent=waiter).unfinished == []
    assert "agents_wait" not in notes(room)
