"""How devices leave a call, and how a call ends. All of it under the stream of its conversation."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from billing.errors import MeteringUnavailable
from calls import limits
from calls import metrics
from calls.events import CallEnded
from calls.models import Call
from calls.models import CallInterval
from calls.models import CallLeg
from calls.models import CallParticipant
from calls.services import intervals
from calls.services import minutes
from calls.services import record
from calls.services import ringing
from core import jobs
from messenger.presentation.people import person
from messenger.services.notes import write_system_message
from messenger.shapes import SystemNote

logger = logging.getLogger(__name__)

Reason = Call.EndReason
Response = CallParticipant.Response

CLOSE_ROOM = "calls.close_room"
RECONCILE = "calls.reconcile"
REMOVE = "calls.remove_leg"

_UNANSWERED = frozenset({Reason.MISSED, Reason.CANCELLED})
"""After these there is a missed call to tell of."""
_CLOSED_BY = {
    "lost": CallInterval.EndedBy.LEASE,
    "moved": CallInterval.EndedBy.MOVE,
    "ended": CallInterval.EndedBy.END,
}


def take_out(call: Call, legs: Sequence[CallLeg], *, reason: str, now: datetime) -> list[CallLeg]:
    """These devices are not in the call any more; those that had left before are not returned."""
    left: dict[str, Any] = {"state": CallLeg.State.LEFT, "left_reason": reason, "left_at": now}
    left |= {"pass_hash": "", "pass_until": None}
    gone = [leg for leg in legs if CallLeg.objects.filter(pk=leg.pk).exclude(state=CallLeg.State.LEFT).update(**left)]
    if reason != "moved":
        users = record.users_in(gone)
        CallParticipant.objects.filter(call=call, user_id__in=users).update(left_at=now)
    if call.transport == Call.Transport.P2P:  # elsewhere it is measured where the media flows
        intervals.close([leg.pk for leg in gone], by=_CLOSED_BY.get(reason, CallInterval.EndedBy.LEAVE), at=now)
    elif reason == "ended":  # the room is closed with the call
        intervals.close_all(call.pk, by=CallInterval.EndedBy.END, at=now)
    elif call.hms_room_id:
        _put_out(call, gone)
        if reason != "moved" and call.payer_id in record.users_in(gone):
            _settle(call)
    return gone


def _settle(call: Call) -> None:
    """Nobody pays for a call after they left it. What cannot be written now is at the next look."""
    if not settings.CALLS.minutes_limited:
        return
    try:
        minutes.settle(call.pk)
    except MeteringUnavailable:
        logger.warning("calls.not_paid", extra={"call_id": str(call.pk)})


def _put_out(call: Call, gone: Sequence[CallLeg]) -> None:
    """Out of the room, at once; and where browsers have a vendor's token, again when the last one is too old."""
    for leg in gone:
        given = {"leg_id": str(leg.pk)}
        jobs.enqueue(REMOVE, payload=given, key=f"{leg.pk}")
        if call.provider == Call.Provider.HMS:
            jobs.enqueue(REMOVE, payload=given, key=f"{leg.pk}:again", run_at=timezone.now() + limits.TOKEN)


def leave(call: Call, legs: Sequence[CallLeg], *, reason: str, now: datetime, by: UUID | None) -> None:
    """Devices leave, and with them perhaps the call.

    ``reason`` is that of the legs; the call, if it ends by it, ends with the one that fits.
    """
    gone = take_out(call, legs, reason=reason, now=now)
    if not gone:
        return
    for leg in gone:  # also where its user may see nothing more of the conversation
        record.tell([leg.user_id], _ended(call, leg.user_id, end_reason(call, reason)))
    left = record.live_legs(call)
    is_over = not left or (record.is_direct(call) and call.status != Call.Status.RINGING)
    if call.status == Call.Status.RINGING and call.initiator_id in record.users_in(gone):
        is_over = True  # who rings must be there
    if is_over:
        finish(call, end_reason(call, reason), now=now, by=by)
        return
    alone = now + limits.ALONE if len(left) == 1 and call.status != Call.Status.RINGING else None
    notice = "" if call.notice == Call.Notice.AUDIO_ONLY and len(left) <= limits.MESH_VIDEO else call.notice
    record.change(call, alone_until=alone, notice=notice, connect_until=None if alone else call.connect_until)
    record.publish(call, "left" if reason != "lost" else "lost", by)


