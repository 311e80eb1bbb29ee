"""Beginning a call; or, where one is there already, coming into that one: two who call each other are in one call."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import User
from calls import errors
from calls import limits
from calls.events import CallInitiated
from calls.models import Call
from calls.models import CallLeg
from calls.models import CallParticipant
from calls.services import deadlines
from calls.services import joining
from calls.services import record
from calls.services import ringing
from calls.services.entry import over
from calls.services.entry import refusal
from calls.services.entry import transition
from calls.services.joining import Device
from core import sql
from core.api import throttles
from core.errors import DomainError
from core.errors import IdempotencyMismatch
from core.errors import InvalidInput
from core.errors import RateLimited
from core.realtime import presence
from messenger import access as conversations
from messenger.errors import Blocked
from messenger.models import Conversation
from messenger.models import Participant


@dataclass(frozen=True, slots=True)
class Begun:
    """The call, and one's own device in it; ``joined`` when it was there already, ``is_new`` when it was not."""

    call: Call
    leg: CallLeg
    joined: bool
    is_new: bool
    rung: Sequence[UUID] = ()


@transition
def initiate(
    actor: User, device: Device, *, conversation_id: UUID, call_type: str, client_id: str | None = None
) -> Begun | DomainError:
    """Call the others of a conversation.

    A repeated ``client_id`` is the first call again; with other content it raises IdempotencyMismatch. Raises NotFound
    (no member), Blocked, InvalidInput (nobody who could answer), CallExists, CallFull, CallOver (a repeat, after its
    end), NoRelay, RateLimited.
    """
    member = conversations.member_of(actor, conversation_id, lock=True)
    now = sql.now()
    fingerprint = _fingerprint(conversation_id, call_type)
    if client_id and (first := Call.objects.filter(initiator=actor, client_id=client_id).first()):
        if first.fingerprint != fingerprint:
            raise IdempotencyMismatch
        return _again(first, member, actor, device, now)
    others = _callable(member)
    call = Call.objects.live().filter(conversation_id=conversation_id).first()
    if call is not None:
        call.conversation = member.conversation
        deadlines.judge(call, now)
    if call is not None and call.is_live:
        return _into(call, actor, device, now)
    throttles.hit("ring", f"{actor.pk}:{conversation_id}")
    throttles.hit("ring_all", str(actor.pk))
    call = Call(
        conversation=member.conversation,
        initiator=actor,
        client_id=client_id,
        fingerprint=fingerprint,
        call_type=call_type,
        created_at=now,
    )
    return _new(call, others, actor, device)


def reachable(begun: Begun) -> list[UUID]:
    """Of those who are rung, who has the app open somewhere."""
    return sorted(presence.is_online(begun.rung))


def _again(call: Call, member: Participant, actor: User, device: Device, now: datetime) -> Begun | DomainError:
    call.conversation = member.conversation
    deadlines.judge(call, now)
    if not call.is_live:
        return over(call)
    mine = joining.live_leg(call, actor.pk)
    if mine is None or mine.device_key != device.key:
        return refusal(errors.CallExists, call)
    joining.come_back(mine, device, now=now)
    return Begun(call, mine, joined=False, is_new=False, rung=record.pending(call))


def _callable(member: Participant) -> list[User]:
    """The others who could answer, without those who blocked the caller or were blocked by them.

    Raises Blocked, and InvalidInput when there is nobody in a direct conversation.
    """
    others = User.objects.filter(
        conversations.unblocked(member.user_id),
        participations__conversation_id=member.conversation_id,
        kind=User.Kind.HUMAN,
        is_active=True,
    ).exclude(pk=member.user_id)
    found = list(others.order_by("participations__joined_at", "pk")[: limits.RUNG_AT_ONCE])
    if member.conversation.type == Conversation.Type.DIRECT:
        if conversations.is_blocked(member):
            raise Blocked
        if not found:
            raise InvalidInput(details={"conversation_id": ["There is nobody here who could answer a call."]})
    return found


def _into(call: Call, actor: User, device: Device, now: datetime) -> Begun | DomainError:
    """There is a call: this is how the actor comes into it."""
    mine = joining.live_leg(call, actor.pk)
    if mine is not None and mine.device_key == device.key:
        joining.come_back(mine, device, now=now)
        return Begun(call, mine, joined=True, is_new=False)
    if mine is not None:
        return refusal(errors.CallExists, call)
    if full := joining.refusal_for_another(call):
        return refusal(full, call)
    seat = joining.come_in(call, actor, device, now=now)
    return Begun(call, seat.leg, joined=True, is_new=False)


def _new(call: Call, others: Sequence[User], actor: User, device: Device) -> Begun:
    is_small = record.is_direct(call) or _size(call) <= limits.RUNG_AT_ONCE
    rung = [other for other in others if _may_ring(call, actor, other)] if is_small else []
    now = call.created_at
    call.ring_until = now + (limits.RING if rung else limits.RING_UNHEARD)
    call.due_at = record.next_deadline(call)
    call.save(force_insert=True)
    leg = joining.new_leg(call, actor, device, now=now)
    CallParticipant.objects.bulk_create(
        CallParticipant(call=call, user=user, origin=CallParticipant.Origin.RANG, rung_at=now) for user in rung
    )
    record.publish(call, "initiated", actor.pk)
    ids = [user.pk for user in rung]
    event = CallInitiated.model_validate(
        {
            "call_id": call.pk,
            "conversation_id": call.conversation_id,
            "user_id": actor.pk,
            "call_type": call.call_type,
        }
    )
    record.tell(ids, event)
    ringing.ring(call, actor, ids)
    return Begun(call, leg, joined=False, is_new=True, rung=ids)


def _may_ring(call: Call, actor: User, other: User) -> bool:
    """Whether they were not rung by the actor too often: each group that two are in would be another way to do it.

    Raises RateLimited where there is nobody else to ring.
    """
    try:
        throttles.hit("ring_one", f"{actor.pk}:{other.pk}")
    except RateLimited:
        if record.is_direct(call):
            raise
        return False
    return True


def _size(call: Call) -> int:
    return Participant.objects.filter(conversation_id=call.conversation_id).count()


def _fingerprint(conversation_id: UUID, call_type: str) -> str:
    return hashlib.sha256(f"{conversation_id}:{call_type}".encode()).hexdigest()
