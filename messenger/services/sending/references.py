"""What a message shows of others: its file, the message or story it answers, who said it first, the members it names.

Read in the transaction that writes the message, with its conversation's stream locked.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounts.models import User
from core import sql
from core.errors import InvalidInput
from core.errors import NotFound
from core.models import StoredFile
from core.sql import identity
from messenger import limits
from messenger import text
from messenger.models import Conversation
from messenger.models import Message
from messenger.models import Participant
from messenger.models import Story
from messenger.presentation.people import people
from messenger.services.sending.draft import MessageDraft
from messenger.shapes import Person

SENDABLE = (StoredFile.Purpose.MESSAGE, StoredFile.Purpose.ATTACHMENT)
"""Purposes of files that may stand in a message; avatars and stories have lives of their own."""


def read(draft: MessageDraft) -> dict[str, Any]:
    """The fields of a ``MessageRow`` that a plain draft does not have.

    Raises NotFound (no such file, no such message or story to answer), InvalidInput (the type does not fit the file).
    """
    if draft.is_plain:
        return {}
    parts = _media(draft) | _reply(draft) | _original_writer(draft)
    _check_story(draft)
    kind = parts.get("media_kind")
    return parts | {
        "message_type": _message_type(draft, kind),
        "album_id": draft.album_id if kind in _IN_ALBUMS else None,
        "mentions": mentioned(draft.conversation_id, draft.names, by=draft.sender_id),
    }


_IN_ALBUMS = frozenset({"image", "video"})
"""Kinds of files; one that turns out to be another stands alone, as its sender cannot know what is found in it."""

_FILE = ("kind", "name", "mime_type", "size", "width", "height", "duration", "thumbnail_key")


def _media(draft: MessageDraft) -> dict[str, Any]:
    """What the message shows of its file, whose row is locked: it cannot be deleted before the message stands."""
    if draft.media_id is None:
        return {}
    files = StoredFile.objects.current().filter(pk=draft.media_id, purpose__in=SENDABLE)
    if not draft.is_forwarded:
        files = files.filter(owner_id=draft.sender_id)
    found = files.select_for_update().values_list(*_FILE).first()
    if found is None:
        raise NotFound("There is no such file.")
    return {f"media_{name}": value for name, value in zip(_FILE, found, strict=True)}


def _message_type(draft: MessageDraft, kind: str | None) -> str:
    if kind is None:
        fitting = Message.Type.TEXT
    else:
        fitting = Message.Type(kind) if kind in {"image", "video", "audio"} else Message.Type.FILE
    wanted = draft.message_type or fitting
    if wanted == fitting or (kind is not None and wanted == Message.Type.FILE):
        return str(wanted)
    raise InvalidInput(details={"message_type": [f"This message is of the type {fitting.value}."]})


_QUOTED = ("seq", "message_type", "content", "is_deleted", "sender_id")
_QUOTED_WRITER = ("sender__username", "sender__display_name", "sender__avatar_url", "sender__kind")


def _reply(draft: MessageDraft) -> dict[str, Any]:
    if draft.reply_to_id is None:
        return {}
    quoted = Message.objects.filter(pk=draft.reply_to_id, conversation_id=draft.conversation_id)
    found = quoted.values_list(*_QUOTED, *_QUOTED_WRITER).first()
    if found is None:
        raise NotFound("The message that is answered is not there.")
    names = [*_QUOTED, "sender_username", "sender_display_name", "sender_avatar_url", "sender_kind"]
    parts = {f"reply_{name.removeprefix('message_')}": value for name, value in zip(names, found, strict=True)}
    return parts | {"reply_content": parts["reply_content"][: limits.QUOTED_CHARS]}


def _check_story(draft: MessageDraft) -> None:
    if draft.story_id is None:
        return
    others = Participant.objects.filter(conversation_id=draft.conversation_id, conversation__type="direct")
    tellers = others.exclude(user_id=draft.sender_id).values("user_id")
    if not Story.objects.current().filter(pk=draft.story_id, user__in=tellers).exists():
        raise NotFound("The story that is answered is not there.")


def _original_writer(draft: MessageDraft) -> dict[str, Any]:
    if draft.forwarded_from_id is None:
        return {}
    columns = ("username", "display_name", "avatar_url", "kind")
    found = User.objects.filter(pk=draft.forwarded_from_id).values(*columns).first()
    return {f"writer_{name}": value for name, value in found.items()} if found else {}


def payer(draft: MessageDraft) -> dict[UUID, Person] | None:
    """Who pays for what an agent says, by id; None when the message speaks of nobody."""
    paid_by = (draft.agent or {}).get("paid_by")
    return people([UUID(paid_by)]) if paid_by else None


def _is_admin(conversation_id: UUID, user_id: UUID) -> bool:
    admins = Participant.objects.filter(role=Participant.Role.ADMIN, conversation__type=Conversation.Type.GROUP)
    return admins.filter(conversation_id=conversation_id, user_id=user_id).exists()


_MENTIONED = """
SELECT {columns} FROM conversation_participants p JOIN accounts_user u ON u.id = p.user_id
 WHERE p.conversation_id = %s AND LOWER(u.username) IN ({places}) ORDER BY p.joined_at, p.id
"""


def mentioned(conversation_id: UUID, names: frozenset[str], *, by: UUID | None) -> list[str]:
    """The ids of the members of those names (in lower case), as they are stored.

    ``@all`` by an admin of a group means everybody: the conversation's own id stands for them, however many they are.
    """
    if not names:
        return []
    if by is not None and text.ALL in names and _is_admin(conversation_id, by):
        return [str(conversation_id)]
    statement = _MENTIONED.format(
        columns=sql.columns(Participant, "p", ("user_id",)), places=", ".join(["%s"] * len(names))
    )
    found = sql.rows(Participant, ("user_id",), statement, [identity(conversation_id), *sorted(names)])
    return [str(user_id) for (user_id,) in found]