def end_reason(call: Call, reason: str) -> Reason:
    """How a call ends whose last device left for this reason."""
    if call.status == Call.Status.RINGING:
        return Reason.CANCELLED if reason not in {"removed", "blocked"} else Reason(reason)
    known = {one.value for one in (Reason.LOST, Reason.REMOVED, Reason.BLOCKED, Reason.FAILED)}
    return Reason(reason) if reason in known else Reason.HANGUP


def finish(call: Call, reason: Reason, *, now: datetime, by: UUID | None) -> None:
    """A live call is over for all."""
    duration = max(0, int((now - call.started_at).total_seconds())) if call.started_at else None
    was_ringing = call.status == Call.Status.RINGING
    record.change(
        call,
        status=Call.Status.ENDED,
        end_reason=reason,
        ended_at=now,
        duration=duration,
        connect_until=None,
        alone_until=None,
    )
    take_out(call, record.live_legs(call), reason="ended", now=now)
    rung = record.pending(call)
    seen_at = now if reason in {Reason.BLOCKED, Reason.REMOVED} else None
    CallParticipant.objects.filter(call=call, user_id__in=rung).update(response=Response.MISSED, seen_at=seen_at)
    caller = User.objects.filter(pk=call.initiator_id).first() if call.initiator_id else None
    _write_note(call, caller, reason)
    record.publish(call, "ended", by)
    record.tell(record.people_of(call), _ended(call, None, reason))
    ringing.silence(call, rung)
    if reason in _UNANSWERED and was_ringing:
        ringing.tell_missed(call, caller, rung)
    if call.provider:  # it was on a media server, or on its way there: it is charged, and its room ends
        given = {"call_id": str(call.pk)}
        jobs.enqueue(CLOSE_ROOM, payload=given, key=f"{call.pk}")
        jobs.enqueue(RECONCILE, payload=given, key=f"{call.pk}", run_at=timezone.now() + limits.RECONCILE)
    _count(call, reason)


def finish_live(call: Call, reason: Reason, *, now: datetime, by: UUID | None) -> bool:
    """:func:`finish`, of a call that may be over already; False when it was."""
    if not call.is_live:
        return False
    finish(call, reason, now=now, by=by)
    return True


def _ended(call: Call, user_id: UUID | None, reason: str) -> CallEnded:
    return CallEnded.model_validate(
        {"call_id": call.pk, "conversation_id": call.conversation_id, "user_id": user_id, "reason": reason}
    )


def _write_note(call: Call, caller: User | None, reason: Reason) -> None:
    """One line in the conversation: the call that was missed, or the one that was had."""
    if reason in _UNANSWERED and not call.answered_at:
        said: dict[str, Any] = {"action": "call_missed"}
    elif call.started_at:
        said = {"action": "call_ended", "seconds": call.duration}
    else:
        return
    actor = person(caller) if caller else None
    note = SystemNote.model_validate({"call_type": call.call_type, "actor": actor, **said})
    write_system_message(call.conversation, note=note, actor=caller)


def _count(call: Call, reason: Reason) -> None:
    metrics.CALLS.labels(call.call_type, reason).inc()
    by_way: dict[str, list[tuple[datetime, datetime]]] = {}
    for row in CallInterval.objects.filter(call_id=call.pk):
        by_way.setdefault(row.transport, []).append((row.started_at, row.ended_at or row.seen_at))
    for transport, stays in by_way.items():
        metrics.MINUTES.labels(transport).inc(intervals.overlap(stays) / 60)
