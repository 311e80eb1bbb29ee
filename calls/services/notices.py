"""What a vendor's media server tells of its own accord: taken once each, and only a reason to look there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from calls.models import Call
from calls.models import CallProviderEvent
from calls.services import paying
from core import jobs

_LOOKED_AT = frozenset({"peer.join.success", "peer.leave.success", "session.close.success"})
_ID = 150


@dataclass(frozen=True, slots=True)
class Notice:
    """``id`` is the vendor's own of the event, ``room_id`` that of the room."""

    id: str
    type: str
    room_id: str


def read(body: Any) -> Notice:
    """A notification of 100ms. Raises ValueError for what is none."""
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict):
        raise ValueError("No notification.")
    return Notice(_text(body.get("id")), _text(body.get("type")), _text(data.get("room_id"), may_be_missing=True))


def _text(value: Any, *, may_be_missing: bool = False) -> str:
    if value is None and may_be_missing:
        return ""
    if not isinstance(value, str) or not value or len(value) > _ID or "\x00" in value:
        raise ValueError("No notification.")
    return value


@transaction.atomic
def take(notice: Notice) -> bool:
    """Note it, and look at the room soon; False when it was taken before."""
    call_id = _call_of(notice.room_id)
    now = timezone.now()
    row = CallProviderEvent(
        key=f"hms:{notice.id}", type=notice.type[:64], call_id=call_id, received_at=now, done_at=now
    )
    if CallProviderEvent.objects.filter(pk=row.pk).exists():
        return False
    CallProviderEvent.objects.bulk_create([row], ignore_conflicts=True)
    if call_id and notice.type in _LOOKED_AT:
        jobs.enqueue(paying.READ_STAYS, payload={"call_id": str(call_id)}, key=f"hms:{notice.id}")
    return True


def _call_of(room_id: str) -> UUID | None:
    if not room_id:
        return None
    found = Call.objects.filter(provider=Call.Provider.HMS, hms_room_id=room_id)
    return found.order_by("-id").values_list("pk", flat=True).first()
