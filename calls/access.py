"""Who may do what with a call: every service begins here. A stranger finds nothing."""

from __future__ import annotations

from uuid import UUID

from accounts.models import User
from calls.models import Call
from calls.models import CallLeg
from core.errors import NotFound
from messenger import access as conversations
from messenger.models import Conversation
from messenger.models import Participant


def visible(actor: User, call_id: UUID) -> Call:
    """A call the actor may look at. Raises NotFound."""
    found = Call.objects.visible_to(actor).filter(pk=call_id).first()
    if found is None:
        raise NotFound
    return found


def lock(call_id: UUID) -> Call:
    """The call, with its conversation, which nobody else changes until the transaction ends. Raises NotFound."""
    conversation_id = Call.objects.filter(pk=call_id).values_list("conversation_id", flat=True).first()
    if conversation_id is None:
        raise NotFound
    conversations.lock_conversation(conversation_id)
    return Call.objects.select_related("conversation").get(pk=call_id)


def lock_of(actor: User, call_id: UUID) -> tuple[Call, Participant]:
    """:func:`lock`, for a member of the call's conversation: the call and the membership.

    Raises NotFound for everybody else, and where one of two has blocked the other.
    """
    conversation_id = Call.objects.filter(pk=call_id).values_list("conversation_id", flat=True).first()
    if conversation_id is None:
        raise NotFound
    member = conversations.member_of(actor, conversation_id, lock=True)
    if conversations.is_blocked(member):
        raise NotFound
    call = Call.objects.get(pk=call_id)
    call.conversation = member.conversation
    return call, member


def is_direct(call: Call) -> bool:
    """Whether it is between two."""
    return call.conversation.type == Conversation.Type.DIRECT


def leg_of(actor: User, call_id: UUID, leg_id: UUID) -> CallLeg:
    """The actor's own leg, which has not left, with its call. Raises NotFound."""
    mine = CallLeg.objects.exclude(state=CallLeg.State.LEFT).filter(pk=leg_id, call_id=call_id, user_id=actor.pk)
    found = mine.select_related("call").first()
    if found is None:
        raise NotFound
    return found
