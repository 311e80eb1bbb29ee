"""Whom one may bring into a conversation."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from core.errors import NotFound
from messenger import limits
from messenger.errors import Blocked
from messenger.errors import GroupFull
from messenger.models import Block
from messenger.models import Conversation
from messenger.models import Participant


def reachable(actor: User, user_ids: Collection[UUID]) -> list[User]:
    """These users, in the order of the ids. Raises NotFound when one is unknown or suspended, Blocked for a block."""
    found = User.objects.filter(is_active=True).in_bulk(list(user_ids))
    if len(found) < len(set(user_ids)):
        raise NotFound
    others = [user_id for user_id in found if user_id != actor.pk]
    if Block.objects.filter(
        Q(blocker=actor, blocked__in=others) | Q(blocked=actor, blocker__in=others),
    ).exists():
        raise Blocked
    return [found[user_id] for user_id in dict.fromkeys(user_ids)]


def join(
    conversation: Conversation, users: Collection[User], *, role: str = Participant.Role.MEMBER, head: int = 0
) -> list[Participant]:
    """New members, to whom everything up to ``head`` counts as read. Raises GroupFull.

    The conversation's stream must be held.
    """
    present = Participant.objects.filter(conversation=conversation).count()
    if present + len(users) > limits.MEMBERS:
        raise GroupFull(limit=limits.MEMBERS)
    now = timezone.now()
    return Participant.objects.bulk_create(
        Participant(conversation=conversation, user=user, role=role, read_seq=head, joined_at=now) for user in users
    )
