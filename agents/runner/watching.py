"""All runs of a process at once: whether they are still its own, and whether they have to end."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from agents import limits
from agents.models import AgentConversation
from agents.models import AgentRun
from core.jobs import claims
from messenger.models import Message


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of a run that is still this process's; ``stop`` is why it has to end, empty when it need not."""

    stop: str


def look(held: Sequence[tuple[UUID, int]], *, renew: bool) -> dict[UUID, Look]:
    """What others want of these runs; those that are missing belong to somebody else. ``renew`` their leases, too."""
    fences = dict(held)
    rows = AgentRun.objects.filter(pk__in=fences, lease_until__isnull=False)
    if renew:
        # By its fence each: a process that slept must not keep alive what another one has claimed.
        claim_of = Q()
        for pk, fence in held:
            claim_of |= Q(pk=pk, fence=fence)
        rows.filter(claim_of).update(lease_until=timezone.now() + limits.LEASE)
    found = [row for row in rows.select_related("agent").only(*_LOOKED_AT) if fences[row.pk] == row.fence]
    places = {row.conversation_id for row in found if row.trigger == AgentRun.Trigger.MESSAGE}
    epochs = dict(AgentConversation.objects.filter(pk__in=places).values_list("pk", "epoch")) if places else {}
    return {row.pk: Look(_stop(row, epochs)) for row in found}


_LOOKED_AT = (
    "fence",
    "stop_requested",
    "trigger",
    "trigger_message_id",
    "joined_message_ids",
    "conversation_id",
    "subscription_id",
    "epoch",
    "template",
    "agent",
    "agent__is_active",
    "agent__switched_off_by_staff",
    "agent__deleted_at",
)


def _stop(row: AgentRun, epochs: Mapping[UUID, int]) -> str:
    """Why a run has to end now; empty when it need not."""
    if row.trigger == AgentRun.Trigger.MESSAGE:
        if row.conversation_id is None or row.subscription_id is None:
            return AgentRun.Reason.REMOVED
        if epochs.get(row.conversation_id, 0) != row.epoch:
            return AgentRun.Reason.PAUSED
    if row.stop_requested:
        return AgentRun.Reason.TAKEN_BACK if _is_taken_back(row) else AgentRun.Reason.ASKED
    if row.template:
        return ""
    agent = row.agent
    if agent is None or agent.deleted_at is not None or agent.switched_off_by_staff:
        return AgentRun.Reason.REMOVED
    is_tried = row.trigger == AgentRun.Trigger.CONSOLE
    return "" if agent.is_active or is_tried else AgentRun.Reason.REMOVED


def _is_taken_back(row: AgentRun) -> bool:
    asked = [one for one in (row.trigger_message_id, *row.joined_message_ids) if one is not None]
    return bool(asked) and Message.objects.filter(pk__in=asked, is_deleted=True).exists()


def free_lost() -> int:
    """Runs whose process is silent wait for another one."""
    rows = AgentRun.objects.filter(state=AgentRun.State.RUNNING)
    return claims.take_back(rows, timezone.now(), state=AgentRun.State.QUEUED)
