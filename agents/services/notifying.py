"""Telling people's devices of runs: that one waits for them, and that one has ended which nobody looks at."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from agents.models import AgentApproval
from agents.models import AgentRun
from core import jobs
from core import push
from core.jobs import looks

ASKS, ENDED = "agent_asks", "agent_run"
TELL_ASKED = "agents.tell_asked"
PATIENCE = timedelta(seconds=5)
"""Who sees the question on their screen answers it, or has at least seen it."""
LONG = timedelta(seconds=20)
"""Who waits for less is still there."""
_ENDS_TOLD = (AgentRun.State.LIMITED, AgentRun.State.FAILED)


def note_asked(approvals: Collection[AgentApproval]) -> None:
    """Somebody is asked: who has not answered in a moment is told. In the transaction that asks."""
    reachable = push.reachable({one.asked_of_id for one in approvals})
    for one in approvals:
        if one.asked_of_id in reachable:
            jobs.enqueue(TELL_ASKED, payload={"approval_id": str(one.pk)}, run_at=timezone.now() + PATIENCE)


def tell_asked(approval_id: UUID) -> int:
    """Tell of a question that still waits, unless its person follows the run; to how many devices."""
    waiting = AgentApproval.objects.filter(pk=approval_id, state=AgentApproval.State.WAITING)
    one = waiting.select_related("asked_of", "step__run__agent").first()
    if one is None:
        return 0
    run = one.step.run
    if one.asked_of_id == run.asker_id and looks.is_watched(run.pk):
        return 0
    with translation.override(one.asked_of.language):
        plain = _("An agent waits for your answer")
        body = _("May “{function}” be called?").format(function=one.step.name)
        return push.notify([_notice(run, one.asked_of, kind=ASKS, plain=plain, body=body, until=one.expires_at)])


def forget_asked(run_id: UUID, user_ids: Collection[UUID]) -> None:
    """It is decided, or nobody needs to any more: what is shown of it goes."""
    for user_id in user_ids:
        push.clear(user_id, _tag(ASKS, run_id))


def note_ended(run: AgentRun) -> None:
    """Tell who has asked, when it took long or did not come to its own end, and they do not look at it.

    In the transaction that ends it. What stands in a conversation is told by the messenger.
    """
    ended = run.finished_at or timezone.now()
    is_long = run.state == AgentRun.State.COMPLETE and ended - run.created_at >= LONG
    if run.answer_message_ids or not (is_long or run.state in _ENDS_TOLD):
        return
    if (asker := run.asker) is None or looks.is_watched(run.pk):
        return
    with translation.override(asker.language):
        plain = {
            AgentRun.State.COMPLETE: _("An agent has finished"),
            AgentRun.State.LIMITED: _("An agent had to stop before it was finished"),
            AgentRun.State.FAILED: _("An agent could not finish"),
        }[AgentRun.State(run.state)]
        push.notify([_notice(run, asker, kind=ENDED, plain=plain, body=plain, until=ended + timedelta(days=1))])


def _notice(run: AgentRun, person: User, *, kind: str, plain: str, body: str, until: datetime) -> push.Notice:
    """What was asked and answered is not said: a lock screen is everybody's."""
    is_there = run.conversation_id is not None and person.pk == run.asker_id
    return push.Notice(
        user_id=person.pk,
        kind=kind,
        tag=_tag(kind, run.pk),
        title=run.agent.name if run.agent is not None else str(run.snapshot.get("name", "")),
        body=body,
        plain=plain,
        url=f"/app/messages/{run.conversation_id}" if is_there else f"/app/agents/runs/{run.pk}",
        urgency="high" if kind == ASKS else "normal",
        life=until - timezone.now(),
    )


def _tag(kind: str, run_id: UUID) -> str:
    return f"{kind}:{run_id}"
