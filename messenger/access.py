"""Who may do what: every service begins here. A stranger finds nothing, a member without the role is refused."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists
from django.db.models import OuterRef
from django.db.models import Q

from accounts.models import User
from core.errors import Forbidden
from core.errors import NotFound
from core.models import Stream
from core.realtime.names import StreamName
from messenger.errors import NotInDirect
from messenger.models import Block
from messenger.models import Conversation
from messenger.models import Participant

KIND = "c"
"""Of the streams of conversations."""


def conversation_stream(conversation_id: UUID) -> StreamName:
    """What all members see."""
    return StreamName(KIND, conversation_id)


def member_of(actor: User, conversation_id: UUID, *, lock: bool = False) -> Participant:
    """The actor's membership, with its ``conversation``. Raises NotFound for everybody else.

    ``lock``: takes the conversation's stream first (needs a transaction), so that nothing changes in the conversation
    until the transaction ends. Streams of users are taken after it, in the order of their ids.
    """
    if lock:
        lock_conversation(conversation_id)
    mine = Participant.objects.active().filter(conversation_id=conversation_id, user_id=actor.pk)
    found = mine.select_related("conversation").first()
    if found is None:
        raise NotFound
    return found


def admin_of(actor: User, conversation_id: UUID, *, lock: bool = False) -> Participant:
    """As :func:`member_of`; raises Forbidden for members who are not admins, NotInDirect in a direct conversation."""
    found = member_of(actor, conversation_id, lock=lock)
    if found.conversation.type != Conversation.Type.GROUP:
        raise NotInDirect
    if found.role != Participant.Role.ADMIN:
        raise Forbidden
    return found


def lock_conversation(conversation_id: UUID) -> int:
    """Take the conversation's stream, as appending to it does, without an event. Returns its head.

    What is read after this call is not changed by others before the transaction ends.
    """
    locked = Stream.objects.select_for_update(no_key=True).filter(pk=conversation_id)
    return locked.values_list("last_seq", flat=True).first() or 0


def check_active(actor: User) -> None:
    """Raises Forbidden for an agent that is suspended or retired: a run that goes on does not know of it."""
    if actor.kind == User.Kind.AGENT and not User.objects.filter(pk=actor.pk, is_active=True).exists():
        raise Forbidden


def is_blocked(member: Participant) -> bool:
    """Whether, in a direct conversation, one of the two has blocked the other."""
    if member.conversation.type != Conversation.Type.DIRECT:
        return False
    others = Participant.objects.filter(conversation_id=member.conversation_id).exclude(pk=member.pk)
    other = others.values_list("user_id", flat=True).first()
    return other is not None and blocked_between(member.user_id, other)


def blocked_between(a: UUID, b: UUID) -> bool:
    """Whether one of the two has blocked the other."""
    return Block.objects.between(a, b).exists()


def unblocked(user_id: UUID) -> Q:
    """Of users: those without a block between them and this one."""
    return ~Q(Exists(Block.objects.between(user_id, OuterRef("pk"))))
