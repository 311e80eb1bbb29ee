"""Messages as everybody sees them: plain dictionaries, as their list is the hottest read of the app.

The shape is declared once, as :class:`messenger.events.MessageShape`; events and REST are both made from what
:func:`shown` gives. At most three queries, whatever the number of messages: the messages with all that is joined to
them, their reactions if one has any, and the people of system messages if there is one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from typing import NamedTuple
from uuid import UUID

from accounts.models import display_name
from core import sql
from core.sql import identity
from messenger.models import Message
from messenger.models import Reaction
from messenger.presentation.people import people
from messenger.shapes import MessageShape
from messenger.shapes import Person
from messenger.shapes import SystemNote

FIELDS = (
    "id", "conversation_id", "seq", "sender_id", "client_id", "message_type", "content", "media_id", "reply_to_id",
    "forwarded_from_id", "mentions", "system", "link_preview", "agent", "album_id", "story_id", "is_edited",
    "is_forwarded", "is_deleted", "edited_at", "pinned_at", "created_at",
)  # fmt: skip

# What is joined has no converters of its own: no times, no JSON, and the one UUID is read by hand.
_SELECT = """
SELECT {columns},
       s.username, s.display_name, s.avatar_url, s.kind,
       f.kind, f.name, f.mime_type, f.size, f.width, f.height, f.duration, f.thumbnail_key,
       r.seq, r.message_type, substr(r.content, 1, 200), r.is_deleted, r.sender_id,
       rs.username, rs.display_name, rs.avatar_url, rs.kind,
       w.username, w.display_name, w.avatar_url, w.kind,
       EXISTS (SELECT 1 FROM reactions x WHERE x.message_id = m.id)
  FROM (SELECT m.* FROM conversation_messages m WHERE {condition}) m
  LEFT JOIN accounts_user s ON s.id = m.sender_id
  LEFT JOIN core_storedfile f ON f.id = m.media_id
  LEFT JOIN conversation_messages r ON r.id = m.reply_to_id
  LEFT JOIN accounts_user rs ON rs.id = r.sender_id
  LEFT JOIN accounts_user w ON w.id = m.forwarded_from_id
"""


class MessageRow(NamedTuple):
    """A message with what it shows of others; the first fields are :data:`FIELDS`."""

    id: UUID
    conversation_id: UUID
    seq: int
    sender_id: UUID | None
    client_id: str | None
    message_type: str
    content: str
    media_id: UUID | None
    reply_to_id: UUID | None
    forwarded_from_id: UUID | None
    mentions: list[str]
    system: dict[str, Any] | None
    link_preview: dict[str, Any] | None
    agent: dict[str, Any] | None
    album_id: UUID | None
    story_id: UUID | None
    is_edited: bool
    is_forwarded: bool
    is_deleted: bool
    edited_at: datetime | None
    pinned_at: datetime | None
    created_at: datetime
    sender_username: str | None = None
    sender_display_name: str | None = None
    sender_avatar_url: str | None = None
    sender_kind: str | None = None
    media_kind: str | None = None
    media_name: str | None = None
    media_mime_type: str | None = None
    media_size: int | None = None
    media_width: int | None = None
    media_height: int | None = None
    media_duration: float | None = None
    media_thumbnail_key: str | None = None
    reply_seq: int | None = None
    reply_type: str | None = None
    reply_content: str | None = None
    reply_is_deleted: bool | None = None
    reply_sender_id: UUID | str | None = None
    reply_sender_username: str | None = None
    reply_sender_display_name: str | None = None
    reply_sender_avatar_url: str | None = None
    reply_sender_kind: str | None = None
    writer_username: str | None = None
    writer_display_name: str | None = None
    writer_avatar_url: str | None = None
    writer_kind: str | None = None
    has_reactions: bool | int = False


def find(condition: str, parameters: Sequence[Any]) -> list[MessageRow]:
    """The messages ``m`` of an SQL condition, in any order; one query.

    An order and a limit may follow the condition: they choose before anything is joined.
    """
    statement = _SELECT.format(columns=sql.columns(Message, "m", FIELDS), condition=condition)
    return [MessageRow._make(row) for row in sql.rows(Message, FIELDS, statement, parameters)]


def listed(rows: Sequence[MessageRow]) -> list[dict[str, Any]]:
    """The rows as they are shown, in their order."""
    reacted = [row.id for row in rows if row.has_reactions]
    reactions = _reactions(reacted) if reacted else {}
    named = people({UUID(name) for row in rows if row.system or row.agent for name in _named(row)})
    return [as_dict(row, reactions.get(row.id, []), named) for row in rows]


def shown(message_ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """By id, messages as they are shown; at most three queries, none for nothing."""
    if not message_ids:
        return {}
    places = ", ".join(["%s"] * len(message_ids))
    rows = find(f"m.id IN ({places})", [identity(key) for key in message_ids])
    return {message["id"]: message for message in listed(rows)}


def shapes_of(message_ids: Collection[UUID]) -> dict[UUID, MessageShape]:
    """By id, what :func:`shown` gives as the typed shape."""
    return {key: MessageShape.model_validate(message) for key, message in shown(message_ids).items()}


def as_dict(
    row: MessageRow, reactions: list[dict[str, Any]] | None = None, named: Mapping[UUID, Person] | None = None
) -> dict[str, Any]:
    """One message; ``named`` are the people a system message, or an agent's, speaks of."""
    return {
        "id": row.id,
        "conversation_id": row.conversation_id,
        "seq": row.seq,
        "sender": _person(
            row.sender_id, row.sender_display_name, row.sender_username, row.sender_avatar_url, row.sender_kind
        ),
        "client_id": row.client_id,
        "message_type": row.message_type,
        "content": row.content,
        "media": _media(row),
        "reply_to": _reply_to(row),
        "forwarded_from": _person(
            row.forwarded_from_id, row.writer_display_name, row.writer_username, row.writer_avatar_url, row.writer_kind
        ),
        "mentions": row.mentions,
        "reactions": reactions or [],
        "link_preview": row.link_preview,
        "system": _system(row.system, named or {}) if row.system else None,
        "agent": _agent(row.agent, named or {}) if row.agent else None,
        "album_id": row.album_id,
        "story_id": row.story_id,
        "is_edited": row.is_edited,
        "is_forwarded": row.is_forwarded,
        "is_deleted": row.is_deleted,
        "is_pinned": row.pinned_at is not None,
        "edited_at": row.edited_at,
        "created_at": row.created_at,
    }


