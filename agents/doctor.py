"""What this app looks at for ``manage.py doctor``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import Q

from agents import limits
from agents.models import AgentApproval
from agents.models import AgentRun
from agents.models import AgentSource
from agents.services import choosing
from core import sql
from core.errors import DomainError
from core.findings import Check
from core.findings import Finding
from core.findings import ok
from core.findings import warn

_OVERDUE = timedelta(minutes=2)


def checks() -> Iterator[Check]:
    """In the order in which they are reported."""
    yield Check("models of agents", models, needs="migrations")
    yield Check("hosts of agents", hosts)
    yield Check("runs of agents", runs, needs="migrations")
    yield Check("sources of agents", sources, needs="migrations")


def models() -> Iterator[Finding]:
    """Without a model that calls functions nobody can make an agent."""
    try:
        found = choosing.default(limits.NEEDED_TIER)
    except DomainError:
        yield warn(
            "models of agents",
            "No model on offer calls functions, so nobody can make an agent or try one. Enter a provider's key, or set "
            "DEMO_PROVIDERS=true.",
        )
        return
    yield ok("models of agents", f"A new agent begins with {found.name}.")


def hosts() -> Iterator[Finding]:
    """What functions may reach beside public servers with https."""
    inside, plain = settings.AGENT_PRIVATE_HOSTS, settings.AGENT_HTTP_HOSTS
    useless = sorted(set(plain) - set(inside))
    if useless:
        yield warn(
            "hosts of agents",
            f"{', '.join(useless)}: calls go there by plain http, so whoever is on the way reads them with their keys. "
            "Give it a certificate, and take it out of AGENT_HTTP_HOSTS.",
        )
    elif inside:
        yield ok("hosts of agents", f"Functions of anybody's may call {', '.join(inside)} inside this network.")
    else:
        yield ok("hosts of agents", "Functions call public servers by https only.")


def runs() -> Iterator[Finding]:
    """A run that nobody takes up, and a question that is over its time."""
    now = sql.now()
    silent = AgentRun.objects.filter(state=AgentRun.State.RUNNING, lease_until__lt=now - _OVERDUE).count()
    free = Q(due_at=None) | Q(due_at__lt=now - _OVERDUE)
    waiting = AgentRun.objects.filter(free, state=AgentRun.State.QUEUED, created_at__lt=now - _OVERDUE).count()
    late = AgentApproval.objects.filter(state=AgentApproval.State.WAITING, expires_at__lt=now - _OVERDUE).count()
    if silent or late:
        yield warn(
            "runs of agents",
            f"{silent} runs were lost by their process, and {late} questions to people are over their time. See that a "
            "serving process and beat run.",
        )
    elif waiting:
        yield warn(
            "runs of agents",
            f"{waiting} runs wait for their turn since {_OVERDUE.seconds // 60} minutes or more. One process works on "
            f"{limits.RUNS_OF_A_PROCESS} at once: start another one.",
        )
    else:
        yield ok("runs of agents", "None waits that should not.")


def sources() -> Iterator[Finding]:
    """Servers that did not answer at the last look; their owners see which."""
    failing = AgentSource.objects.filter(agent__deleted_at=None, state=AgentSource.State.FAILING).count()
    if failing:
        yield warn("sources of agents", f"{failing} did not answer when they were last looked at.")
    else:
        yield ok("sources of agents", "All have answered at the last look.")
