"""Tickets to the door of a media server: one for each time a device dials, good once and for a minute.

Of a ticket only its SHA-256 is kept, on the leg. Used up it stays there, without a time, and names the door that it
opened: so an older door of the same leg learns that it was replaced.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.db.models import QuerySet

from calls import access
from calls import limits
from calls.models import Call
from calls.models import CallLeg
from core import errors
from core import sql


class PassRefused(errors.Forbidden):
    """No ticket, a used or an old one, or a call that does not go through the media server now."""

    message = "This way into the call is not open (any more)."


@dataclass(frozen=True, slots=True)
class Admission:
    """Whom a door lets through, and where to. ``door`` names the door among those of the leg."""

    call_id: UUID
    leg_id: UUID
    user_id: UUID
    room: str
    generation: int
    peer_id: str
    door: str


def mint(leg_id: UUID) -> str:
    """A new ticket of a live leg; the one before it opens nothing any more."""
    ticket = f"{leg_id.hex}.{secrets.token_urlsafe(24)}"
    CallLeg.objects.filter(pk=leg_id).update(pass_hash=_hash(ticket), pass_until=sql.now() + limits.TICKET)
    return ticket


def redeem(ticket: str) -> Admission:
    """Use a ticket up. Raises PassRefused."""
    leg_id = _leg_of(ticket)
    used = (
        CallLeg.objects.exclude(state=CallLeg.State.LEFT)
        .filter(pk=leg_id, pass_hash=_hash(ticket), pass_until__gt=sql.now())
        .update(pass_until=None)
    )
    there = _inside().filter(call__transport=Call.Transport.SFU)
    leg = there.filter(pk=leg_id).select_related("call").first() if used else None
    if leg is None:
        raise PassRefused
    call = leg.call
    return Admission(
        call_id=call.pk,
        leg_id=leg.pk,
        user_id=leg.user_id,
        room=call.hms_room_id,
        generation=call.generation,
        peer_id=leg.peer_id,
        door=leg.pass_hash,
    )


def keep_peer(admission: Admission, peer_id: str) -> str:
    """Note what the media server calls the leg; what it was called before. Raises PassRefused when it is out."""
    own = _inside().filter(pk=admission.leg_id, pass_hash=admission.door)
    before = own.values_list("peer_id", flat=True).first()
    if before is None or not own.update(peer_id=peer_id):
        raise PassRefused
    return before


def judged(doors: Collection[Admission]) -> tuple[set[UUID], set[UUID]]:
    """Of open doors, the legs that are out (left, or their call ended or moved on), and those that have a newer door,
    which has their session now. One query.
    """
    rows = {row.pk: row for row in _inside().filter(pk__in=[one.leg_id for one in doors]).select_related("call")}
    out, replaced = set(), set()
    for one in doors:
        leg = rows.get(one.leg_id)
        if leg is None or not _is_of(one, leg.call):
            out.add(one.leg_id)
        elif leg.pass_until is None and leg.pass_hash != one.door:
            replaced.add(one.leg_id)
    return out, replaced


def _is_of(admission: Admission, call: Call) -> bool:
    """Whether a door was opened for the way a call takes now, or for the one it is just leaving."""
    is_leaving = call.transport == Call.Transport.P2P
    return call.generation == admission.generation + (1 if is_leaving else 0)


def is_inside(admission: Admission) -> bool:
    """Whether the leg may have media there: it has not left, and its call has not, nor moved on."""
    return _inside().filter(pk=admission.leg_id, call__generation=admission.generation).exists()


def left_at(leg_id: UUID) -> datetime | None:
    """When the leg left, if it did."""
    return CallLeg.objects.filter(pk=leg_id).values_list("left_at", flat=True).first()


def _inside() -> QuerySet[CallLeg]:
    """Legs that may be in a room of the media server: there, or while the call goes back to other connections."""
    there = Q(call__transport=Call.Transport.SFU, call__sfu_state=Call.RoomState.READY)
    going = Q(call__transport=Call.Transport.P2P, call__connect_until__gt=sql.now()) & ~Q(call__hms_room_id="")
    live = CallLeg.objects.exclude(state=CallLeg.State.LEFT).exclude(call__status=Call.Status.ENDED)
    return access.admitted(live.filter(there | going))


def _leg_of(ticket: str) -> UUID:
    try:
        return UUID(ticket.partition(".")[0])
    except ValueError:
        raise PassRefused from None


def _hash(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()
