"""Two people who are to have nothing to do with each other."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.errors import InvalidInput
from core.errors import NotFound
from messenger import access
from messenger import signals
from messenger.events import ConversationUpdated
from messenger.models import Block
from messenger.models import Conversation
from messenger.models.conversations import direct_key
from messenger.services import notify
from messenger.services import speaking


@transaction.atomic
def block(actor: User, *, user_id: UUID) -> tuple[Block, bool]:
    """The block, and whether it is new. Raises NotFound for an unknown user, InvalidInput for oneself."""
    if user_id == actor.pk:
        raise InvalidInput(details={"user_id": ["Choose somebody else."]})
    if not User.objects.filter(pk=user_id).exists():
        raise NotFound
    direct = _lock_direct(actor.pk, user_id)
    was_blocked = access.blocked_between(actor.pk, user_id)
    fresh = Block(blocker=actor, blocked_id=user_id)
    Block.objects.bulk_create([fresh], ignore_conflicts=True)
    if not was_blocked:
        signals.send_pair_blocked(actor.pk, user_id)
    if direct and not was_blocked:
        speaking.end_all(direct, reason="blocked")
        _publish(direct, actor.pk, user_id, is_blocked=True)
    row = Block.objects.select_related("blocked").get(blocker=actor, blocked_id=user_id)
    return row, row.pk == fresh.pk


@transaction.atomic
def unblock(actor: User, *, user_id: UUID) -> None:
    """Take a block of one's own back; the other one's stays. Raises NotFound."""
    direct = _lock_direct(actor.pk, user_id)
    if not Block.objects.filter(blocker=actor, blocked_id=user_id).delete()[0]:
        raise NotFound
    if direct and not access.blocked_between(actor.pk, user_id):
        _publish(direct, actor.pk, user_id, is_blocked=False)


def _lock_direct(a: UUID, b: UUID) -> UUID | None:
    """The conversation of the two, locked so that the blocks of both are published in the order they were made."""
    key = direct_key(a, b)
    found = Conversation.objects.filter(direct_key=key).values_list("pk", flat=True).first()
    if found:
        access.lock_conversation(found)
    return found


def _publish(conversation_id: UUID, a: UUID, b: UUID, *, is_blocked: bool) -> None:
    notify.publish_to_users([a, b], ConversationUpdated(conversation_id=conversation_id, is_blocked=is_blocked))
