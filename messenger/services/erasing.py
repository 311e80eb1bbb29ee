"""Somebody's account ends: what they said goes, and their name from what others said and from stored events.

Their messages become stones without a sender, forwarded copies of them as well. Others' words stay, but where they name
the person by ``@name`` the name goes. Each step is small transactions and may be done again.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models import TextField
from django.db.models.functions import Cast
from django.db.models.functions import Lower

from accounts.models import AccountDeletion
from accounts.models import User
from core.errors import NotFound
from core.models import StoredFile
from core.models import Stream
from core.models import StreamEvent
from core.personal import Work
from core.personal import in_batches
from core.realtime import streams
from core.text import folded
from messenger import signals
from messenger import text
from messenger.access import conversation_stream
from messenger.access import lock_conversation
from messenger.events import ConversationUpdated
from messenger.events import MessageDeleted
from messenger.models import Block
from messenger.models import Conversation
from messenger.models import Invite
from messenger.models import Message
from messenger.models import Participant
from messenger.models import Reaction
from messenger.models import ReadReceipt
from messenger.models import Story
from messenger.models import StoryView
from messenger.presentation.conversations import NOBODY
from messenger.services import members
from messenger.services import notify
from messenger.services import notifying
from messenger.services import participants
from messenger.services import stories
from messenger.services.changes import delete_unused_file
from messenger.services.locking import publish_updated
from messenger.services.locking import rewrite_log

_AT_ONCE = 50
"""Messages in one transaction, for which the conversation's stream is locked."""
_EVENTS_AT_ONCE = 200
"""Stored events between two checkpoints, each in a transaction of its own."""
_NO_NAME = "deleted"
"""What stands behind the @ where a name stood. It mentions nobody, as mentions are ids."""


def erase(user_id: UUID, work: Work) -> None:
    """Everything of a user whose account has lost its name already, so that nothing shows it again meanwhile."""
    if work.at is None:
        _erase_rows(user_id, work)
    _rewrite_events(user_id, work)


def _erase_rows(user_id: UUID, work: Work) -> None:
    _take_back(user_id, work)
    _redact_mentions(user_id, work)
    _leave(user_id, work)
    _take_back(user_id, work)  # what was on its way in; who is in no conversation says nothing more
    for story in Story.objects.filter(user_id=user_id).select_related("user"):
        stories.remove(story)
        work.moved(1)
    _take_pictures_down(user_id, work)
    for rows in _marks(user_id):
        in_batches(rows, work)
    _clear_ended_groups(user_id, work)


def _marks(user_id: UUID) -> Sequence[Any]:
    return (
        Reaction.objects.filter(user_id=user_id),
        ReadReceipt.objects.filter(user_id=user_id),
        StoryView.objects.filter(viewer_id=user_id),
        Invite.objects.filter(created_by_id=user_id),
        Block.objects.filter(Q(blocker_id=user_id) | Q(blocked_id=user_id)),
    )


# What they said -------------------------------------------------------------------------------------------------------


def _take_back(user_id: UUID, work: Work) -> None:
    theirs = Message.objects.filter(Q(sender_id=user_id) | Q(forwarded_from_id=user_id))
    while conversation_id := theirs.values_list("conversation_id", flat=True).first():
        while moved := _take_some_back(theirs.filter(conversation_id=conversation_id), conversation_id, user_id):
            work.moved(moved)


