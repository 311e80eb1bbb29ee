"""A template is tried before anybody has an agent: a run of none, with the functions of the template.

Nothing of it is kept but the run. Its functions are made anew for each call, as rows that nobody saves: all of them
stay in this house, so there is no address and no secret that would have to be somebody's.
"""

from __future__ import annotations

from functools import lru_cache
from uuid import NAMESPACE_URL
from uuid import UUID
from uuid import uuid5

from accounts.models import User
from agents.models import Agent
from agents.models import AgentFunction
from agents.models import AgentRun
from agents.models import AgentSource
from agents.services import choosing
from agents.services import functions
from agents.services import reading
from agents.services import runs
from agents.services import snapshots
from agents.services import sources
from agents.services import templates
from billing import metering
from core.errors import NotFound


def begin(actor: User, template_id: str, question: runs.Question, *, client_id: str | None = None) -> AgentRun:
    """A new run of a template with the site's default model, paid by who tries; no plan is asked for.

    Raises NotFound, IdempotencyMismatch, TokenLimitExceeded, and the errors of :mod:`core.llm.errors`.
    """
    if client_id and (known := runs.repeated(actor, None, client_id, question)):
        return known
    agent, rows = agent_of(template_id, actor)
    runs.require_tokens(actor.pk)
    return runs.store(
        AgentRun(
            agent=None,
            template=template_id,
            version=agent.version,
            snapshot=snapshots.of(agent, tuple(map(snapshots.FunctionSnapshot.of, rows))).stored(),
            trigger=AgentRun.Trigger.CONSOLE,
            is_dry=question.really_call is False,
            payer=actor,
            asker=actor,
        ),
        question,
        client_id=client_id,
    )


def agent_of(template_id: str, actor: User) -> tuple[Agent, list[AgentFunction]]:
    """Who would be asked, with what it may call; none of it has a row. Raises NotFound."""
    template = templates.known(template_id)
    if template is None:
        raise NotFound
    agent = _agent(template, actor.pk)
    agent.model = choosing.default(metering.tier_of(actor.pk)).id
    return agent, _functions(template, agent)


def function(template_id: str, name: str, asker_id: UUID) -> AgentFunction | None:
    """One of a template's functions as a row, for a call; None when the template has it no more."""
    template = templates.known(template_id)
    if template is None:
        return None
    return next((row for row in _functions(template, _agent(template, asker_id)) if row.name == name), None)


def _agent(template: templates.Template, asker_id: UUID) -> Agent:
    """Who it would be. Its id is the template's, so that calls under it name the same agent each time."""
    return Agent(
        pk=uuid5(NAMESPACE_URL, f"template:{template.id}"),
        owner_id=asker_id,
        name=str(template.name),
        system_prompt=str(template.system_prompt),
    )


def _functions(template: templates.Template, agent: Agent) -> list[AgentFunction]:
    made = [functions.unsaved(agent, values) for values in template.functions]
    if template.source is not None:
        source = AgentSource(pk=uuid5(agent.pk, "source"), agent=agent, **template.source)
        taken: set[str] = set()
        for one in _offered(source.kind, source.url, source.name):
            row = sources.approved(agent, source, one, taken)
            # Of a server of ours its word is enough: none of its tools changes anything.
            row.effect, row.confirm, row.repeat = "read", "never", "always"
            made.append(row)
    for row in made:
        row.pk = uuid5(agent.pk, row.name)
    return made


@lru_cache
def _offered(kind: str, url: str, name: str) -> tuple[reading.Offered, ...]:
    """What a source inside this process offers: the same at every look."""
    return reading.read(AgentSource(kind=kind, url=url, name=name)).functions
