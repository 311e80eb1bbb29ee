"""Which calls a person is asked about first. Counted from rows, not left to a prompt."""

from __future__ import annotations

from agents.models import AgentApproval
from agents.models import AgentFunction
from agents.models import AgentStep
from agents.runner import tool_steps
from agents.runner.claimed import Claimed
from agents.runner.journal import Ask
from agents.services import approvals
from agents.services.snapshots import FunctionSnapshot

Why = AgentApproval.Why
Confirm = AgentFunction.Confirm
StepState = AgentStep.State


def wanted(claimed: Claimed) -> list[Ask]:
    """The planned calls of the last answer that may not be made before somebody has said yes. In a database thread."""
    if claimed.row.is_dry:
        return []
    asks = [_ask(claimed, step) for step in claimed.batch if step.state == StepState.PLANNED]
    return [ask for ask in asks if ask is not None]


def may_be_wanted(claimed: Claimed) -> bool:
    """Whether there is anything to look up."""
    row = claimed.row
    if row.is_dry:
        return False
    for step in claimed.batch:
        function = claimed.function(step)
        if step.state == StepState.PLANNED and step.pk not in claimed.approved and function is not None:
            reads = function.confirm == Confirm.NEVER and not (row.touched_private and row.touched_outside)
            if not reads or _was_unknown(claimed, step):
                return True
    return False


def _ask(claimed: Claimed, step: AgentStep) -> Ask | None:
    function = claimed.function(step)
    if function is None or step.pk in claimed.approved:
        return None
    why = _why(claimed, step, function)
    if why is None:
        return None
    asker_id, owner_id = claimed.row.asker_id, claimed.row.agent.owner_id if claimed.row.agent else None
    asked_of = owner_id if why == Why.OWNER_ASKS else asker_id
    if asked_of is None or (
        why in (Why.OWNER_ASKS, Why.WRITES) and approvals.has_grant(asked_of, function.pk, function.pinned_hash)
    ):
        return None
    try:
        _wanted, prepared, _function = tool_steps.prepare(claimed, step)
    except tool_steps.Refused:
        return None  # it is told to the model when its turn comes
    return Ask(step, asked_of, why, prepared.shown)


def _why(claimed: Claimed, step: AgentStep, function: FunctionSnapshot) -> Why | None:
    if _was_unknown(claimed, step):
        return Why.AGAIN_AFTER_UNKNOWN
    if _carries_out(claimed, function):
        return Why.PRIVATE_TO_OUTSIDE
    if function.confirm == Confirm.OWNER:
        return Why.OWNER_ASKS
    return Why.WRITES if function.confirm == Confirm.ASKER else None


def _was_unknown(claimed: Claimed, step: AgentStep) -> bool:
    """Nobody knows whether the same was done before."""
    return any(
        one.state == StepState.UNKNOWN and one.arguments_hash == step.arguments_hash and one.n < step.n
        for one in claimed.calls
    )


def _carries_out(claimed: Claimed, function: FunctionSnapshot) -> bool:
    """The rule of three: what has read somebody's own and a stranger's words does not leave for elsewhere unasked."""
    row = claimed.row
    if not function.host or not row.touched_private or not row.touched_outside:
        return False
    return bool(row.touched_outside != [function.host])