@transaction.atomic
def _take_some_back(rows: Any, conversation_id: UUID, user_id: UUID) -> int:
    lock_conversation(conversation_id)
    messages = list(rows.order_by("seq")[:_AT_ONCE])
    ids = [message.pk for message in messages]
    Message.objects.filter(pk__in=ids).take_back()
    Message.objects.filter(pk__in=ids, sender_id=user_id).update(sender=None, client_id=None, fingerprint="")
    Reaction.objects.filter(message_id__in=ids).delete()
    notifying.forget_taken_back(messages)
    listened = Conversation.objects.current().filter(pk=conversation_id).first()
    for message in messages:
        if message.media_id:
            delete_unused_file(message.media_id)
        rewrite_log(message)
        if listened and not message.is_deleted:
            event = MessageDeleted(
                conversation_id=conversation_id, message_id=message.pk, message_seq=message.seq, deleted_by=None
            )
            streams.append(conversation_stream(conversation_id), event)
    if listened and listened.agent_count:
        signals.send_messages_taken_back(conversation_id, [one.pk for one in messages if not one.is_deleted])
    return len(messages)


# What others said of them ---------------------------------------------------------------------------------------------


def _redact_mentions(user_id: UUID, work: Work) -> None:
    """The mentions of them, whatever they were called at the time."""
    former = AccountDeletion.objects.filter(user_id=user_id).values_list("former_name", flat=True).first()
    naming = Message.objects.annotate(named=Cast("mentions", TextField())).filter(named__contains=str(user_id))
    ids = list(naming.order_by("pk").values_list("pk", flat=True)[:_AT_ONCE])
    while ids:
        for message_id in ids:
            _redact_mention(message_id, user_id, (former or "").lower())
        work.moved(len(ids))
        # From the last one on: the table has no index for this, and is looked through once.
        ids = list(naming.filter(pk__gt=ids[-1]).order_by("pk").values_list("pk", flat=True)[:_AT_ONCE])


@transaction.atomic
def _redact_mention(message_id: UUID, user_id: UUID, former: str) -> None:
    message = Message.objects.filter(pk=message_id).first()
    if message is None:
        return
    lock_conversation(message.conversation_id)
    message.refresh_from_db()
    # A name nobody has is one that was theirs, or never anybody's.
    called = text.names(message.content) - {former}
    known = set(User.objects.annotate(low=Lower("username")).filter(low__in=called).values_list("low", flat=True))
    content = text.renamed(message.content, lambda name: name if name.lower() in known else _NO_NAME)
    mentions = [one for one in message.mentions if one != str(user_id)]
    Message.objects.filter(pk=message.pk).update(content=content, search_text=folded(content), mentions=mentions)
    rewrite_log(message)
    if Conversation.objects.current().filter(pk=message.conversation_id).exists():
        publish_updated(message)


# Where they were ------------------------------------------------------------------------------------------------------


def _leave(user_id: UUID, work: Work) -> None:
    """Groups the way everybody leaves them, so that each still has an admin; of a direct one the other half stays."""
    user = User(pk=user_id)
    for row in Participant.objects.filter(user_id=user_id).select_related("conversation"):
        conversation = row.conversation
        if conversation.type == Conversation.Type.GROUP and conversation.deleted_at is None:
            try:
                participants.remove(user, conversation_id=conversation.pk, user_id=user_id)
            except NotFound:  # taken out, or the group ended, since
                continue
        else:
            _leave_quietly(row)
        if not Participant.objects.filter(conversation=conversation).exists():
            _end(conversation, work)
        work.moved(1)


@transaction.atomic
def _leave_quietly(row: Participant) -> None:
    lock_conversation(row.conversation_id)
    members.take_out(row)
    if row.conversation.deleted_at is None:
        others = Participant.objects.filter(conversation_id=row.conversation_id).values_list("user_id", flat=True)
        notify.publish_to_users(
            others, ConversationUpdated(conversation_id=row.conversation_id, name=NOBODY, avatar_url="")
        )


def _end(conversation: Conversation, work: Work) -> None:
    """Nobody is left in it. It goes when nobody else's words are in it either."""
    if Message.objects.filter(conversation=conversation).exclude(sender=None).exists():
        return
    in_batches(StreamEvent.objects.filter(stream_id=conversation.pk), work, size=2000)
    in_batches(Message.objects.filter(conversation=conversation), work)
    with transaction.atomic():
        if conversation.deleted_at is None and conversation.type == Conversation.Type.DIRECT:
            signals.send_conversation_ended(conversation.pk)
        Conversation.objects.filter(pk=conversation.pk).delete()
        Stream.objects.filter(pk=conversation.pk).delete()


