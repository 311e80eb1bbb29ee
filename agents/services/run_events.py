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
from agents.presentation import endings
from agents.presentation.runs import approval_shape
from agents.services import notifying
from core.realtime import streams
from core.realtime.events import Event
from core.realtime.names import user_stream
from messenger.access import conversation_stream

_UNWANTED = (AgentRun.State.LIMITED, AgentRun.State.FAILED)


def publish_running(run: AgentRun, state: str, *, tool: str = "") -> None:
    """The members see what an agent of theirs does; of runs elsewhere nobody is told."""
    if run.conversation_id is None or (agent := run.agent) is None:
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
    told: list[tuple[UUID, Event]] = []
    if run.payer_id is not None:
        told.append((run.payer_id, _changed(run)))
    if run.asker_id is not None and (refused := _unanswered(run)) is not None:
        told.append((run.asker_id, refused))
    for user_id, event in sorted(told, key=lambda one: one[0]):
        streams.append(user_stream(user_id), event)


def _unanswered(run: AgentRun) -> AgentRefused | None:
    """Where an end is told below the answer and there is none, who has asked would wait for ever."""
    place, message = run.conversation_id, run.trigger_message_id
    if place is None or message is None or run.answer_message_ids or run.state not in _UNWANTED:
        return None
    if (agent := run.agent) is None:
        return None
    error = endings.error_of(run)
    return AgentRefused(
        conversation_id=place,
        message_id=message,
        agent_id=agent.pk,
        user_id=agent.user_id,
        code=error["code"],
        error=error["error"],
        reset_at=error.get("reset_at"),
        run_id=run.pk,
    )


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
