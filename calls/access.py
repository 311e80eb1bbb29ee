"""Who may do what with a call: every service begins here. A stranger finds nothing."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists
from django.db.models import OuterRef
from django.db.models import QuerySet

from accounts.models import User
from calls.models import Call
from calls.models import CallLeg
from core.errors import NotFound
from messenger import access as conversations
from messenger.models import Block
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


def admitted(legs: QuerySet[CallLeg]) -> QuerySet[CallLeg]:
    """Of legs, those whose user may be in the call, as the rows say now: nobody need have told of what changed them."""
    here = Participant.objects.active().filter(conversation_id=OuterRef("call__conversation_id"))
    others = here.filter(conversation__type=Conversation.Type.DIRECT).exclude(user_id=OuterRef("user_id"))
    blocked = Block.objects.between(OuterRef(OuterRef("user_id")), OuterRef("user_id"))
    return legs.filter(
        Exists(here.filter(user_id=OuterRef("user_id"))), ~Exists(others.filter(Exists(blocked))), user__is_active=True
    )


def leg_of(actor: User, call_id: UUID, leg_id: UUID) -> CallLeg:
    """The actor's own leg, which has not left, with its call. Raises NotFound."""
    mine = CallLeg.objects.exclude(state=CallLeg.State.LEFT).filter(pk=leg_id, call_id=call_id, user_id=actor.pk)
    found = mine.select_related("call").first()
    if found is None:
        raise NotFound
    return found
