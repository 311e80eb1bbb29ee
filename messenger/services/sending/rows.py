"""The rows of new messages: whoever says something, in whatever way, it is written here.

A call writes any number of messages, and one message is written as many are: on PostgreSQL a statement for the rows and
one for the events, both in one way to the server and back. By hand, as this is the messenger's hottest write.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from types import MappingProxyType
from typing import Any
from typing import NamedTuple
from uuid import UUID

import msgspec

from core import sql
from core.ids import uuid7
from core.realtime import streams
from core.sql import moment
from core.text import folded
from messenger import signals
from messenger.access import conversation_stream
from messenger.events import MessageNew
from messenger.models import Message
from messenger.presentation import messages as presentation
from messenger.presentation.messages import MessageRow
from messenger.services.sending.admission import Admission
from messenger.services.sending.draft import MessageDraft
from messenger.shapes import MessageShape
from messenger.shapes import Person


class NewMessage(NamedTuple):
    """A message that is to be written."""

    row: MessageRow
    fingerprint: str = ""
    named: dict[UUID, Person] | None = None
    """The people a system message speaks of; who pays for an agent's."""
    has_agents: bool = False
    """There is an agent in its conversation, so the apps above are told of it."""


def new_row(*, conversation_id: UUID, seq: int, created_at: datetime, **known: Any) -> MessageRow:
    """A message of which nothing is known but its place, and what is given: fields of a :class:`MessageRow`."""
    return MessageRow(
        **{
            "id": uuid7(),
            "conversation_id": conversation_id,
            "seq": seq,
            "sender_id": None,
            "client_id": None,
            "message_type": Message.Type.TEXT.value,
            "content": "",
            "media_id": None,
            "reply_to_id": None,
            "forwarded_from_id": None,
            "mentions": [],
            "system": None,
            "link_preview": None,
            "agent": None,
            "album_id": None,
            "story_id": None,
            "is_edited": False,
            "is_forwarded": False,
            "is_deleted": False,
            "edited_at": None,
            "pinned_at": None,
            "created_at": created_at,
            **known,
        }
    )


def new_message(
    draft: MessageDraft,
    *,
    seq: int,
    writer: Admission,
    now: datetime,
    shows: Mapping[str, Any] = MappingProxyType({}),
    named: dict[UUID, Person] | None = None,
) -> NewMessage:
    """The message a draft becomes; ``shows`` is what it refers to (:func:`.references.read`), ``named`` whom."""
    row = new_row(
        conversation_id=draft.conversation_id,
        seq=seq,
        created_at=now,
        sender_id=draft.sender_id,
        client_id=draft.client_id,
        content=draft.content,
        media_id=draft.media_id,
        reply_to_id=draft.reply_to_id,
        forwarded_from_id=draft.forwarded_from_id,
        agent=draft.agent,
        story_id=draft.story_id,
        is_forwarded=draft.is_forwarded,
        sender_username=writer.username,
        sender_display_name=writer.display_name,
        sender_avatar_url=writer.avatar_url,
        sender_kind=writer.kind,
        **shows,
    )
    return NewMessage(row, draft.fingerprint, named, has_agents=writer.has_agents)


def write(new: Sequence[NewMessage]) -> list[MessageShape]:
    """Write messages of one moment, and the events and the signal that tell of them; returns what the events show.

    In the caller's transaction, which has locked the conversations' streams: ``seq`` goes on from their heads without a
    gap. Moves the conversations to the top of the lists, and each sender's own read position to their last message.
    """
    if not new:
        return []
    heard = [one.row for one in new if one.has_agents and one.row.agent is None]  # what grows is told when it is whole
    if heard:
        signals.send_messages_written([(row.conversation_id, row.id) for row in heard])
    with sql.pipelined():
        _insert(new)
        return _record_events(new)


_TEXT = {
    "id": "uuid",
    "conversation_id": "uuid",
    "seq": "bigint",
    "sender_id": "uuid",
    "client_id": "text",
    "content": "text",
    "fingerprint": "text",
    "search_text": "text",
}
"""Columns that differ in every message, with their types."""
_MORE = {
    "message_type": "text",
    "media_id": "uuid",
    "reply_to_id": "uuid",
    "forwarded_from_id": "uuid",
    "mentions": "jsonb",
    "system": "jsonb",
    "agent": "jsonb",
    "album_id": "uuid",
    "story_id": "uuid",
    "is_forwarded": "boolean",
}
"""And those of messages that are more than a text."""
_NOTHING_MORE: tuple[Any, ...] = (Message.Type.TEXT.value, None, None, None, [], None, None, None, None, False)
_NOTHING_MORE_IN_SQL = "'text', NULL, NULL, NULL, '[]', NULL, NULL, NULL, NULL, FALSE"
"""Most batches are texts only: then these columns are not sent to the database for each of them."""

_INSERT = f"""
INSERT INTO conversation_messages ({", ".join(_TEXT)}, {", ".join(_MORE)}, is_edited, is_deleted, created_at)
SELECT {", ".join(_TEXT)}, {{more}}, FALSE, FALSE, %s FROM batch
"""  # noqa: S608 - names from code
_MOVE_TO_TOP = "UPDATE conversations SET updated_at = %s WHERE id IN (SELECT conversation_id FROM batch)"
_MARK_READ = """
UPDATE conversation_participants SET read_seq = b.seq, last_read_at = %s
  FROM (SELECT conversation_id, sender_id, max(seq) AS seq FROM batch GROUP BY conversation_id, sender_id) b
 WHERE conversation_participants.conversation_id = b.conversation_id
   AND conversation_participants.user_id = b.sender_id AND conversation_participants.read_seq < b.seq
"""


def _insert(new: Sequence[NewMessage]) -> None:
    now = moment(new[0].row.created_at)
    types, records = _TEXT, [_as_text(one) for one in new]
    insert = _INSERT.format(more=_NOTHING_MORE_IN_SQL)
    if any(_more(one.row) != _NOTHING_MORE for one in new):
        types, insert = _TEXT | _MORE, _INSERT.format(more=", ".join(_MORE))
        for record, message in zip(records, new, strict=True):
            record.update(zip(_MORE, _more(message.row), strict=True))
    sql.write_each(types, records, [(statement, [now]) for statement in (insert, _MOVE_TO_TOP, _MARK_READ)])


_more = attrgetter(*_MORE)


def _as_text(message: NewMessage) -> dict[str, Any]:
    row = message.row
    return {
        "id": row.id,
        "conversation_id": row.conversation_id,
        "seq": row.seq,
        "sender_id": row.sender_id,
        "client_id": row.client_id,
        "content": row.content,
        "fingerprint": message.fingerprint,
        "search_text": folded(row.content),
    }


def _record_events(new: Sequence[NewMessage]) -> list[MessageShape]:
    shown = [presentation.as_dict(one.row, named=one.named) for one in new]
    streams.record_each(
        [
            streams.Entry(
                stream=conversation_stream(message.row.conversation_id),
                seq=message.row.seq,
                type=MessageNew.type,
                payload=msgspec.json.encode(content).decode(),  # as the shape is written, in a third of the time
                subject=message.row.id,
            )
            for message, content in zip(new, shown, strict=True)
        ]
    )
    return [MessageShape.model_validate(content) for content in shown]
