"""The way into the media server, for a device that is in a call which goes through it."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode
from uuid import UUID

from accounts.models import User
from calls import access
from calls import errors
from calls import limits
from calls import providers
from calls.models import Call
from calls.models import CallLeg
from calls.services import minutes
from calls.services import moves
from calls.services import passes
from calls.services import record
from calls.services.entry import over
from calls.services.entry import taken
from calls.services.entry import transition
from calls.shapes import HmsToken
from calls.shapes import MediaPass
from core import sql
from core.errors import DomainError
from core.errors import NotFound
from messenger.presentation.people import person

_OF_MINUTES = frozenset(notice for notice in Call.Notice.values if notice.startswith("minutes_"))
_WAIT_SECONDS = 2
"""Until a room that is being made is there, usually."""


def pass_for(actor: User, *, call_id: UUID, leg_id: UUID) -> MediaPass:
    """A pass for one's own leg; where the call may move and has not, it does, and its room is made here.

    Raises NotFound, CallOver, SfuNotConfigured, SfuNotNeeded, SfuUnavailable, MinutesUsedUp, MinutesNotInPlan.
    """
    call = _wanted(actor, call_id=call_id, leg_id=leg_id)
    if call.sfu_state == Call.RoomState.WANTED:
        moves.open_room(call.pk, call.generation, "no_media", is_last_try=False)
        call.refresh_from_db()
    if call.sfu_state != Call.RoomState.READY:
        raise errors.SfuUnavailable(retry_after=_WAIT_SECONDS)
    return _made(call, access.leg_of(actor, call_id, leg_id))


def hms_token(actor: User, *, call_id: UUID) -> HmsToken:
    """A token of 100ms alone, for clients that need nothing else. Raises as :func:`pass_for`, and NotThisProvider."""
    call = access.visible(actor, call_id)
    leg = CallLeg.objects.filter(call=call, user=actor).exclude(state=CallLeg.State.LEFT).first()
    if leg is None:
        raise NotFound
    if providers.configured() is None:
        raise errors.SfuNotConfigured
    if call.provider and call.provider != Call.Provider.HMS:
        raise errors.NotThisProvider
    found = pass_for(actor, call_id=call_id, leg_id=leg.pk)
    if found.provider != "hms" or found.token is None:
        raise errors.NotThisProvider
    return HmsToken(token=found.token, room_id=found.room_id, expires_at=found.expires_at)


@transition
def sponsor(actor: User, *, call_id: UUID) -> Call | DomainError:
    """The actor's minutes pay for this call from now on. Raises NotFound, CallOver, MinutesUsedUp, MinutesNotInPlan."""
    call, _member = taken(actor, call_id)
    if not call.is_live:
        return over(call)
    if not any(leg.user_id == actor.pk for leg in record.live_legs(call)):
        raise NotFound
    minutes.take_over(call, actor.pk)
    changes: dict[str, object] = {"payer_id": actor.pk}
    if call.notice in _OF_MINUTES:
        changes["notice"] = ""
    record.change(call, **changes)
    record.publish(call, "sponsored", actor.pk)
    return call


@transition
def _wanted(actor: User, *, call_id: UUID, leg_id: UUID) -> Call | DomainError:
    """The call, on its way to the media server or there."""
    call, _member = taken(actor, call_id)
    if not call.is_live:
        return over(call)
    legs = record.live_legs(call)
    mine = next((leg for leg in legs if leg.pk == leg_id and leg.user_id == actor.pk), None)
    if mine is None:
        raise NotFound
    if call.transport == Call.Transport.SFU:
        return call
    if providers.configured() is None:
        raise errors.SfuNotConfigured
    now = sql.now()
    if len(legs) <= limits.MESH_VIDEO:
        mine.asked_generation = call.generation  # whoever asks for a pass has no other way
        mine.save(update_fields=["asked_generation"])
        if not moves.has_failed(call, legs):
            return errors.SfuNotNeeded()
    return moves.to_media_server(call, "no_media", now=now, by=actor.pk) or call


def _made(call: Call, leg: CallLeg) -> MediaPass:
    server = providers.named(call.provider)
    if server is None:
        raise errors.SfuNotConfigured
    name = person(leg.user).name
    seconds = int(limits.TICKET.total_seconds())
    found = server.pass_for(call.hms_room_id, leg=providers.LegRef(leg.pk, leg.peer_id, name), seconds=seconds)
    if found.provider == "janus":  # the door takes a ticket, and keeps the token to itself
        found = replace(found, url=f"{found.url}?{urlencode({'token': passes.mint(leg.pk)})}")
    return MediaPass(
        provider=found.provider,
        generation=call.generation,
        room_id=found.room_id,
        url=found.url,
        token=found.token,
        role=found.role,
        expires_at=found.expires_at,
    )
