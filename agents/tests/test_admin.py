"""What staff do to agents, with a reason; no page shows them what somebody said."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent
from accounts.models import User
from agents.models import Agent
from agents.models import AgentFunction
from agents.models import AgentRun
from agents.models import AgentStep
from agents.tests.factories import add_function
from agents.tests.factories import make_agent
from agents.tests.factories import make_run
from conftest import JsonClient
from conftest import make_user


@pytest.fixture
def root(db: None) -> Client:
    client = Client()
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    return client


def _act(root: Client, model: str, name: str, row: object) -> None:
    path = reverse(f"admin:agents_{model}_changelist")
    chosen = {"action": name, "_selected_action": str(row), "reason": "It spams", "confirmed": "yes"}
    answer = root.post(path, chosen, follow=True)
    assert answer.status_code == 200


def test_staff_switch_off_and_stop(alice: User, alice_client: JsonClient, root: Client) -> None:
    agent = make_agent(alice, audience="site")
    function = add_function(agent)
    run = make_run(agent, alice, state="running", finished_at=None)
    _act(root, "agentfunction", "switch_off_function", function.pk)
    assert not AgentFunction.objects.get().is_enabled
    _act(root, "agentrun", "stop_run", run.pk)
    assert AgentRun.objects.get().stop_requested
    _act(root, "agent", "switch_off_agent", agent.pk)
    assert (Agent.objects.get().is_active, Agent.objects.get().switched_off_by_staff) == (False, True)
    path = f"/api/agents/{agent.pk}"
    assert alice_client.get(path).json()["switched_off_by_staff"]
    refused = alice_client.patch(path, {"is_active": True})
    assert (refused.status_code, refused.json()["code"]) == (409, "agent_inactive")
    _act(root, "agent", "let_agent_on", agent.pk)
    assert alice_client.patch(path, {"is_active": True}).json()["is_active"]
    events = AuditEvent.objects.filter(event__startswith="agent").values_list("event", flat=True)
    assert {"agent_function.switched_off", "agent_run.stopped", "agent.switched_off", "agent.let_on"} <= set(events)


def test_no_page_shows_what_was_said(alice: User, root: Client) -> None:
    agent = make_agent(alice, system_prompt="zqx-orders")
    agent.draft = {"system_prompt": "zqx-draft"}
    agent.save()
    function = add_function(agent, secret="zqx-secret", headers={"X-A": "zqx-header"})
    run = make_run(agent, alice, prompt="zqx-asked", history=[{"content": "zqx-before"}])
    step = AgentStep.objects.create(
        run=run, n=1, kind="tool", state="done", arguments={"a": "zqx"}, result="zqx-result"
    )
    for row in (agent, function, run, step):
        name = row._meta.model_name
        for path in (reverse(f"admin:agents_{name}_changelist"), reverse(f"admin:agents_{name}_change", args=[row.pk])):
            answer = root.get(path)
            assert answer.status_code == 200
            assert "zqx" not in answer.content.decode()
