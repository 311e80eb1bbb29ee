"""What agents keep of people: their own agents and all that belongs to those, and what they asked of anybody's.

Of runs that somebody else paid or asked for, what was said goes and the figures stay.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models import QuerySet

from agents.models import Agent
from agents.models import AgentApproval
from agents.models import AgentConversation
from agents.models import AgentFunction
from agents.models import AgentFunctionDay
from agents.models import AgentGrant
from agents.models import AgentMemory
from agents.models import AgentRun
from agents.models import AgentSource
from agents.models import AgentStep
from agents.models import AgentSubscription
from agents.services import agents
from core.personal import Holding
from core.personal import Work
from core.personal import in_batches

_BATCH = 200


def _runs(user_id: UUID) -> QuerySet[AgentRun]:
    return AgentRun.objects.filter(Q(asker_id=user_id) | Q(payer_id=user_id) | Q(agent__owner_id=user_id))


def _told(user_id: UUID) -> QuerySet[AgentRun]:
    """The runs whose words are theirs to take along."""
    return AgentRun.objects.filter(Q(asker_id=user_id) | Q(payer_id=user_id))


def _steps(user_id: UUID) -> QuerySet[AgentStep]:
    return AgentStep.objects.filter(run__in=_told(user_id).values("pk"))


HOLDINGS = [
    Holding(model="agents.Agent", rows=lambda user_id: Agent.objects.filter(owner_id=user_id)),
    Holding(
        model="agents.AgentSource",
        rows=lambda user_id: AgentSource.objects.filter(agent__owner_id=user_id),
        leave_out=("secret",),
    ),
    Holding(
        model="agents.AgentFunction",
        rows=lambda user_id: AgentFunction.objects.filter(agent__owner_id=user_id),
        leave_out=("secret", "secret_before"),
    ),
    Holding(
        model="agents.AgentFunctionDay",
        rows=lambda user_id: AgentFunctionDay.objects.filter(function__agent__owner_id=user_id),
    ),
    Holding(
        model="agents.AgentSubscription",
        rows=lambda user_id: AgentSubscription.objects.filter(Q(added_by_id=user_id) | Q(agent__owner_id=user_id)),
    ),
    Holding(
        model="agents.AgentConversation",
        rows=lambda user_id: AgentConversation.objects.filter(paused_by_id=user_id),
        ends="emptied",
        reason="That the agents of a conversation are stopped is its members' matter; who stopped them is gone.",
    ),
    Holding(
        model="agents.AgentRun",
        rows=_told,
        leave_out=("snapshot", "fingerprint"),
        ends="emptied",
        reason="Figures of what was used stay beside the ledger; nothing says whose they were, or what was said.",
    ),
    Holding(
        model="agents.AgentStep",
        rows=_steps,
        leave_out=("state_for_model",),
        ends="emptied",
        reason="Figures of what was used stay; what was said, sent and answered goes.",
    ),
    Holding(model="agents.AgentApproval", rows=lambda user_id: AgentApproval.objects.filter(asked_of_id=user_id)),
    Holding(model="agents.AgentGrant", rows=lambda user_id: AgentGrant.objects.filter(user_id=user_id)),
    Holding(model="agents.AgentMemory", rows=lambda user_id: AgentMemory.objects.filter(user_id=user_id)),
]

NOT_PERSONAL: dict[str, str] = {}

_EMPTY_RUN: dict[str, Any] = {
    "prompt": "",
    "history": [],
    "snapshot": {},
    "client_id": None,
    "fingerprint": "",
    "error": None,
    "answer_message_ids": [],
    "joined_message_ids": [],
    "touched_outside": [],
}
_EMPTY_STEP: dict[str, Any] = {
    "text": "",
    "calls": [],
    "state_for_model": None,
    "name": "",
    "call_id": "",
    "arguments": None,
    "arguments_hash": "",
    "request": None,
    "response": None,
    "result": "",
    "error": "",
}


def erase(user_id: UUID, work: Work) -> None:
    """Everything of a person; their agents are nobody's, and said what they said under no name."""
    for agent in Agent.objects.current().filter(owner_id=user_id):
        with transaction.atomic():
            agents.end(agent)
        work.moved(1)
    rows = _runs(user_id).order_by("pk")
    while ids := list(rows.values_list("pk", flat=True)[:_BATCH]):
        of_theirs = AgentRun.objects.filter(pk__in=ids)
        agents.stop_runs(of_theirs)
        AgentStep.objects.filter(run_id__in=ids).update(**_EMPTY_STEP)
        of_theirs.update(**_EMPTY_RUN)
        # By these it is known that nothing is left to do of a run: a purge that is cut off here goes on behind it.
        AgentRun.objects.filter(pk__in=ids, asker_id=user_id).update(asker=None)
        AgentRun.objects.filter(pk__in=ids, payer_id=user_id).update(payer=None)
        AgentRun.objects.filter(pk__in=ids, agent__in=Agent.objects.filter(owner_id=user_id)).update(agent=None)
        work.moved(len(ids))
    in_batches(AgentApproval.objects.filter(asked_of_id=user_id), work)
    AgentApproval.objects.filter(decided_by_id=user_id).update(decided_by=None)
    in_batches(AgentGrant.objects.filter(user_id=user_id), work)
    in_batches(AgentMemory.objects.filter(user_id=user_id), work)
    in_batches(AgentSubscription.objects.filter(agent__owner_id=user_id), work)
    AgentSubscription.objects.filter(added_by_id=user_id).update(added_by=None)
    AgentConversation.objects.filter(paused_by_id=user_id).update(paused_by=None)
    in_batches(Agent.objects.filter(owner_id=user_id), work)
