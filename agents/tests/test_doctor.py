"""What the doctor and the dashboard say of agents."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from agents import doctor
from agents import panels
from agents.models import AgentApproval
from agents.models import AgentRun
from agents.models import AgentStep
from agents.tests.factories import make_agent
from agents.tests.factories import make_run
from core import dashboard
from core.findings import Finding
from core.llm import discovery

LATE = timedelta(minutes=3)


def the(findings: object) -> Finding:
    (found,) = findings  # type: ignore[misc]
    assert isinstance(found, Finding)
    return found


@pytest.mark.django_db
def test_all_is_well() -> None:
    assert {one.state for check in doctor.checks() for one in check.look()} == {"ok"}


@pytest.mark.parametrize(("inside", "plain", "state"), [([], [], "ok"), (["n8n:5678"], ["n8n:5678"], "ok")])
def test_hosts(settings: Settings, inside: list[str], plain: list[str], state: str) -> None:
    settings.AGENT_PRIVATE_HOSTS, settings.AGENT_HTTP_HOSTS = inside, plain
    assert the(doctor.hosts()).state == state
    settings.AGENT_HTTP_HOSTS = [*plain, "open.example.com:80"]
    found = the(doctor.hosts())
    assert (found.state, "open.example.com:80" in found.sentence) == ("warn", True)


@pytest.mark.django_db
def test_without_a_model_that_calls_functions(settings: Settings) -> None:
    settings.DEMO_PROVIDERS = False
    discovery.forget()
    found = the(doctor.models())
    discovery.forget()
    assert (found.state, "DEMO_PROVIDERS" in found.sentence) == ("warn", True)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"state": "running", "lease_until": LATE}, "1 runs were lost"),
        ({"state": "queued"}, "1 runs wait for their turn"),
        ({"state": "waiting"}, "1 questions to people"),
    ],
)
def test_runs_that_nobody_takes_up(alice: User, fields: dict[str, object], says: str) -> None:
    past = timezone.now() - LATE
    given = {name: past if value is LATE else value for name, value in fields.items()}
    run = make_run(make_agent(alice), alice, finished_at=None, created_at=past, **given)
    if run.state == "waiting":
        step = AgentStep.objects.create(run=run, n=1, kind="tool", state="asking", name="note")
        AgentApproval.objects.create(step=step, asked_of=alice, why="writes", arguments_hash="h", expires_at=past)
    found = the(doctor.runs())
    assert (found.state, says in found.sentence) == ("warn", True)
    AgentRun.objects.update(state="complete", lease_until=None, finished_at=past)
    AgentApproval.objects.update(state="expired")
    assert the(doctor.runs()).state == "ok"


def test_a_source_that_did_not_answer(alice: User) -> None:
    make_agent(alice).sources.create(kind="mcp", name="theirs", state="failing")
    assert the(doctor.sources()).state == "warn"


def test_figures_for_staff(alice: User) -> None:
    agent = make_agent(alice)
    for state in ("complete", "complete", "limited", "failed"):
        make_run(agent, alice, state=state, prompt_tokens=100, completion_tokens=20)
    run = make_run(agent, alice, state="waiting", finished_at=None)
    for n, state in enumerate(("done", "done", "unknown"), start=1):
        AgentStep.objects.create(run=run, n=n, kind="tool", state=state, name="note")
    panel = panels.Agents()
    assert {card.key: card.value for card in panel.cards()} == {
        "agents": 1,
        "agent_runs_live": 1,
        "agent_runs_waiting": 1,
    }
    charts = {
        chart.key: {line.name: line.values[-1] for line in chart.series}
        for chart in panel.charts(dashboard.last_days(14))
    }
    assert charts["agent_runs"] == {"Complete": 2, "Met a bound": 1, "Stopped": 0, "Failed": 1}
    assert charts["agent_tokens"] == {"Tokens": 480}
    assert charts["agent_calls"] == {"Done": 2, "Failed": 0, "Denied": 0, "Nobody knows": 1}
