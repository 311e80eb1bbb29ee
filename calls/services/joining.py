"""A device comes into a call. Under the stream of its conversation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import User
from calls import errors
from calls import limits
from calls import providers
from calls.models import Call
from calls.models import CallLeg
from calls.models import CallParticipant
from calls.presentation import calls as presentation
from calls.services import leaving
from calls.services import moves
from calls.services import record
from calls.services import relaying
from calls.services import ringing
from core.errors import DomainError
from core.ids import uuid7

Response = CallParticipant.Response
Status = Call.Status


@dataclass(frozen=True, slots=True)
class Device:
    """What comes in: a tab of a browser, in a session of its user, with what it sends at first."""

    key: str
    session_id: UUID
    audio_on: bool = True
    video_on: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """A device's place in a call; ``is_new`` unless it was there already."""

    call: Call
    leg: CallLeg
    is_new: bool = True


def live_leg(call: Call, user_id: UUID) -> CallLeg | None:
    """The one device with which somebody is in a call."""
    return CallLeg.objects.filter(call=call, user_id=user_id).exclude(state=CallLeg.State.LEFT).first()


def refusal_for_another(call: Call) -> type[DomainError] | None:
    """Why nobody more can come in, if so."""
    return errors.CallFull if len(record.live_legs(call)) >= presentation.most(call) else None


def new_leg(call: Call, actor: User, device: Device, *, now: datetime) -> CallLeg:
    """Write the leg and the participant. Raises NoRelay."""
    leg = CallLeg.objects.create(
        id=uuid7(),
        call=call,
        user=actor,
        session_id=device.session_id,
        device_key=device.key,
        audio_on=device.audio_on,
        video_on=device.video_on,
        relay_only=relaying.decide(call, actor),
        lease_until=now + limits.LEASE,
        joined_at=now,
    )
    came = {"response": Response.ACCEPTED, "left_at": None}
    row, is_new = CallParticipant.objects.get_or_create(
        call=call, user=actor, defaults=came | {"origin": CallParticipant.Origin.JOINED, "joined_at": now}
    )
    if not is_new:
        CallParticipant.objects.filter(pk=row.pk).update(**came, joined_at=row.joined_at or now)
    return leg


def come_in(call: Call, actor: User, device: Device, *, now: datetime) -> Joined:
    """Answer a call that rings, or join one that runs. Raises NoRelay."""
    was_ringing = call.status == Status.RINGING
    leg = new_leg(call, actor, device, now=now)
    count = len(record.live_legs(call))
    changes: dict[str, object] = {"alone_until": None}
    if was_ringing:
        changes |= {"status": Status.CONNECTING, "answered_at": now}
    if count > 1:
        changes |= {"connect_until": now + limits.CONNECT, "connect_tries": 0}
    record.change(call, **changes)
    record.publish(call, "answered" if was_ringing else "joined", actor.pk)
    ringing.silence(call, [*record.pending(call), actor.pk] if was_ringing else [actor.pk])
    if count > limits.MESH_VIDEO and call.transport == Call.Transport.P2P:
        _more_than_a_mesh(call, now)
    return Joined(call, leg)


def change_device(call: Call, old: CallLeg, actor: User, device: Device, *, now: datetime) -> Joined:
    """The person goes on with another device, in one step."""
    leaving.take_out(call, [old], reason="moved", now=now)
    leg = new_leg(call, actor, device, now=now)
    if len(record.live_legs(call)) > 1:
        record.change(call, connect_until=now + limits.CONNECT, connect_tries=0)
    record.publish(call, "joined", actor.pk)
    return Joined(call, leg)


def come_back(leg: CallLeg, device: Device, *, now: datetime) -> None:
    """The same tab, loaded anew or in a new session: its place is still there."""
    CallLeg.objects.filter(pk=leg.pk).update(session_id=device.session_id, lease_until=now + limits.LEASE)
    leg.session_id, leg.lease_until = device.session_id, now + limits.LEASE


def _more_than_a_mesh(call: Call, now: datetime) -> None:
    """The fifth one: through the media server, or without pictures, and then it is said why."""
    if providers.configured() is not None:
        if moves.may_move(call):
            moves.to_media_server(call, "people", now=now)
        return
    if call.notice != Call.Notice.AUDIO_ONLY:
        record.change(call, notice=Call.Notice.AUDIO_ONLY)
        record.publish(call, "fallback", None)
