"""Beginning, changing and ending conversations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from typing import TypedDict
from typing import Unpack
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.models import User
from accounts.services import audit
from core.errors import Forbidden
from core.errors import NotFound
from core.models import Stream
from core.realtime import streams
from core.realtime.names import user_stream
from messenger import access
from messenger import signals
from messenger.events import ConversationDeleted
from messenger.events import ConversationUpdated
from messenger.models import Conversation
from messenger.models import Participant
from messenger.models.conversations import Notify
from messenger.models.conversations import direct_key
from messenger.services import drafts
from messenger.services import members
from messenger.services import notes
from messenger.services import notify
from messenger.services import pictures
from messenger.services import speaking


class Changes(TypedDict, total=False):
    """What an admin may change in a group."""

    name: str
    avatar_id: UUID | None
    """None: no picture."""


class Settings(TypedDict, total=False):
    """What a member sets for themselves."""

    is_pinned: bool
    is_muted: bool
    notify: Notify
    is_archived: bool


@transaction.atomic
def create_direct(actor: User, *, user_id: UUID) -> tuple[Participant, bool]:
    """The actor's membership in the one conversation of the two, and whether it was made now.

    With oneself it is the actor's saved messages. One that is there already is shown again when the actor had hidden
    it, whether there is a block or not. Raises NotFound for an unknown user, Blocked.
    """
    existing = _direct(actor, user_id)
    if existing is not None:
        return _show_again(existing), False
    (other,) = members.check_reachable(actor, [user_id])
    fresh = Conversation(
        type=Conversation.Type.DIRECT,
        direct_key=direct_key(actor.pk, other.pk),
        created_by=actor,
        is_ai_agent=other.kind == User.Kind.AGENT,
    )
    # Whoever comes second waits here until the first has committed, finds the key taken, and takes what is there.
    Conversation.objects.bulk_create([fresh], ignore_conflicts=True)
    winner = Conversation.objects.get(direct_key=fresh.direct_key)
    if winner.pk != fresh.pk:
        return _show_again(Participant.objects.get(conversation=winner, user=actor)), False
    return _begin(winner, [actor] if other.pk == actor.pk else [actor, other])[0], True


@transaction.atomic
def create_group(
    actor: User, *, name: str, participant_ids: Sequence[UUID] = (), avatar_id: UUID | None = None
) -> Participant:
    """The actor's membership in a new group, whose admin they are. Raises NotFound, Blocked, GroupFull."""
    others = members.check_reachable(actor, [user_id for user_id in participant_ids if user_id != actor.pk])
    conversation = Conversation.objects.create(
        type=Conversation.Type.GROUP,
        name=name,
        avatar_url=pictures.avatar_url(actor, avatar_id) if avatar_id else "",
        created_by=actor,
    )
    return _begin(conversation, [actor, *others])[0]


@transaction.atomic
def update_group(actor: User, *, conversation_id: UUID, **changes: Unpack[Changes]) -> Participant:
    """Another name or picture; admins only. Raises NotFound, Forbidden, NotInDirect."""
    conversation = access.admin_of(actor, conversation_id, lock=True).conversation
    fields: dict[str, str] = {}
    if "name" in changes:
        fields["name"] = changes["name"]
    if "avatar_id" in changes:
        avatar_id = changes["avatar_id"]
        fields["avatar_url"] = pictures.avatar_url(actor, avatar_id) if avatar_id else ""
    changed = {name: value for name, value in fields.items() if getattr(conversation, name) != value}
    if changed:
        Conversation.objects.filter(pk=conversation.pk).update(**changed)
        event = ConversationUpdated(conversation_id=conversation.pk, **changed)
        streams.append(access.conversation_stream(conversation.pk), event)
    if "name" in changed:
        notes.write_note(conversation, "renamed", actor=actor, name=changed["name"])
    if "avatar_url" in changed:
        notes.write_note(conversation, "avatar_changed", actor=actor)
        pictures.delete_unused(conversation.avatar_url)
    return access.member_of(actor, conversation_id)


@transaction.atomic
def delete_conversation(actor: User, *, conversation_id: UUID, client: ClientInfo = NOBODY) -> None:
    """A group: admins end it for everybody. A direct one: it goes from the actor's own list, with its history.

    Raises NotFound, Forbidden.
    """
    mine = access.member_of(actor, conversation_id, lock=True)
    if mine.conversation.type == Conversation.Type.DIRECT:
        _hide(mine)
        return
    if mine.role != Participant.Role.ADMIN:
        raise Forbidden
    audit.record("conversation.deleted", actor=actor, client=client, on=mine.conversation)
    end_group(mine.conversation)


