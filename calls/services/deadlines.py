"""Deadlines stand in the rows. Whoever touches a call keeps them, a clock in every serving process, and beat.

Times are the database's, which all processes share. When nobody looked for a while - every process was killed, the
database was away - the devices' silence says nothing: they are given time to come back. Who is rung is not.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Case
from django.db.models import F
from django.db.models import Q
from django.db.models import QuerySet
from django.db.models import When

from calls import access
from calls import errors
from calls import limits
from calls import metrics
from calls.models import Call
from calls.models import CallClock
from calls.models import CallLeg
from calls.services import leaving
from calls.services import moves
from calls.services import record
from core import sql
from core.errors import NotFound
from messenger.models import Participant

logger = logging.getLogger(__name__)

_AT_ONCE = 100
"""Calls of one look."""
_QUICK = (CallLeg.State.JOINING, CallLeg.State.CONNECTED)
Reason = Call.EndReason
Status = Call.Status


def enforce() -> int:
    """Do what is due now; how many calls were looked at. Writes nothing but the clock when nothing is."""
    now = sql.now()
    _tick(now)
    due = set(Call.objects.filter(due_at__lte=now).order_by("due_at").values_list("pk", flat=True)[:_AT_ONCE])
    silent = CallLeg.objects.exclude(state=CallLeg.State.LEFT).filter(_is_silent(now))
    due |= set(silent.order_by("lease_until").values_list("call_id", flat=True)[:_AT_ONCE])
    due |= set(_strangers().values_list("call_id", flat=True)[:_AT_ONCE])
    for call_id in due:
        try:
            _enforce_one(call_id)
        except Exception:  # the others have deadlines as well
            logger.exception("calls.deadline_failed", extra={"call_id": str(call_id)})
    metrics.LIVE.set(Call.objects.live().count())
    return len(due)


def judge(call: Call, now: datetime) -> None:
    """End a call that nobody answered in time, or that is as long as a call may be: whoever touches it does this.

    Of silent devices and missing media the clock judges alone, as it knows whether anybody looked meanwhile.
    """
    if call.status == Status.RINGING and call.ring_until <= now:
        leaving.finish(call, Reason.MISSED, now=now, by=None)
    elif call.is_live and record.latest_end(call) <= now:
        leaving.finish(call, Reason.TOO_LONG, now=now, by=None)


@transaction.atomic
def _enforce_one(call_id: UUID) -> None:
    try:
        call = access.lock(call_id)
    except NotFound:
        return
    now = sql.now()
    judge(call, now)
    if call.is_live:
        _drop_strangers(call, now)
    if call.is_live:
        _drop_silent(call, now)
    if call.is_live and call.alone_until and call.alone_until <= now:
        leaving.finish(call, Reason.HANGUP, now=now, by=None)
    if call.is_live and call.connect_until and call.connect_until <= now:
        _give_up_connecting(call, now)
    if call.is_live and call.due_at and call.due_at <= now:  # what was due was done or was moved on
        record.change(call)


def _strangers() -> QuerySet[CallLeg]:
    """Devices of those who may not be in their call any more, whatever became of the word that somebody sent of it."""
    there = CallLeg.objects.exclude(state=CallLeg.State.LEFT)
    return there.exclude(pk__in=access.admitted(there).values("pk"))


def _drop_strangers(call: Call, now: datetime) -> None:
    gone = list(_strangers().filter(call=call))
    members = Participant.objects.filter(conversation_id=call.conversation_id, user_id__in=record.users_in(gone))
    is_member = set(members.values_list("user_id", flat=True))
    is_blocked = record.is_direct(call) and all(leg.user_id in is_member and leg.user.is_active for leg in gone)
    if gone:
        leaving.leave(call, gone, reason="blocked" if is_blocked else "removed", now=now, by=None)


def _is_silent(now: datetime) -> Q:
    """Of legs: it gave no sign of life for a lease, or for so long that it is shown as lost."""
    return Q(lease_until__lte=now) | Q(state__in=_QUICK, lease_until__lte=now + limits.LEASE - limits.LOST)


def _drop_silent(call: Call, now: datetime) -> None:
    silent = list(CallLeg.objects.filter(_is_silent(now), call=call).exclude(state=CallLeg.State.LEFT))
    fresh = [leg for leg in silent if leg.state != CallLeg.State.LOST and leg.lease_until > now]
    if gone := [leg for leg in silent if leg.lease_until <= now]:
        leaving.leave(call, gone, reason="lost", now=now, by=None)
    if call.is_live and fresh:
        # A sign of life may have come since: only what is still silent is lost.
        still = CallLeg.objects.filter(_is_silent(now), pk__in=[leg.pk for leg in fresh], state__in=_QUICK)
        if still.update(state=CallLeg.State.LOST):
            record.publish(call, "lost", None)


def _give_up_connecting(call: Call, now: datetime) -> None:
    """Media should flow everywhere by now. Where it does not, another way is taken, and in the end none."""
    legs = record.live_legs(call)
    silent = [leg for leg in legs if leg.generation < call.generation]
    without = [leg for leg in silent if leg.state != CallLeg.State.LOST]
    if silent and not without:  # those have a deadline of their own: they are back soon, or have left
        record.change(call, connect_until=now + limits.CONNECT)
        return
    if not without or len(legs) < 2:
        record.change(call, connect_until=None, connect_tries=0, notice=_still_said(call))
        return
    asked = [leg.joined_at + limits.PERMISSION for leg in without if leg.waits_for_permission]
    if asked and max(asked) > now:
        record.change(call, connect_until=min(max(asked), now + limits.CONNECT))
        return
    if call.transport == Call.Transport.P2P and moves.may_move(call) and moves.has_failed(call, legs):
        if moves.to_media_server(call, "no_media", now=now) is None:
            return
    elif _room_failed(call, legs, without):
        moves.to_devices(call, "provider", Call.Notice.SFU_UNAVAILABLE, now=now, error=errors.SfuUnavailable())
        return
    if call.connect_tries == 0:
        metrics.P2P_FAILURES.labels("no_media").inc()
        notice = call.notice or _why_not(call)
        record.change(call, connect_tries=1, connect_until=now + limits.CONNECT_AGAIN, notice=notice)
        record.publish(call, "fallback", None)
    elif call.status == Status.CONNECTING or record.is_direct(call):
        leaving.finish(call, Reason.FAILED, now=now, by=None)
    else:
        record.change(call, connect_until=None, connect_tries=0, notice=_still_said(call))
        leaving.leave(call, without, reason="failed", now=now, by=None)


def _room_failed(call: Call, legs: Sequence[CallLeg], without: Sequence[CallLeg]) -> bool:
    """Whether the room was not made in time, or nobody came into it while they still hear each other outside."""
    if call.transport != Call.Transport.SFU:
        return False
    nobody_came = len(without) == len(legs) and call.status == Status.ACTIVE and call.connect_tries > 0
    return call.sfu_state == Call.RoomState.WANTED or nobody_came


def _why_not(call: Call) -> str:
    if call.transport == Call.Transport.SFU or moves.may_move(call):
        return Call.Notice.NO_MEDIA
    failed = call.sfu_state == Call.RoomState.FAILED
    return Call.Notice.SFU_UNAVAILABLE if failed else Call.Notice.SFU_NOT_CONFIGURED


def _still_said(call: Call) -> str:
    return "" if call.notice in record.PASSING_NOTICES else call.notice


# The clock ------------------------------------------------------------------------------------------------------------


def _tick(now: datetime) -> None:
    """Note that somebody looks; after a gap nobody is judged by it."""
    last = CallClock.objects.filter(pk=1).values_list("ticked_at", flat=True).first()
    if last is None:
        CallClock.objects.bulk_create([CallClock(pk=1, ticked_at=now)], ignore_conflicts=True)
    elif now - last > limits.GAP:
        with transaction.atomic():
            if CallClock.objects.filter(pk=1, ticked_at=last).update(ticked_at=now):
                _forgive(now)
    elif (now - last).total_seconds() >= 1:
        CallClock.objects.filter(pk=1, ticked_at=last).update(ticked_at=now)


def _forgive(now: datetime) -> None:
    """Devices have as long again as they need to find a server; so have connections that were being made."""
    later = now + limits.GRACE
    CallLeg.objects.exclude(state=CallLeg.State.LEFT).filter(lease_until__lt=later).update(lease_until=later)
    live = Call.objects.live()
    for name in ("connect_until", "alone_until"):
        live.filter(**{f"{name}__isnull": False, f"{name}__lt": later}).update(**{name: later})
    # Who is rung was rung, whoever looked.
    live.exclude(status=Status.RINGING).filter(due_at__isnull=False).update(
        due_at=Case(When(due_at__lt=later, then=later), default=F("due_at"))
    )
