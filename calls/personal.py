"""What calls keep of people: when, with whom and how it ended. What was said is never here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.db.models import QuerySet

from calls.models import Call
from calls.models import CallInterval
from calls.models import CallLeg
from calls.models import CallParticipant
from calls.models import CallSettings
from calls.services import ending
from core.personal import Holding
from core.personal import Work
from core.personal import in_batches


def _calls(user_id: UUID) -> QuerySet[Call]:
    took_part = CallParticipant.objects.filter(user_id=user_id).values("call_id")
    return Call.objects.filter(Q(initiator_id=user_id) | Q(payer_id=user_id) | Q(pk__in=took_part))


def _shown(rows: Sequence[Call]) -> list[dict[str, Any]]:
    """As the person saw it: how it is routed inside is the house's."""
    names = ("id", "conversation_id", "call_type", "status", "end_reason", "created_at", "started_at", "ended_at")
    return [{name: getattr(row, name) for name in names} | {"duration": row.duration} for row in rows]


HOLDINGS = [
    Holding(
        model="calls.Call",
        rows=_calls,
        shown=_shown,
        ends="emptied",
        reason="It is a call of others as well: when it was stays, and nothing says that this person was in it.",
    ),
    Holding(model="calls.CallParticipant", rows=lambda user_id: CallParticipant.objects.filter(user_id=user_id)),
    Holding(
        model="calls.CallLeg",
        rows=lambda user_id: CallLeg.objects.filter(user_id=user_id),
        leave_out=("device_key", "pass_hash", "pass_until", "peer_id"),
    ),
    Holding(
        model="calls.CallInterval",
        rows=lambda user_id: CallInterval.objects.filter(user_id=user_id),
        ends="kept",
        reason="Minutes are charged by it; the row names an id, and nothing is left that says whose it was.",
    ),
    Holding(model="calls.CallSettings", rows=lambda user_id: CallSettings.objects.filter(user_id=user_id)),
]

NOT_PERSONAL = {
    "calls.CallClock": "When deadlines were last looked at.",
    "calls.CallProviderEvent": "Ids of what a media server told, and of calls; kept for 30 days.",
}


def erase(user_id: UUID, work: Work) -> None:
    """Everything of a person. Stored events lose their name with those of the messenger, whose streams they are in."""
    ending.end_user(user_id)
    mine = Call.objects.filter(Q(initiator_id=user_id) | Q(payer_id=user_id))
    nobodys: dict[str, Any] = {"client_id": None, "fingerprint": ""}
    while ids := list(mine.order_by("pk").values_list("pk", flat=True)[:500]):
        Call.objects.filter(pk__in=ids, initiator_id=user_id).update(initiator=None, **nobodys)
        Call.objects.filter(pk__in=ids, payer_id=user_id).update(payer=None)
        work.moved(len(ids))
    in_batches(CallLeg.objects.filter(user_id=user_id), work)
    in_batches(CallParticipant.objects.filter(user_id=user_id), work)
    in_batches(CallSettings.objects.filter(user_id=user_id), work)