def note_as_stored(note: SystemNote) -> dict[str, Any]:
    """What a system message keeps: ids, so that it never tells a name that is no longer there."""
    return {
        "action": note.action,
        "actor": str(note.actor.id) if note.actor else None,
        "people": [str(one.id) for one in note.people],
        "name": note.name,
        "call_type": note.call_type,
        "seconds": note.seconds,
    }


def _named(row: MessageRow) -> list[str]:
    system, payer = row.system or {}, (row.agent or {}).get("paid_by")
    actor = system.get("actor")
    return [*([actor] if actor else []), *system.get("people", ()), *([payer] if payer else [])]


def _system(system: dict[str, Any], named: Mapping[UUID, Person]) -> dict[str, Any]:
    actor = named.get(UUID(system["actor"])) if system["actor"] else None
    found = [named[UUID(one)] for one in system["people"] if UUID(one) in named]
    return {
        "action": system["action"],
        "actor": actor.model_dump() if actor else None,
        "people": [one.model_dump() for one in found],
        "name": system["name"],
        # Notes of earlier releases have no calls in them.
        "call_type": system.get("call_type"),
        "seconds": system.get("seconds"),
    }


def _agent(agent: dict[str, Any], named: Mapping[UUID, Person]) -> dict[str, Any]:
    payer = named.get(UUID(agent["paid_by"])) if agent["paid_by"] else None
    return {
        "run_id": UUID(agent["run_id"]),
        "state": agent["state"],
        "reason": agent["reason"],
        "paid_by": payer.model_dump() if payer else None,
        "tokens": agent["tokens"],
        "calls": agent.get("calls"),
        "hop": agent["hop"],
        "attempt": agent["attempt"],
    }


def _person(
    user_id: UUID | None, given: str | None, username: str | None, avatar_url: str | None, kind: str | None
) -> dict[str, Any] | None:
    if user_id is None or kind is None:
        return None
    return {
        "id": user_id,
        "username": username,
        "name": display_name(given or "", username, user_id),
        "avatar_url": avatar_url,
        "kind": kind,
    }


def _media(row: MessageRow) -> dict[str, Any] | None:
    if row.media_id is None or row.media_kind is None:
        return None
    return {
        "id": row.media_id,
        "kind": row.media_kind,
        "name": row.media_name,
        "mime_type": row.media_mime_type,
        "size": row.media_size,
        "width": row.media_width,
        "height": row.media_height,
        "duration": row.media_duration,
        "has_thumbnail": bool(row.media_thumbnail_key),
    }


def _reply_to(row: MessageRow) -> dict[str, Any] | None:
    if row.reply_to_id is None or row.reply_seq is None:
        return None
    sender = row.reply_sender_id
    sender_id = UUID(sender) if isinstance(sender, str) else sender
    return {
        "id": row.reply_to_id,
        "seq": row.reply_seq,
        "sender": _person(
            sender_id,
            row.reply_sender_display_name,
            row.reply_sender_username,
            row.reply_sender_avatar_url,
            row.reply_sender_kind,
        ),
        "message_type": row.reply_type,
        "content": row.reply_content,
        "is_deleted": bool(row.reply_is_deleted),
    }


_REACTIONS = "SELECT {columns} FROM reactions x WHERE x.message_id IN ({places}) ORDER BY x.created_at, x.id"


def _reactions(message_ids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    names = ("message_id", "emoji", "user_id")
    statement = _REACTIONS.format(
        columns=sql.columns(Reaction, "x", names), places=", ".join(["%s"] * len(message_ids))
    )
    users: dict[UUID, dict[str, list[UUID]]] = defaultdict(lambda: defaultdict(list))
    for message_id, emoji, user_id in sql.rows(Reaction, names, statement, [identity(key) for key in message_ids]):
        users[message_id][emoji].append(user_id)
    return {
        message_id: [{"emoji": emoji, "user_ids": ids} for emoji, ids in by_emoji.items()]
        for message_id, by_emoji in users.items()
    }
