"""While a call is on the media server: it is paid a little ahead, its people are warned, and without a payer it leaves.

Looked at by the clock of every serving process and by beat. All of it may happen at once, and twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models import Max

from billing.errors import MeteringUnavailable
from calls import access
from calls import errors
from calls import limits
from calls.events import CallMinutes
from calls.models import Call
from calls.models import CallInterval
from calls.models import CallLeg
from calls.services import intervals
from calls.services import leaving
from calls.services import minutes
from calls.services import moves
from calls.services import record
from core import jobs
from core import sql
from core.errors import DomainError
from core.errors import NotFound

logger = logging.getLogger(__name__)

LOOK_SECONDS = 20
"""How often it is looked at. Who has less left than this leaves now, so that nothing is used that nobody paid for."""

READ_STAYS = "calls.read_stays"
_WARN_SECONDS = minutes.AHEAD_SECONDS
_SFU = Call.Transport.SFU


def look() -> int:
    """Pay for every call on the media server; how many there are."""
    intervals.close_abandoned()
    running = list(Call.objects.live().filter(transport=_SFU).values_list("pk", "provider"))
    minute = int(sql.now().timestamp()) // 60
    for call_id, provider in running:
        if provider == Call.Provider.HMS:  # its media is seen there alone
            jobs.enqueue(READ_STAYS, payload={"call_id": str(call_id)}, key=f"{call_id}:{minute}")
        _guarded(_pay, call_id)
    if settings.CALLS.minutes_limited:
        back = Call.objects.live().filter(transport=Call.Transport.P2P).exclude(provider="")
        for call_id in back.values_list("pk", flat=True):
            _guarded(minutes.settle, call_id)
    return len(running)


def _guarded(step: Callable[[UUID], object], call_id: UUID) -> None:
    """One call that cannot be paid now must not keep the others waiting; it is tried again at the next look."""
    try:
        step(call_id)
    except MeteringUnavailable:
        logger.warning("calls.not_paid", extra={"call_id": str(call_id)})


def _pay(call_id: UUID) -> None:
    if not settings.CALLS.minutes_limited:
        return
    payer = CallLeg.objects.filter(call_id=call_id, user_id=F("call__payer_id"))
    if not payer.exclude(state=CallLeg.State.LEFT).exists():
        _without_payer(call_id)
        return
    left = minutes.extend(call_id)
    if left is None or left < LOOK_SECONDS:
        _stop_or_begin_anew(call_id)
    elif left < _WARN_SECONDS:
        _warn(call_id, left)
    else:
        _unwarn(call_id)


@transaction.atomic
def _stop_or_begin_anew(call_id: UUID) -> None:
    """Nothing is left; or the hold was swept while every process was dead, and a new one pays for what comes now."""
    call = _running(call_id)
    if call is None:
        return
    left = minutes.extend(call_id)  # another process, or a sponsor, may have been here before the stream was ours
    if left is not None and left >= LOOK_SECONDS:
        return
    if left is None and not minutes.is_open(call_id) and call.payer_id in record.users_in(record.live_legs(call)):
        try:
            minutes.reserve(call, call.payer_id)
        except MeteringUnavailable:
            raise
        except DomainError:
            logger.info("calls.minutes_over", extra={"call_id": str(call_id)})
        else:
            return
    _stop(call)


@transaction.atomic
def _without_payer(call_id: UUID) -> None:
    """Who paid has left: they pay no more, and the others have a moment in which one of them may."""
    call = _running(call_id)
    if call is None or (call.payer_id and record.payer_there(call) == call.payer_id):
        return
    minutes.settle(call_id)
    payer = CallLeg.objects.filter(call=call, user_id=F("call__payer_id"))
    left_at = payer.aggregate(last=Max("left_at"))["last"]
    rest = (left_at + limits.ALONE - sql.now()).total_seconds() if left_at else 0
    if rest > 0:
        _tell_low(call, int(rest))
    else:
        logger.info("calls.payer_left", extra={"call_id": str(call_id)})
        _stop(call)


def _stop(call: Call) -> None:
    now = sql.now()
    if len(record.live_legs(call)) <= limits.MESH_VIDEO:
        moves.to_devices(call, "minutes", Call.Notice.MINUTES_OVER, now=now, error=errors.MinutesUsedUp())
    else:
        leaving.finish(call, Call.EndReason.LIMIT, now=now, by=None)


@transaction.atomic
def _warn(call_id: UUID, left: int) -> None:
    call = _running(call_id)
    if call is not None:
        _tell_low(call, left)


def _tell_low(call: Call, left: int) -> None:
    record.tell(record.users_in(record.live_legs(call)), CallMinutes(call_id=call.pk, seconds_left=left))
    if call.notice == "":
        record.change(call, notice=Call.Notice.MINUTES_LOW)
        record.publish(call, "fallback", None)


def _unwarn(call_id: UUID) -> None:
    """Somebody else pays by now, or the plan is a larger one."""
    if not Call.objects.filter(pk=call_id, notice=Call.Notice.MINUTES_LOW).exists():
        return
    with transaction.atomic():
        call = _running(call_id)
        if call is not None and call.notice == Call.Notice.MINUTES_LOW:
            record.change(call, notice="")
            record.publish(call, "fallback", None)


def _running(call_id: UUID) -> Call | None:
    """The call under its stream, if it still is on the media server."""
    try:
        call = access.lock(call_id)
    except NotFound:
        return None
    return call if call.is_live and call.transport == _SFU else None


def settle_ended(call_id: UUID, *, at_most: int | None = None) -> None:
    """Charge a call that is over. May be called again."""
    call = Call.objects.filter(pk=call_id, status=Call.Status.ENDED).first()
    if call is None:
        return
    intervals.close_all(call_id, by=CallInterval.EndedBy.END, at=call.ended_at)
    minutes.settle(call_id, at_most=at_most)
