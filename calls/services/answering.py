"""Answering a call, joining one that runs, and going on with another device."""

from __future__ import annotations

from uuid import UUID

from accounts.models import User
from calls import errors
from calls.events import CallRejected
from calls.models import Call
from calls.models import CallParticipant
from calls.services import joining
from calls.services import leaving
from calls.services import record
from calls.services import ringing
from calls.services.entry import over
from calls.services.entry import refusal
from calls.services.entry import taken
from calls.services.entry import transition
from calls.services.joining import Device
from calls.services.joining import Joined
from core import sql
from core.errors import DomainError

Response = CallParticipant.Response
Status = Call.Status


@transition
def answer(actor: User, device: Device, *, call_id: UUID, move: bool = False) -> Joined | DomainError:
    """Come into a call with this device; of several that try at once one does. ``move``: from the one that is in.

    Once more changes nothing. Raises NotFound, CallOver, AnsweredElsewhere, CallFull, NoRelay.
    """
    call, _member = taken(actor, call_id)
    now = sql.now()
    if not call.is_live:
        return over(call)
    mine = joining.live_leg(call, actor.pk)
    if mine is not None and mine.device_key == device.key:
        joining.come_back(mine, device, now=now)
        return Joined(call, mine, is_new=False)
    if mine is not None:
        if not move:
            return refusal(errors.AnsweredElsewhere, call)
        return joining.change_device(call, mine, actor, device, now=now)
    if full := joining.refusal_for_another(call):
        return refusal(full, call)
    return joining.come_in(call, actor, device, now=now)


@transition
def reject(actor: User, *, call_id: UUID) -> Call | DomainError:
    """Decline: a direct call is over, in a group only one's own devices fall silent. After an answer it does nothing.

    Raises NotFound, CallOver.
    """
    call, _member = taken(actor, call_id)
    mine = CallParticipant.objects.filter(call=call, user=actor)
    if not call.is_live:
        # Once more is no fault of anybody.
        return call if mine.filter(response=Response.DECLINED).exists() else over(call)
    now = sql.now()
    is_rung = call.status == Status.RINGING and mine.filter(response=Response.PENDING).update(
        response=Response.DECLINED
    )
    if not is_rung:
        return call
    event = CallRejected(call_id=call.pk, conversation_id=call.conversation_id, user_id=actor.pk)
    told = record.people_of(call)
    ringing.silence(call, [actor.pk])
    if record.is_direct(call) or not record.pending(call):
        leaving.finish(call, Call.EndReason.DECLINED, now=now, by=actor.pk)
    else:
        record.publish(call, "rejected", actor.pk)
    record.tell(told, event)
    return call
