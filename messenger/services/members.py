"""Whom one may bring into a conversation."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.utils import timezone

from accounts import contact_policy
from accounts.models import User
from core.errors import NotFound
from messenger import limits
from messenger import signals
from messenger.errors import AgentNotYours
from messenger.errors import Blocked
from messenger.errors import GroupFull
from messenger.models import Block
from messenger.models import Conversation
from messenger.models import Participant
from messenger.services import agents
from messenger.services import speaking


def check_reachable(actor: User, user_ids: Collection[UUID]) -> list[User]:
    """These users, in the order of the ids.

    Raises NotFound when one is unknown, suspended or an agent the actor may not find; AgentNotYours for one they may
    find and not add; Blocked for a block.
    """
    active = User.objects.filter(is_active=True)
    found = active.filter(contact_policy.addable(actor.pk)).in_bulk(list(user_ids))
    if missing := set(user_ids) - set(found):
        visible = active.filter(contact_policy.findable(actor.pk), pk__in=missing).count()
        raise AgentNotYours if visible == len(missing) else NotFound
    others = [user_id for user_id in found if user_id != actor.pk]
    if Block.objects.between_any(actor, others).exists():
        raise Blocked
    return [found[user_id] for user_id in dict.fromkeys(user_ids)]


def join(
    conversation: Conversation, users: Collection[User], *, role: str = Participant.Role.MEMBER, head: int = 0
) -> list[Participant]:
    """New members, to whom everything up to ``head`` counts as read. Raises GroupFull.

    The conversation's stream must be locked.
    """
    present = Participant.objects.filter(conversation=conversation).count()
    if present + len(users) > limits.MEMBERS:
        raise GroupFull(limit=limits.MEMBERS)
    now = timezone.now()
    joined = Participant.objects.bulk_create(
        Participant(conversation=conversation, user=user, role=role, read_seq=head, joined_at=now) for user in users
    )
    if any(user.kind == User.Kind.AGENT for user in users):
        agents.recount(conversation.pk)
    return joined


def take_out(row: Participant) -> None:
    """A member no longer; what they were writing ends as it is. The conversation's stream must be locked."""
    speaking.end_all(row.conversation_id, reason="removed", speaker_id=row.user_id)
    Participant.objects.filter(pk=row.pk).delete()
    agents.recount(row.conversation_id)
    signals.send_members_left(row.conversation_id, [row.user_id])
