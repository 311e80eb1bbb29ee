"""Ringing devices on which no page is open, and telling of calls that were missed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from calls import limits
from calls.models import Call
from calls.models import CallSettings
from core import push
from messenger.models import Conversation
from messenger.models import Participant

KIND = "call"
MISSED = "call_missed"
_MISSED_LIFE = timedelta(days=1)


def tag(call_id: UUID) -> str:
    """What the notices of a ringing call are about."""
    return f"call:{call_id}"


def ring(call: Call, caller: User, user_ids: Collection[UUID]) -> None:
    """Ring their devices, at once or not at all; not of those who muted the conversation, or want no ringing."""
    members = _listening(call, user_ids)
    push.notify([_notice(call, caller, member, is_missed=False) for member in members])


def silence(call: Call, user_ids: Collection[UUID]) -> None:
    """Let their devices fall silent: somebody answered, or there is nothing to answer any more."""
    for user_id in user_ids:
        push.clear(user_id, tag(call.pk))


def tell_missed(call: Call, caller: User | None, user_ids: Collection[UUID]) -> None:
    """Leave word of a call that nobody answered."""
    if caller is not None:
        push.notify([_notice(call, caller, member, is_missed=True) for member in _listening(call, user_ids)])


def _listening(call: Call, user_ids: Collection[UUID]) -> list[Participant]:
    if not user_ids:
        return []
    members = Participant.objects.filter(conversation=call.conversation_id, user_id__in=user_ids, is_muted=False)
    silent = CallSettings.objects.filter(ring=False).values("user_id")
    return list(members.exclude(Q(user_id__in=silent)).select_related("user"))


def _notice(call: Call, caller: User, member: Participant, *, is_missed: bool) -> push.Notice:
    conversation = call.conversation
    is_group = conversation.type == Conversation.Type.GROUP
    with translation.override(member.user.language):
        if is_missed:
            said = _("Missed call")
        else:
            said = _("Incoming video call") if call.call_type == Call.Type.VIDEO else _("Incoming call")
        name = caller.shown_name
        return push.Notice(
            user_id=member.user_id,
            kind=MISSED if is_missed else KIND,
            tag=f"missed:{call.pk}" if is_missed else tag(call.pk),
            title=conversation.name if is_group else name,
            body=f"{name}: {said}" if is_group else said,
            plain=said,
            url=f"/app/messages/{conversation.pk}",
            icon=(conversation.avatar_url if is_group else caller.avatar_url) or "",
            urgency="normal" if is_missed else "high",
            life=_MISSED_LIFE if is_missed else limits.RING,
        )
