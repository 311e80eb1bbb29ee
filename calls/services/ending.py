"""Hanging up, and what ends a place in a call from outside: sessions, blocks, removals, staff."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.models import User
from accounts.services import audit
from calls import access
from calls.models import Call
from calls.models import CallLeg
from calls.models import CallParticipant
from calls.services import leaving
from calls.services import record
from calls.services import ringing
from calls.services.entry import taken
from calls.services.entry import transition
from core import sql
from core.errors import DomainError
from core.errors import Forbidden
from core.errors import InvalidInput
from core.errors import NotFound
from messenger.models import Participant

Reason = Call.EndReason
Response = CallParticipant.Response
Status = Call.Status


@transition
def end(actor: User, *, call_id: UUID, leg_id: UUID | None = None, for_everyone: bool = False) -> Call | DomainError:
    """Leave with one device, or with whichever is in; ``for_everyone``: the call is over (who began it, and admins).

    What is over already stays so. Raises NotFound, Forbidden.
    """
    call, member = taken(actor, call_id)
    if not call.is_live:
        return call
    now = sql.now()
    if for_everyone:
        if actor.pk != call.initiator_id and member.role != Participant.Role.ADMIN:
            raise Forbidden
        reason = Reason.CANCELLED if call.status == Status.RINGING else Reason.HANGUP
        leaving.finish(call, reason, now=now, by=actor.pk)
        return call
    mine = [leg for leg in record.live_legs(call) if leg.user_id == actor.pk and leg_id in {None, leg.pk}]
    leaving.leave(call, mine, reason="hangup", now=now, by=actor.pk)
    return call


@transaction.atomic
def end_by_staff(actor: User, *, call_id: UUID, reason: str, client: ClientInfo = NOBODY) -> bool:
    """End somebody else's call, on the record; False when it was over. Raises NotFound, Forbidden, InvalidInput."""
    if not actor.has_perm("calls.change_call"):
        raise Forbidden
    if not reason.strip():
        raise InvalidInput(details={"reason": ["Say why."]})
    call = access.lock(call_id)
    if not leaving.finish_live(call, Reason.STAFF, now=sql.now(), by=None):
        return False
    audit.record("call.ended_by_staff", actor=actor, client=client, on=call, reason=reason.strip())
    return True


# From outside ---------------------------------------------------------------------------------------------------------


def end_sessions(session_ids: Collection[UUID]) -> None:
    """The devices of these sessions leave."""
    legs = CallLeg.objects.filter(session_id__in=session_ids).exclude(state=CallLeg.State.LEFT)
    _take_out(legs.values_list("pk", "call_id"), "revoked")


def end_user(user_id: UUID) -> None:
    """Somebody is suspended, or goes: they are in no call any more, and are rung by none."""
    legs = CallLeg.objects.filter(user_id=user_id).exclude(state=CallLeg.State.LEFT)
    _take_out(legs.values_list("pk", "call_id"), "suspended")
    ringing_for = CallParticipant.objects.filter(user_id=user_id, response=Response.PENDING)
    for call_id in ringing_for.exclude(call__status=Status.ENDED).values_list("call_id", flat=True):
        _unring(call_id, [user_id])


def end_membership(conversation_id: UUID, user_ids: Collection[UUID]) -> None:
    """They are no members any more."""
    legs = CallLeg.objects.filter(call__conversation_id=conversation_id, user_id__in=user_ids)
    _take_out(legs.exclude(state=CallLeg.State.LEFT).values_list("pk", "call_id"), "removed")
    live = Call.objects.live().filter(conversation_id=conversation_id)
    for call_id in live.values_list("pk", flat=True):
        _unring(call_id, user_ids)


def end_between(user_ids: Sequence[UUID]) -> None:
    """One of two has blocked the other: their direct call is over. In a group they may meet."""
    one, other = user_ids
    live = Call.objects.live().filter(conversation__type="direct", conversation__participants__user_id=one)
    for call_id in live.filter(conversation__participants__user_id=other).values_list("pk", flat=True):
        _finish(call_id, Reason.BLOCKED)


def end_conversation(conversation_id: UUID) -> None:
    """Nobody is in it any more."""
    for call_id in Call.objects.live().filter(conversation_id=conversation_id).values_list("pk", flat=True):
        _finish(call_id, Reason.REMOVED)


@transaction.atomic
def _finish(call_id: UUID, reason: Reason) -> None:
    leaving.finish_live(access.lock(call_id), reason, now=sql.now(), by=None)


def _take_out(found: Collection[tuple[UUID, UUID]], reason: str) -> None:
    by_call: dict[UUID, list[UUID]] = {}
    for leg_id, call_id in found:
        by_call.setdefault(call_id, []).append(leg_id)
    for call_id, leg_ids in by_call.items():
        with transaction.atomic():
            call = access.lock(call_id)
            legs = [leg for leg in record.live_legs(call) if leg.pk in leg_ids]
            if call.is_live:
                leaving.leave(call, legs, reason=reason, now=sql.now(), by=None)


@transaction.atomic
def _unring(call_id: UUID, user_ids: Collection[UUID]) -> None:
    """They are not rung any more; when nobody is, nobody can answer."""
    try:
        call = access.lock(call_id)
    except NotFound:
        return
    rows = CallParticipant.objects.filter(call=call, user_id__in=user_ids, response=Response.PENDING)
    gone = list(rows.values_list("user_id", flat=True))
    if not call.is_live or not gone:
        return
    rows.update(response=Response.MISSED, seen_at=sql.now())
    ringing.silence(call, gone)
    leaving.tell_out(call, gone, Reason.REMOVED)
    if call.status == Status.RINGING and not record.pending(call):
        leaving.finish(call, Reason.REMOVED, now=sql.now(), by=None)
    else:
        record.publish(call, "left", None)
