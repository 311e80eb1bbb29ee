"""A person in the middle: a run that waits for a yes or a no."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from agents import access
from agents import limits
from agents.errors import ApprovalOver
from agents.errors import DefinitionChanged
from agents.models import AgentApproval
from agents.models import AgentGrant
from agents.models import AgentRun
from agents.models import AgentStep
from agents.services import notifying
from core.errors import NotFound

State = AgentApproval.State
DENIED = "A person was asked and said no. Do not try it again."
EXPIRED = "A person was asked and did not answer in time, which is a no."
_SLACK = timedelta(seconds=1)


def decide(
    actor: User, run_id: UUID, step_id: UUID, *, approve: bool, arguments_hash: str, remember: bool = False
) -> AgentRun:
    """A yes or a no of whom is asked, for these arguments alone; ``remember`` it for this definition of the function.

    Raises NotFound for anybody else, DefinitionChanged when the arguments are not those that were shown, and
    ApprovalOver for what was decided already.
    """
    asked = AgentApproval.objects.select_related("step__function").filter(step_id=step_id, step__run_id=run_id)
    approval = asked.filter(asked_of=actor).first()
    if approval is None:
        access.run(actor, run_id)
        raise NotFound
    if approval.arguments_hash != arguments_hash:
        raise DefinitionChanged
    with transaction.atomic():
        if approval.expires_at < timezone.now() or not _close(approval, approve=approve, by=actor):
            raise ApprovalOver
        if approve and remember:
            _grant(actor, approval.step)
    return AgentRun.objects.get(pk=run_id)


def expire() -> int:
    """Nobody answered in time: that is a no, and the run goes on. Returns how many."""
    late = AgentApproval.objects.filter(state=State.WAITING, expires_at__lt=timezone.now() - _SLACK)
    count = 0
    for approval in late.select_related("step"):
        with transaction.atomic():
            count += _close(approval, approve=False, by=None)
    return count


def _close(approval: AgentApproval, *, approve: bool, by: User | None) -> bool:
    """Inside a transaction; False when somebody was faster."""
    # Run before step before approval: the run cannot begin to wait, or end, in between.
    run = AgentRun.objects.select_for_update(no_key=True).filter(pk=approval.step.run_id).first()
    waiting = AgentApproval.objects.filter(pk=approval.pk, state=State.WAITING)
    state = State.APPROVED if approve else State.EXPIRED if by is None else State.DENIED
    if run is None or not waiting.update(state=state, decided_by=by, decided_at=timezone.now()):
        return False
    step = AgentStep.objects.filter(pk=approval.step_id, state=AgentStep.State.ASKING)
    if approve:
        step.update(state=AgentStep.State.PLANNED)
    else:
        result = EXPIRED if by is None else DENIED
        step.update(state=AgentStep.State.DENIED, result=result, finished_at=timezone.now())
    notifying.forget_asked(run.pk, [approval.asked_of_id])
    others = AgentApproval.objects.filter(step__run_id=run.pk, state=State.WAITING)
    if run.state == AgentRun.State.WAITING and not others.exists():
        AgentRun.objects.filter(pk=run.pk).update(state=AgentRun.State.QUEUED)
    return True


def _grant(actor: User, step: AgentStep) -> None:
    function = step.function
    if function is not None:
        until = timezone.now() + limits.GRANT_TIME
        values = {"pinned_hash": function.pinned_hash, "until": until}
        AgentGrant.objects.update_or_create(user=actor, function=function, defaults=values)


def has_grant(user_id: UUID, function_id: UUID, pinned_hash: str) -> bool:
    """Whether the person need not be asked again about this definition."""
    grants = AgentGrant.objects.filter(user_id=user_id, function_id=function_id, pinned_hash=pinned_hash)
    return grants.filter(until__gt=timezone.now()).exists()
