"""How devices leave a call, and how a call ends. All of it under the stream of its conversation."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from accounts.models import User
from calls import limits
from calls import metrics
from calls.events import CallEnded
from calls.models import Call
from calls.models import CallInterval
from calls.models import CallLeg
from calls.models import CallParticipant
from calls.services import record
from calls.services import ringing
from core import jobs
from messenger.presentation.people import person
from messenger.services.notes import write_system_message
from messenger.shapes import SystemNote

Reason = Call.EndReason
Response = CallParticipant.Response

CLOSE_ROOM = "calls.close_room"
RECONCILE_LATER = "calls.reconcile"

_UNANSWERED = frozenset({Reason.MISSED, Reason.CANCELLED})
"""After these there is a missed call to tell of."""
_CLOSED_BY = {
    "lost": CallInterval.EndedBy.LEASE,
    "moved": CallInterval.EndedBy.MOVE,
    "ended": CallInterval.EndedBy.END,
}


def take_out(call: Call, legs: Sequence[CallLeg], *, reason: str, now: datetime) -> list[CallLeg]:
    """These devices are not in the call any more; those that had left before are not returned."""
    gone = []
    for leg in legs:
        if (
            CallLeg.objects.filter(pk=leg.pk)
            .exclude(state=CallLeg.State.LEFT)
            .update(state=CallLeg.State.LEFT, left_reason=reason, left_at=now, pass_hash="", pass_until=None)
        ):
            gone.append(leg)
    if reason != "moved":
        users = record.users_in(gone)
        CallParticipant.objects.filter(call=call, user_id__in=users).update(left_at=now)
    close_intervals(gone, reason, now)
    return gone


def close_intervals(legs: Sequence[CallLeg], reason: str, now: datetime) -> None:
    """What flowed straight between devices ends here; what goes through a media server is measured where it flows."""
    straight = CallInterval.objects.filter(leg_id__in=[leg.pk for leg in legs], ended_at=None)
    by = _CLOSED_BY.get(reason, CallInterval.EndedBy.LEAVE)
    for row in straight.exclude(transport=CallInterval.Transport.SFU):
        end = row.seen_at if reason == "lost" else now
        closed = CallInterval.objects.filter(pk=row.pk, ended_at=None)
        if closed.update(seen_at=max(end, row.seen_at), ended_at=max(end, row.started_at), ended_by=by):
            metrics.MINUTES.labels(row.transport).inc((max(end, row.started_at) - row.started_at).total_seconds() / 60)


def leave(call: Call, legs: Sequence[CallLeg], *, reason: str, now: datetime, by: UUID | None) -> None:
    """Devices leave, and with them perhaps the call.

    ``reason`` is that of the legs; the call, if it ends by it, ends with the one that fits.
    """
    gone = take_out(call, legs, reason=reason, now=now)
    if not gone:
        return
    _put_out(call, gone, reason)
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


def finish(call: Call, reason: Reason, *, now: datetime, by: UUID | None) -> bool:
    """The call is over for all; False when it was already."""
    duration = int((now - call.started_at).total_seconds()) if call.started_at else None
    was_ringing = call.status == Call.Status.RINGING
    had_room = call.hms_room_id if call.transport == Call.Transport.SFU else ""
    if not record.change(
        call,
        status=Call.Status.ENDED,
        end_reason=reason,
        ended_at=now,
        duration=duration,
        connect_until=None,
        alone_until=None,
    ):
        return False
    take_out(call, record.live_legs(call), reason="ended", now=now)
    rung = record.pending(call)
    CallParticipant.objects.filter(call=call, user_id__in=rung).update(response=Response.MISSED)
    caller = User.objects.filter(pk=call.initiator_id).first() if call.initiator_id else None
    _write_note(call, caller, reason)
    record.publish(call, "ended", by)
    record.tell(record.people_of(call), _ended(call, None, reason))
    ringing.silence(call, rung)
    if reason in _UNANSWERED and was_ringing:
        ringing.tell_missed(call, caller, rung)
    if had_room:
        jobs.enqueue(CLOSE_ROOM, payload={"call_id": str(call.pk)}, key=f"{call.pk}")
    metrics.CALLS.labels(call.call_type, reason).inc()
    return True


def _put_out(call: Call, gone: Sequence[CallLeg], reason: str) -> None:
    """Those who left hear that they did, on the devices that were in and wherever they may see nothing more."""
    for leg in gone:
        told = _ended(call, leg.user_id, end_reason(call, reason))
        record.tell([leg.user_id], told)
    if call.transport == Call.Transport.SFU and call.hms_room_id:
        for leg in gone:
            jobs.enqueue(REMOVE, payload={"leg_id": str(leg.pk)}, key=f"{leg.pk}")


REMOVE = "calls.remove_leg"


def _ended(call: Call, user_id: UUID | None, reason: str) -> CallEnded:
    return CallEnded.model_validate(
        {"call_id": call.pk, "conversation_id": call.conversation_id, "user_id": user_id, "reason": reason}
    )


def _write_note(call: Call, caller: User | None, reason: Reason) -> None:
    """One line in the conversation: the call that was missed, or the one that was had."""
    if reason in _UNANSWERED and not call.answered_at:
        note = SystemNote(action="call_missed", call_type=_type(call))
    elif call.started_at:
        note = SystemNote(action="call_ended", call_type=_type(call), seconds=call.duration)
    else:
        return
    if caller is not None:
        note = note.model_copy(update={"actor": person(caller)})
    write_system_message(call.conversation, note=note, actor=caller)


def _type(call: Call) -> str:
    return str(call.call_type)


def silence_all(call: Call, user_ids: Collection[UUID]) -> None:
    """Their devices fall silent."""
    ringing.silence(call, user_ids)