def _clear_ended_groups(user_id: UUID, work: Work) -> None:
    """Names they gave to groups that are over, which nobody but staff sees."""
    ended = Conversation.objects.filter(created_by_id=user_id).exclude(deleted_at=None)
    for conversation in ended.exclude(name="", avatar_url=""):
        with transaction.atomic():
            lock_conversation(conversation.pk)
            notes = Message.objects.filter(conversation=conversation, message_type=Message.Type.SYSTEM)
            for note in notes.exclude(system=None):
                Message.objects.filter(pk=note.pk).update(system={**(note.system or {}), "name": ""})
            Conversation.objects.filter(pk=conversation.pk).update(name="", avatar_url="")
            StreamEvent.objects.filter(Q(stream_id=conversation.pk) | Q(subject=conversation.pk)).delete()
        work.moved(1)


def _take_pictures_down(user_id: UUID, work: Work) -> None:
    """Of groups, where it was one of their files."""
    pictures = StoredFile.objects.filter(owner_id=user_id, purpose=StoredFile.Purpose.AVATAR)
    for file_id in pictures.values_list("pk", flat=True):
        for conversation in Conversation.objects.filter(avatar_url__contains=str(file_id)):
            with transaction.atomic():
                lock_conversation(conversation.pk)
                Conversation.objects.filter(pk=conversation.pk).update(avatar_url="")
                if conversation.deleted_at is None:
                    event = ConversationUpdated(conversation_id=conversation.pk, avatar_url="")
                    streams.append(conversation_stream(conversation.pk), event)
            work.moved(1)


# Stored events --------------------------------------------------------------------------------------------------------


def _rewrite_events(user_id: UUID, work: Work) -> None:
    """Stored events show people, messages and quotations as they were: whoever catches up finds nothing of them."""
    after: int | None = work.at or 0
    while after is not None:
        after = streams.rewrite_everywhere(str(user_id), redacting(str(user_id)), after=after, limit=_EVENTS_AT_ONCE)
        if after is not None:
            work.moved(_EVENTS_AT_ONCE, at=after)


def redacting(user_id: str) -> Callable[[dict[str, Any]], None]:
    """Changes a stored payload, in place, so that it shows nothing of a person but the id."""

    def change(node: Any) -> None:
        if isinstance(node, list):
            for part in node:
                change(part)
        if not isinstance(node, dict):
            return
        _redact_message(node, user_id)
        for part in node.values():
            change(part)
        if node.get("id") == user_id and "username" in node:
            node |= {"username": None, "name": NOBODY, "avatar_url": ""}
        if node.get("type") == "direct" and any(one["user"]["id"] == user_id for one in node.get("participants", ())):
            node |= {"name": NOBODY, "avatar_url": ""}

    return change


TOMBSTONE: dict[str, Any] = {
    "media": None,
    "forwarded_from": None,
    "mentions": [],
    "reactions": [],
    "link_preview": None,
    "agent": None,
    "is_pinned": False,
    "story_id": None,
}


def _redact_message(node: dict[str, Any], user_id: str) -> None:
    """A message, or a quotation, of theirs."""
    if "sender" not in node or "content" not in node:
        return
    is_sender = _is(node["sender"], user_id)
    if is_sender or _is(node.get("forwarded_from"), user_id):
        node |= {name: value for name, value in TOMBSTONE.items() if name in node}
        node |= {"content": "", "is_deleted": True}
    if is_sender:
        node["sender"] = None
        if "client_id" in node:
            node["client_id"] = None


def _is(person: dict[str, Any] | None, user_id: str) -> bool:
    return person is not None and person.get("id") == user_id
