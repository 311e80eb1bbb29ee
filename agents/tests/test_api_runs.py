"""Who may see runs, and what lists cost."""

from __future__ import annotations

from uuid import UUID
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from agents.models import Agent
from agents.models import AgentApproval
from agents.models import AgentStep
from agents.tests.factories import give_plan
from agents.tests.factories import make_agent
from agents.tests.factories import make_run
from conftest import signed_in


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "agents/runs/{run}", None),
        ("get", "agents/runs/{run}/stream", None),
        ("post", "agents/runs/{run}/stop", {}),
        ("post", "agents/runs/{run}/continue", {}),
        ("post", "agents/runs/{run}/approvals/{step}", {"decision": "approve", "arguments_hash": "0"}),
        ("get", "agents/{agent}/runs", None),
        ("post", "agents/{agent}/execute", {"input": "Hello"}),
    ],
)
def test_a_stranger_finds_nothing(alice: User, charlie: User, method: str, path: str, body: object) -> None:
    agent = make_agent(alice)
    run = make_run(agent, alice)
    step = _asking(run.pk, alice)
    url = "/api/" + path.format(run=run.pk, step=step.pk, agent=agent.pk)
    response = getattr(signed_in(charlie), method)(url, *([body] if body is not None else []))
    assert response.status_code == 404
    assert getattr(signed_in(charlie), method)("/api/" + path.format(run=uuid4(), step=uuid4(), agent=uuid4()),
        *([body] if body is not None else [])).status_code == 404  # fmt: skip


def _asking(run_id: UUID, asked_of: User) -> AgentStep:
    step = AgentStep.objects.create(run_id=run_id, n=1, kind="tool", state="asking", name="note", arguments_hash="0")
    AgentApproval.objects.create(
        step=step, asked_of=asked_of, why="writes", arguments_hash="0", expires_at=timezone.now()
    )
    return step


def test_the_list_costs_the_same_however_long_it_is(
    alice: User, bob: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    agent = make_agent(alice, audience="site")
    client = signed_in(alice)
    for count in (2, 20):
        for _number in range(count):
            make_run(agent, bob)
        client.get(f"/api/agents/{agent.pk}/runs")
        with django_assert_num_queries(3):  # the session, whose agent it is, the page
            response = client.get(f"/api/agents/{agent.pk}/runs")
    assert len(response.json()["results"]) == 22
    assert client.get(f"/api/agents/{agent.pk}/runs?state=failed").json()["results"] == []
    assert client.get(f"/api/agents/{agent.pk}/runs?state=x").status_code == 400


def test_an_owner_sees_of_others_runs_what_they_cost_and_not_what_they_say(alice: User, bob: User) -> None:
    agent = make_agent(alice, audience="site")
    run = make_run(agent, bob, prompt="A secret question", prompt_tokens=7)
    AgentStep.objects.create(
        run=run, n=1, kind="model", state="done", text="A secret answer", request={"url": "https://a.example/secret"}
    )
    shown = signed_in(alice).get(f"/api/agents/runs/{run.pk}")
    assert shown.status_code == 200
    assert "secret" not in shown.content.decode()
    assert shown.json()["total_tokens"] == 7
    assert "A secret answer" in signed_in(bob).get(f"/api/agents/runs/{run.pk}").content.decode()


def test_an_agent_answers_only_while_it_is_on_and_its_owners_plan_has_agents(alice: User, bob: User) -> None:
    agent = make_agent(alice, audience="site")
    Agent.objects.filter(pk=agent.pk).update(is_active=False)
    asked = signed_in(alice).post(f"/api/agents/{agent.pk}/execute", {"input": "Hello"})
    assert (asked.status_code, asked.json()["code"]) == (409, "agent_inactive")
    Agent.objects.filter(pk=agent.pk).update(is_active=True)
    give_plan(alice, "basic")
    asked = signed_in(alice).post(f"/api/agents/{agent.pk}/execute", {"input": "Hello"})
    assert (asked.status_code, asked.json()["code"]) == (403, "upgrade_required")
    asked = signed_in(bob).post(f"/api/agents/{agent.pk}/execute", {"input": "Hello"})
    assert (asked.status_code, asked.json()["code"]) == (409, "agent_inactive")


def test_only_who_pays_continues_a_run_and_only_one_that_met_a_bound(alice: User, bob: User) -> None:
    agent = make_agent(alice, audience="site")
    run = make_run(agent, bob, state="limited", reason="steps")
    assert signed_in(alice).post(f"/api/agents/runs/{run.pk}/continue").status_code == 404
    done = make_run(agent, bob)
    refused = signed_in(bob).post(f"/api/agents/runs/{done.pk}/continue")
    assert (refused.status_code, refused.json()["code"]) == (409, "run_over")
