"""Links that let people join a group by themselves."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models import Q
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from core.errors import NotFound
from messenger import access
from messenger.models import Conversation
from messenger.models import Invite
from messenger.models import Participant
from messenger.services import participants


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody with a link learns of the group before they join."""

    conversation: Conversation
    participant_count: int
    is_member: bool
    invited_by: User


@transaction.atomic
def create(actor: User, *, conversation_id: UUID, expires_in: int | None = None, max_uses: int | None = None) -> Invite:
    """A new link; ``expires_in`` in seconds. Admins only. Raises NotFound, Forbidden, NotInDirect."""
    conversation = access.admin_of(actor, conversation_id, lock=True).conversation
    return Invite.objects.create(
        conversation=conversation,
        created_by=actor,
        token=secrets.token_urlsafe(24),
        max_uses=max_uses,
        expires_at=timezone.now() + timedelta(seconds=expires_in) if expires_in else None,
    )


def listed(actor: User, *, conversation_id: UUID) -> QuerySet[Invite]:
    """The links of a group that were not withdrawn. Admins only."""
    conversation = access.admin_of(actor, conversation_id).conversation
    return conversation.invites.filter(revoked_at=None).select_related("created_by")


def revoke(actor: User, *, conversation_id: UUID, invite_id: UUID) -> None:
    """Nobody joins by this link any more. Admins only. Raises NotFound."""
    conversation = access.admin_of(actor, conversation_id).conversation
    if not conversation.invites.filter(pk=invite_id, revoked_at=None).update(revoked_at=timezone.now()):
        raise NotFound


def url(invite: Invite) -> str:
    """What is sent to people."""
    return f"{settings.PUBLIC_URL}/app/join/{invite.token}"


def look(actor: User | None, *, token: str) -> Look:
    """The group behind a link, for somebody who is not signed in as well: they should know what they sign in for.

    Raises NotFound for one that is used up, withdrawn, too old or unknown.
    """
    invite = _usable(token, actor)
    members = invite.conversation.participants
    is_member = actor is not None and members.filter(user=actor).exists()
    return Look(invite.conversation, members.count(), is_member, invite.created_by)


@transaction.atomic
def join(actor: User, *, token: str) -> Participant:
    """Become a member; who is one already stays one, and nothing is used up. Raises NotFound, GroupFull."""
    conversation_id = _usable(token, actor).conversation_id
    access.lock_conversation(conversation_id)
    # Who locked the stream before may have used the link up, or ended the group.
    invite = _usable(token, actor)
    mine = Participant.objects.filter(conversation_id=conversation_id, user=actor).first()
    if mine is None:
        Invite.objects.filter(pk=invite.pk).update(uses=F("uses") + 1)
        participants.enter(invite.conversation, [actor], actor=actor)
    return access.member_of(actor, conversation_id)


def _usable(token: str, actor: User | None) -> Invite:
    """A link by which one may join, or by which a member comes back to the group."""
    is_open = Q(max_uses=None) | Q(uses__lt=F("max_uses"))
    if actor is not None:
        is_open |= Q(conversation__participants__user=actor)
    found = (
        Invite.objects.select_related("conversation", "created_by")
        .filter(is_open, token=token, revoked_at=None, conversation__deleted_at=None)
        .exclude(expires_at__lte=timezone.now())
        .first()
    )
    if found is None:
        raise NotFound
    return found
