"""Signs of life: what a device says of itself every few seconds, and at once when something changes.

Most of them write one row and take no lock. Only what changes the call - a device is back, media flows, or flows no
more - becomes a transition.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from typing import Literal
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from calls import access
from calls import limits
from calls import metrics
from calls.errors import SfuNotConfigured
from calls.events import CallMedia
from calls.models import Call
from calls.models import CallInterval
from calls.models import CallLeg
from calls.services import intervals
from calls.services import moves
from calls.services import record
from calls.services.entry import over
from calls.services.entry import taken
from calls.services.entry import transition
from calls.shapes import BeatShape
from calls.shapes import QualityReport
from core import sql
from core.api import throttles
from core.errors import DomainError
from core.errors import NotFound
from core.errors import RateLimited

State = CallLeg.State
_PAGE_CLOSES = "leaving"
"""Said of a leg whose page closes: what is still on its way from it keeps it no longer."""
Status = Call.Status


@dataclass(frozen=True, slots=True)
class Beat:
    """What a device says of itself; ``media_from``: legs whose media comes in at this ``generation``."""

    leg_id: UUID
    generation: int
    audio_on: bool = True
    video_on: bool = False
    screen_on: bool = False
    waits_for_permission: bool = False
    media_from: Collection[UUID] = ()
    report: QualityReport | None = None
    leaving: bool = False
    """The page closes; when it was only loaded anew, it is back in a moment."""


def beat(actor: User, given: Beat, *, call_id: UUID, session_id: UUID) -> BeatShape:
    """Take a sign of life, and say how the call is. Raises NotFound, CallOver."""
    mine = CallLeg.objects.select_related("call").filter(pk=given.leg_id, call_id=call_id, user_id=actor.pk)
    leg = access.admitted(mine).first()
    if leg is None:
        raise NotFound
    if not leg.call.is_live:
        raise over(leg.call)
    if leg.state == State.LEFT:
        raise NotFound
    now = sql.now()
    has_switched = (leg.audio_on, leg.video_on, leg.screen_on) != (given.audio_on, given.video_on, given.screen_on)
    leg.switched += has_switched
    _renew(leg, given, now, session_id)
    # Told again now and then: what is not kept may be lost.
    if has_switched or given.report is not None:
        _tell_media(leg, given)
    if given.leaving:
        return _is_leaving(leg)
    heard = _heard(leg, given)
    if heard:
        _keep_alive(heard, now)
        _measure(leg, given)
    if leg.state == State.LOST or (heard and _is_news(leg, heard)):
        return _react(actor, call_id, leg.pk, heard)
    return BeatShape.model_validate({"status": leg.call.status, "generation": leg.call.generation})


def _renew(leg: CallLeg, given: Beat, now: datetime, session_id: UUID) -> None:
    changes: dict[str, Any] = {
        "lease_until": now + (limits.LEAVING if given.leaving else limits.LEASE),
        "session_id": session_id,
        "audio_on": given.audio_on,
        "video_on": given.video_on,
        "screen_on": given.screen_on,
        "switched": leg.switched,
        "waits_for_permission": given.waits_for_permission,
        "hears": _named(leg, given),
        "left_reason": _PAGE_CLOSES if given.leaving else "",
    }
    if given.report is not None:
        changes["report"] = given.report.model_dump(exclude_none=True)
        _observe(given.report)
    if not CallLeg.objects.filter(pk=leg.pk).exclude(state=State.LEFT).update(**changes):
        raise NotFound


def _heard(leg: CallLeg, given: Beat) -> list[CallLeg]:
    """The other legs of the call that this one has media from, if what it says is of the way the media takes now."""
    named = _named(leg, given)
    if not named:
        return []
    return list(CallLeg.objects.filter(call_id=leg.call_id, pk__in=named).exclude(state=State.LEFT))


def _named(leg: CallLeg, given: Beat) -> list[str]:
    if given.generation != leg.call.generation:
        return []
    return sorted({str(one) for one in given.media_from} - {str(leg.pk)})


def _keep_alive(heard: Collection[CallLeg], now: datetime) -> None:
    """A leg lives as long as another one has media from it, whatever became of its own socket."""
    stale = [leg.pk for leg in heard if leg.lease_until < now + limits.LEASE - limits.BEAT / 2]
    if stale:
        legs = CallLeg.objects.filter(pk__in=stale).exclude(state=State.LEFT)
        legs.exclude(left_reason=_PAGE_CLOSES).update(lease_until=now + limits.LEASE)


def _is_news(leg: CallLeg, heard: Collection[CallLeg]) -> bool:
    if leg.generation < leg.call.generation or leg.state == State.JOINING:
        return True
    return leg.asked_generation > 0 and _misses_nobody(leg.call, record.live_legs(leg.call), heard)


def _misses_nobody(call: Call, legs: Collection[CallLeg], heard: Collection[CallLeg]) -> bool:
    """Whether a device that asked for another way does so no more. Through the media server any media is a way."""
    return call.transport == Call.Transport.SFU or len(heard) >= len(legs) - 1


@transaction.atomic
def _react(actor: User, call_id: UUID, leg_id: UUID, heard: Collection[CallLeg]) -> BeatShape:
    """A device is back, or has media now: what that changes."""
    call = access.lock(call_id)
    if not call.is_live:
        raise over(call)
    now = sql.now()
    legs = {leg.pk: leg for leg in record.live_legs(call)}
    leg = legs.get(leg_id)
    if leg is None:
        raise NotFound
    was_lost, has_media = leg.state == State.LOST, bool(heard)
    if has_media:
        leg.generation, leg.state = call.generation, State.CONNECTED
        if _misses_nobody(call, legs.values(), heard):
            leg.asked_generation = 0
        leg.connected_at = leg.connected_at or now
    elif was_lost:
        leg.state = State.CONNECTED if leg.connected_at else State.JOINING
    leg.save(update_fields=["generation", "asked_generation", "state", "connected_at"])
    began = _connect(call, list(legs.values()), now)
    if began or was_lost or has_media:
        record.publish(call, "connected" if has_media else "back", actor.pk)
    return BeatShape.model_validate({"status": call.status, "generation": call.generation})


def _connect(call: Call, legs: list[CallLeg], now: datetime) -> bool:
    """Two with media are a call that runs; all with media is one that needs no deadline for it."""
    connected = [leg for leg in legs if leg.generation == call.generation]
    changes: dict[str, Any] = {}
    begins = call.status == Status.CONNECTING and len(connected) >= 2
    if begins:
        changes |= {"status": Status.ACTIVE, "started_at": call.started_at or now}
        if call.started_at is None and call.answered_at is not None:
            metrics.SETUP_SECONDS.observe((now - call.answered_at).total_seconds())
    if len(connected) == len(legs) and call.connect_until is not None:
        changes |= {"connect_until": None, "connect_tries": 0}
        if call.notice in record.PASSING_NOTICES:
            changes["notice"] = ""
    if changes:
        record.change(call, **changes)
    return begins


def _is_leaving(leg: CallLeg) -> BeatShape:
    """It is shown as lost at once, but not at any pace: each time is kept, and told to all members."""
    try:
        throttles.hit("call_lost", str(leg.pk))
    except RateLimited:
        return BeatShape.model_validate({"status": leg.call.status, "generation": leg.call.generation})
    with transaction.atomic():
        call = access.lock(leg.call_id)
        lost = CallLeg.objects.filter(pk=leg.pk, state__in=[State.JOINING, State.CONNECTED])
        if call.is_live and lost.update(state=State.LOST):
            record.publish(call, "lost", leg.user_id)
    return BeatShape.model_validate({"status": call.status, "generation": call.generation})


def _tell_media(leg: CallLeg, given: Beat) -> None:
    event = CallMedia(
        call_id=leg.call_id,
        leg_id=leg.pk,
        user_id=leg.user_id,
        audio_on=given.audio_on,
        video_on=given.video_on,
        screen_on=given.screen_on,
        switched=leg.switched,
    )
    record.tell(record.users_in(record.live_legs(leg.call)), event)


def _measure(leg: CallLeg, given: Beat) -> None:
    """Between devices their own word is all there is of when media flowed; it costs nothing."""
    if leg.call.transport != Call.Transport.P2P:
        return
    is_relayed = given.report is not None and given.report.route == "relay"
    transport = CallInterval.Transport.RELAY if is_relayed else CallInterval.Transport.P2P
    known = CallInterval.objects.filter(leg_id=leg.pk, ended_at=None, generation=leg.call.generation)
    young = Q(transport=transport) | Q(started_at__gt=sql.now() - limits.ROUTE)
    if known.exists() and (given.report is None or known.filter(young).exists()):
        intervals.touch([leg.pk])
    else:
        intervals.begin(leg.call_id, leg.pk, leg.user_id, transport=transport, generation=leg.call.generation)


def _observe(report: QualityReport) -> None:
    if report.loss_pct is not None:
        metrics.LOSS.observe(report.loss_pct / 100)
    if report.rtt_ms is not None:
        metrics.RTT_SECONDS.observe(report.rtt_ms / 1000)


@transition
def ask_for_fallback(
    actor: User,
    *,
    call_id: UUID,
    leg_id: UUID,
    generation: int,
    reason: Literal["no_media", "ice_failed"],
    media_from: Collection[UUID] = (),
) -> Call | DomainError:
    """A device cannot go on by this way, on which it hears ``media_from`` and misses somebody.

    Two that do not hear each other decide. On the media server most of those who are there do: what one alone lost, it
    has to dial again for.

    A request about an earlier way changes nothing; one about the media server counts when most who are there make it.
    Raises NotFound, CallOver, SfuNotConfigured, SfuUnavailable, MinutesUsedUp, MinutesNotInPlan.
    """
    call, _member = taken(actor, call_id)
    if not call.is_live:
        return over(call)
    legs = record.live_legs(call)
    mine = next((leg for leg in legs if leg.pk == leg_id and leg.user_id == actor.pk), None)
    if mine is None:
        raise NotFound
    if generation != call.generation or call.status == Status.RINGING or call.sfu_state == Call.RoomState.WANTED:
        return call
    now = sql.now()
    if call.transport == Call.Transport.SFU:
        _doubt_server(call, legs, mine, reason, now)
        return call
    mine.asked_generation = call.generation
    mine.generation = min(mine.generation, call.generation - 1)
    mine.hears = [str(one) for one in media_from]
    mine.save(update_fields=["asked_generation", "generation", "hears"])
    if moves.has_failed(call, legs):
        return moves.to_media_server(call, reason, now=now, by=actor.pk) or call
    if call.connect_until is None:  # one alone, in a call that ran: it has as long as a new one would have
        record.change(call, connect_until=now + limits.CONNECT, connect_tries=0)
    if not moves.may_move(call):
        return SfuNotConfigured()
    return call


def _doubt_server(call: Call, legs: Collection[CallLeg], mine: CallLeg, why: moves.Why, now: datetime) -> None:
    """One who hears nobody through the media server may have a poor line; when most hear nobody, it is gone.

    Who has not come there yet is judged by the deadline of the move.
    """
    if mine.generation < call.generation:
        return
    mine.asked_generation = call.generation
    mine.save(update_fields=["asked_generation"])
    there = [leg for leg in legs if leg.state != State.LOST]
    asking = sum(leg.asked_generation == call.generation for leg in there)
    if asking >= 2 and asking * 2 > len(there):
        moves.from_room(call, why, legs=len(there), now=now)