def end_group(conversation: Conversation) -> None:
    """Nobody sees the group any more, and nobody hears of it after this. The conversation's stream must be locked."""
    speaking.end_all(conversation.pk, reason="ended")
    Conversation.objects.filter(pk=conversation.pk).update(deleted_at=timezone.now())
    streams.append(
        access.conversation_stream(conversation.pk),
        ConversationDeleted(conversation_id=conversation.pk, reason="deleted"),
        audience=streams.Audience(ends=True),
    )
    notify.publish_deleted(conversation.participants.values_list("user_id", flat=True), conversation.pk, "deleted")
    signals.send_conversation_ended(conversation.pk)


@transaction.atomic
def change_settings(actor: User, *, conversation_id: UUID, **changes: Unpack[Settings]) -> Participant:
    """What concerns the actor alone: pinned, archived, what their devices are told of. Raises NotFound.

    Muted is ``notify="none"``; where both are given ``notify`` counts.
    """
    mine = access.member_of(actor, conversation_id)
    before = mine.notify
    columns: dict[str, Any] = dict(changes)
    if wanted := columns.pop("notify", None):
        columns["is_muted"] = wanted == "none"
        if wanted != "none":
            columns["only_mentions"] = wanted == "mentions"
    changed = {name: value for name, value in columns.items() if getattr(mine, name) != value}
    if changed:
        if not Participant.objects.filter(pk=mine.pk).update(**changed):
            raise NotFound  # removed in the same moment
        for name, value in changed.items():
            setattr(mine, name, value)
        shown = {name: value for name, value in changed.items() if name != "only_mentions"}
        if mine.notify != before:
            shown["notify"] = mine.notify
        if shown:
            notify.publish_to_users([actor.pk], ConversationUpdated(conversation_id=conversation_id, **shown))
    return mine


def note_export(actor: User, *, conversation_id: UUID, client: ClientInfo = NOBODY) -> None:
    """Somebody takes a copy of a conversation with them: that stands in the audit log. Raises NotFound."""
    conversation = access.member_of(actor, conversation_id).conversation
    audit.record("conversation.exported", actor=actor, client=client, on=conversation)


def _begin(conversation: Conversation, users: Sequence[User]) -> list[Participant]:
    """The stream and the members of a new conversation; the first of a group looks after it."""
    is_group = conversation.type == Conversation.Type.GROUP
    Stream.objects.create(pk=conversation.pk, kind=access.KIND)
    first = members.join(conversation, users[:1], role=Participant.Role.ADMIN if is_group else Participant.Role.MEMBER)
    memberships = first + members.join(conversation, users[1:])
    if is_group:
        others = [user.pk for user in users[1:]]
        notes.write_note(conversation, "created", actor=users[0], about=others, name=conversation.name)
    notify.publish_created(memberships)
    signals.send_members_joined(conversation.pk, [user.pk for user in users], by=users[0].pk)
    return memberships


def _direct(actor: User, user_id: UUID) -> Participant | None:
    return Participant.objects.filter(user=actor, conversation__direct_key=direct_key(actor.pk, user_id)).first()


def _show_again(mine: Participant) -> Participant:
    """In the actor's list, whatever they did with it before."""
    if mine.is_hidden:
        access.lock_conversation(mine.conversation_id)
        Participant.objects.filter(pk=mine.pk).update(is_hidden=False)
        notify.publish_created([mine])
    return mine


def _hide(mine: Participant) -> None:
    """Out of the member's list until the next message, and without what was said so far."""
    head = streams.head(access.conversation_stream(mine.conversation_id))
    Participant.objects.filter(pk=mine.pk).update(
        is_hidden=True, cleared_seq=head, draft="", draft_reply_to=None, draft_updated_at=None
    )
    drafts.redact_events(mine)
    _redact_last_message(mine)
    notify.publish_deleted([mine.user_id], mine.conversation_id, "hidden")


def _redact_last_message(mine: Participant) -> None:
    """Earlier events on the member's own stream show nothing any more of what was said in the conversation."""

    def change(payload: dict[str, Any]) -> None:
        payload["conversation"]["last_message"] = payload["conversation"]["draft"] = None

    own = user_stream(mine.user_id)
    streams.rewrite_each(mine.conversation_id, '"conversation":', change, within=own)
