"""What people are told of runs: the members of a conversation in passing, who pays and who is asked for good."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from django.db import transaction

from agents.events import AgentRefused
from agents.events import AgentRunChanged
from agents.events import AgentRunning
from agents.events import Doing
from agents.models import AgentApproval
from agents.models import AgentRun
from agents.presentation.runs import approval_shape
from agents.services import notifying
from core.realtime import streams
from core.realtime.names import user_stream
from messenger.access import conversation_stream


def publish_running(run: AgentRun, state: str, *, tool: str = "") -> None:
    """The members see what an agent of theirs does; of runs elsewhere nobody is told."""
    agent = run.agent
    if run.conversation_id is None or agent is None:
        return
    doing = Doing(name=tool) if tool else None
    event = AgentRunning(
        conversation_id=run.conversation_id, run_id=run.pk, user_id=agent.user_id, state=state, doing=doing
    )
    streams.publish_ephemeral(conversation_stream(run.conversation_id), event)


def publish_ended(run: AgentRun) -> None:
    """Who pays learns how it ended. In the transaction that ends it, as its last statement: a person's stream is
    locked after everything else."""
    transaction.on_commit(partial(publish_running, run, run.state))
    notifying.note_ended(run)
    if run.payer_id is not None:
        streams.append(user_stream(run.payer_id), _changed(run))


def publish_asked(run: AgentRun, approvals: Sequence[AgentApproval]) -> None:
    """Who is asked about a call sees what would be sent. In the transaction that asks."""
    notifying.note_asked(approvals)
    streams_of = {one.asked_of_id for one in approvals}
    for user_id in sorted(streams_of):
        for one in approvals:
            if one.asked_of_id == user_id:
                streams.append(user_stream(user_id), _changed(run, one))


def publish_refused(refusals: Sequence[tuple[UUID, AgentRefused]]) -> None:
    """Who has asked, and nobody else, learns why there is no answer. In a transaction."""
    for user_id, event in sorted(refusals, key=lambda one: one[0]):
        streams.append(user_stream(user_id), event)


def _changed(run: AgentRun, approval: AgentApproval | None = None) -> AgentRunChanged:
    return AgentRunChanged(
        run_id=run.pk,
        agent_id=run.agent_id,
        conversation_id=run.conversation_id,
        state=AgentRun.State.WAITING if approval is not None else run.state,
        reason=(run.reason or None) if not run.is_live else None,
        approval=approval_shape(approval.step, approval) if approval is not None else None,
    )
