"""Coming, going and roles in groups.

Everything here locks the conversation's stream, so what it decides by (who is there, who is an admin) stays true.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.errors import Forbidden
from core.errors import NotFound
from core.realtime import streams
from messenger import access
from messenger import signals
from messenger.errors import LastAdmin
from messenger.errors import NotInDirect
from messenger.events import ParticipantAdded
from messenger.events import ParticipantRemoved
from messenger.events import ParticipantUpdated
from messenger.models import Conversation
from messenger.models import Invite
from messenger.models import Participant
from messenger.presentation import conversations as presentation
from messenger.services import conversations
from messenger.services import members
from messenger.services import notes
from messenger.services import notify


@transaction.atomic
def add(actor: User, *, conversation_id: UUID, user_ids: Sequence[UUID]) -> ParticipantAdded:
    """Bring people into a group; who is in already is passed over. Admins only. What is returned names the new ones.

    Raises NotFound (also for an unknown user), Forbidden, NotInDirect, Blocked, GroupFull.
    """
    conversation = access.admin_of(actor, conversation_id, lock=True).conversation
    users = members.check_reachable(actor, user_ids)
    present = set(conversation.participants.filter(user__in=users).values_list("user_id", flat=True))
    return enter(conversation, [user for user in users if user.pk not in present], actor=actor)


def enter(conversation: Conversation, users: Sequence[User], *, actor: User) -> ParticipantAdded:
    """The users become members, and everybody learns it: added by the actor, or joined by themselves."""
    stream = access.conversation_stream(conversation.pk)
    memberships = members.join(conversation, users, head=streams.head(stream))
    event = ParticipantAdded(
        conversation_id=conversation.pk,
        participants=presentation.participants([row.pk for row in memberships]),
        participant_count=conversation.participants.count(),
    )
    if memberships:
        streams.append(stream, event)
        signals.send_members_joined(conversation.pk, [row.user_id for row in memberships], by=actor.pk)
        joined = [user.pk for user in users] == [actor.pk]
        about = [] if joined else [user.pk for user in users]
        notes.write_note(conversation, "joined" if joined else "added", actor=actor, about=about)
        notify.publish_created(memberships)
    return event


@transaction.atomic
def set_role(actor: User, *, conversation_id: UUID, user_id: UUID, role: str) -> Participant:
    """Make a member an admin, or an admin a member. Admins only.

    Raises NotFound, Forbidden, NotInDirect, LastAdmin when nobody would look after the group.
    """
    conversation = access.admin_of(actor, conversation_id, lock=True).conversation
    row = conversation.participants.filter(user_id=user_id).first()
    if row is None:
        raise NotFound
    if row.role != role:
        if role == Participant.Role.MEMBER and not _admins_beside(row):
            raise LastAdmin
        _change_role(row, role)
        if role == Participant.Role.MEMBER:
            _withdraw_links(row)
        notes.write_note(
            conversation, "promoted" if role == Participant.Role.ADMIN else "demoted", actor=actor, about=[user_id]
        )
    return row


@transaction.atomic
def remove(actor: User, *, conversation_id: UUID, user_id: UUID) -> None:
    """Take somebody out of a group (admins), or leave it (everybody).

    When the last admin leaves, the one who has been there longest follows; when the last person leaves, the group ends.
    Raises NotFound, Forbidden, NotInDirect.
    """
    mine = access.member_of(actor, conversation_id, lock=True)
    conversation = mine.conversation
    if conversation.type != Conversation.Type.GROUP:
        raise NotInDirect
    if user_id == actor.pk:
        _leave(actor, mine)
        return
    if mine.role != Participant.Role.ADMIN:
        raise Forbidden
    row = conversation.participants.filter(user_id=user_id).first()
    if row is None:
        raise NotFound
    _take_out(row)
    _withdraw_links(row)
    notes.write_note(conversation, "removed", actor=actor, about=[user_id])
    notify.publish_deleted([user_id], conversation.pk, "removed")


def _leave(actor: User, mine: Participant) -> None:
    conversation = mine.conversation
    others = conversation.participants.exclude(pk=mine.pk).filter(user__kind=User.Kind.HUMAN)
    heir = others.order_by("joined_at", "id").first()
    if heir is None:
        conversations.end_group(conversation)  # agents do not talk on by themselves
        mine.delete()
        return
    orphaned = not _admins_beside(mine)
    _take_out(mine)
    notes.write_note(conversation, "left", actor=actor)
    if orphaned:
        _change_role(heir, Participant.Role.ADMIN)
        notes.write_note(conversation, "promoted", actor=None, about=[heir.user_id])
    notify.publish_deleted([actor.pk], conversation.pk, "left")


def _take_out(row: Participant) -> None:
    """From this event on the member receives nothing of the conversation."""
    members.take_out(row)
    event = ParticipantRemoved(
        conversation_id=row.conversation_id,
        user_id=row.user_id,
        participant_count=Participant.objects.filter(conversation_id=row.conversation_id).count(),
    )
    audience = streams.Audience(leaves=[row.user_id])
    streams.append(access.conversation_stream(row.conversation_id), event, audience=audience)


def _withdraw_links(row: Participant) -> None:
    """Who was taken out, or is no admin any more, opens no door by a link of theirs, least of all to themselves."""
    Invite.objects.filter(conversation_id=row.conversation_id, created_by_id=row.user_id, revoked_at=None).update(
        revoked_at=timezone.now()
    )


def _change_role(row: Participant, role: str) -> None:
    row.role = role
    row.save(update_fields=["role"])
    event = ParticipantUpdated(conversation_id=row.conversation_id, user_id=row.user_id, role=role)
    streams.append(access.conversation_stream(row.conversation_id), event)


def _admins_beside(row: Participant) -> bool:
    admins = Participant.objects.filter(conversation_id=row.conversation_id, role=Participant.Role.ADMIN)
    return admins.exclude(pk=row.pk).exists()
