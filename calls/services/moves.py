"""Which way the media takes: from device to device, or through a media server, and when it changes.

The decision is a transition like any other. The room is made by a job, as no transaction may be open meanwhile; what
it finds when it comes back decides whether the room is still wanted.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime
from itertools import combinations
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from billing.errors import MeteringUnavailable
from calls import access
from calls import errors
from calls import limits
from calls import metrics
from calls import providers
from calls.events import CallFallback
from calls.events import FallbackError
from calls.models import Call
from calls.models import CallInterval
from calls.models import CallLeg
from calls.presentation import calls as presentation
from calls.services import intervals
from calls.services import leaving
from calls.services import minutes
from calls.services import record
from core import jobs
from core import sql
from core.errors import Conflict
from core.errors import DomainError
from core.errors import NotFound

logger = logging.getLogger(__name__)

OPEN_ROOM = "calls.open_room"
Why = Literal["no_media", "ice_failed", "people", "minutes", "provider"]
RoomState = Call.RoomState
Notice = Call.Notice


def to_media_server(call: Call, why: Why, *, now: datetime, by: UUID | None = None) -> DomainError | None:
    """Move a call to the media server, unless it is there or on its way; None, or why it cannot be moved.

    What cannot be moved is given a notice that says so. Under the stream of the conversation.
    """
    if call.transport == Call.Transport.SFU:
        return None
    server = providers.configured()
    if server is None:
        _note(call, Notice.SFU_NOT_CONFIGURED, by)
        return errors.SfuNotConfigured()
    if call.sfu_state == RoomState.FAILED:
        _note(call, Notice.SFU_UNAVAILABLE, by)
        return providers.ProviderError("It failed before, in this call.")
    payer_id = record.payer_there(call)
    refused = _reserve(call, payer_id)
    if refused is not None:
        _note(call, _notice_of(refused), by)
        return refused
    _move(
        call,
        transport=Call.Transport.SFU,
        provider=server.name,
        payer_id=payer_id or call.payer_id,
        sfu_state=RoomState.WANTED,
        notice="",
        connect_until=now + limits.CONNECT_AGAIN,
        connect_tries=0,
    )
    jobs.enqueue(OPEN_ROOM, payload={"call_id": str(call.pk), "generation": call.generation, "why": why})
    if why in {"no_media", "ice_failed"}:
        metrics.P2P_FAILURES.labels(why).inc()
    record.publish(call, "fallback", by)
    return None


def to_devices(call: Call, why: Why, notice: Notice, *, now: datetime, error: DomainError | None = None) -> None:
    """Back to connections between devices: the media server failed, or nobody pays for it any more.

    What still sounds goes on until the new connections do. More than can be connected to each other have no way left,
    and their call is over. Under the stream of the conversation.
    """
    if len(record.live_legs(call)) > limits.MESH:
        _tell(call, why, error)
        leaving.finish(call, Call.EndReason.FAILED, now=now, by=None)
        return
    failed = RoomState.FAILED if why == "provider" else RoomState.NONE
    _move(
        call,
        transport=Call.Transport.P2P,
        sfu_state=failed,
        notice=notice,
        connect_until=now + limits.CONNECT_AGAIN,
        connect_tries=1,
    )
    intervals.close_all(call.pk, by=CallInterval.EndedBy.MOVE, at=now)
    jobs.enqueue(
        leaving.CLOSE_ROOM,
        payload={"call_id": str(call.pk)},
        key=f"{call.pk}:{call.generation}",
        run_at=timezone.now() + limits.ROOM_LINGERS,
    )
    record.publish(call, "fallback", None)
    _tell(call, why, error)


def from_room(call: Call, why: Why, *, legs: int, now: datetime) -> None:
    """The room carries nothing any more, as when its media server was started anew: few go back to connections between
    devices, for more the room is made again. Under the stream of the conversation.
    """
    if legs <= limits.MESH_VIDEO:
        to_devices(call, "provider", Notice.SFU_UNAVAILABLE, now=now, error=errors.SfuUnavailable())
        return
    _move(call, sfu_state=RoomState.WANTED, connect_until=now + limits.CONNECT_AGAIN, connect_tries=0)
    jobs.enqueue(OPEN_ROOM, payload={"call_id": str(call.pk), "generation": call.generation, "why": why})
    record.publish(call, "fallback", None)


def _reserve(call: Call, payer_id: UUID | None) -> DomainError | None:
    if payer_id is None:
        return errors.MinutesUsedUp() if settings.CALLS.minutes_limited else None
    try:
        minutes.reserve(call, payer_id)
    except DomainError as refused:
        return refused
    return None


def _notice_of(refused: DomainError) -> Notice:
    if isinstance(refused, MeteringUnavailable):  # for a moment: nothing is said of how many anybody has
        return Notice.MINUTES_UNKNOWN
    return Notice.MINUTES_NOT_IN_PLAN if isinstance(refused, errors.MinutesNotInPlan) else Notice.MINUTES_OVER


def _move(call: Call, **values: object) -> None:
    """The next generation, unless somebody else was faster: then the call is as it was read a moment ago, and stays."""
    seen = call.generation
    moved = Call.objects.filter(pk=call.pk, generation=seen, status=call.status)
    for name, value in values.items():
        setattr(call, name, value)
    call.generation = seen + 1
    call.due_at = record.next_deadline(call)
    if not moved.update(generation=seen + 1, due_at=call.due_at, **values):
        raise Conflict
    CallLeg.objects.filter(call=call, asked_generation__lte=seen).update(asked_generation=0)


def _note(call: Call, notice: Notice, by: UUID | None) -> None:
    if call.notice != notice:
        record.change(call, notice=notice)
        record.publish(call, "fallback", by)


def _tell(call: Call, why: Why, error: DomainError | None) -> None:
    event = CallFallback.model_validate(
        {
            "call_id": call.pk,
            "generation": call.generation,
            "transport": call.transport,
            "provider": call.provider or None,
            "reason": why,
            "error": FallbackError(code=error.code, error=error.sentence) if error else None,
        }
    )
    record.tell(record.users_in(record.live_legs(call)), event)


# The room -------------------------------------------------------------------------------------------------------------


def open_room(call_id: UUID, generation: int, why: Why, *, is_last_try: bool) -> bool:
    """Make the room a call wants, and tell its devices; closed again when the call did without meanwhile.

    Whether there is nothing left to do. Raises ProviderError when it should be tried again.
    """
    call = Call.objects.filter(pk=call_id).first()
    if call is None or not _wants_room(call, generation):
        return True
    server = providers.named(call.provider)
    if server is None:
        _settle_room(call_id, generation, why, room="", error=errors.SfuNotConfigured())
        return True
    try:
        room = server.open_room(call_id, most=limits.ROOM)
    except providers.ProviderError as error:
        metrics.FALLBACKS.labels(call.provider, "failed").inc()
        logger.warning("calls.room_not_opened: %s", error, extra={"call_id": str(call_id), "provider": call.provider})
        if not error.permanent and not is_last_try:
            raise
        _settle_room(call_id, generation, why, room="", error=error)
        return True
    if not _settle_room(call_id, generation, why, room=room, error=None):
        server.close_room(room)
    return True


@transaction.atomic
def _settle_room(call_id: UUID, generation: int, why: Why, *, room: str, error: DomainError | None) -> bool:
    """Whether the call still wanted what has become of its room."""
    try:
        call = access.lock(call_id)
    except NotFound:
        return False
    if not _wants_room(call, generation):
        # The room of a call is one, whoever asked for it: a request and a job may both have.
        return call.is_live and call.transport == Call.Transport.SFU
    now = sql.now()
    if error is not None:
        to_devices(call, "provider", Notice.SFU_UNAVAILABLE, now=now, error=error)
        return True
    record.change(call, sfu_state=RoomState.READY, hms_room_id=room, connect_until=now + limits.CONNECT_AGAIN)
    metrics.FALLBACKS.labels(call.provider, "opened").inc()
    record.publish(call, "fallback", None)
    _tell(call, why, None)
    return True


def _wants_room(call: Call, generation: int) -> bool:
    return call.is_live and call.generation == generation and call.sfu_state == RoomState.WANTED


def remove_leg(leg_id: UUID) -> None:
    """Put a device that left out of the room. Raises ProviderError when it should be tried again."""
    leg = CallLeg.objects.select_related("call").filter(pk=leg_id).first()
    if leg is None or leg.state != CallLeg.State.LEFT or not leg.call.hms_room_id:
        return
    server = providers.named(leg.call.provider)
    if server is not None:
        server.remove(leg.call.hms_room_id, leg=providers.LegRef(leg.pk, peer_id=leg.peer_id))


def has_failed(call: Call, legs: Collection[CallLeg]) -> bool:
    """Whether two of these have found no way to each other: both say so, and neither hears the other.

    One device alone proves nothing: it may be gone, or send nothing, and the payer's minutes are not its own. Nor do
    two that both miss a third one which says nothing itself.
    """
    asking = [leg for leg in legs if leg.asked_generation == call.generation]
    pairs = combinations(asking, 2)
    return any(str(two.pk) not in one.hears and str(one.pk) not in two.hears for one, two in pairs)


def may_move(call: Call) -> bool:
    """Whether there is a media server that the call could go through."""
    return presentation.may_move(call)
