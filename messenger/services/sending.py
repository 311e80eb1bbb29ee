"""Writing new messages: the messenger's hottest write, so by hand-written SQL.

:func:`deliver` takes a batch of drafts and writes all of them in one transaction, or none. In it each conversation's
stream is taken first, in the order of their ids; only then is read whether the sender is a member, whether one of the
two has blocked the other, and whether the message was sent before. Removing a member takes the same stream, so nobody
writes after their removal was committed, and the order of commits is the order of ``seq``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from typing import Any
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.db import IntegrityError
from django.db import connection
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import sql
from core.errors import Conflict
from core.errors import IdempotencyMismatch
from core.errors import InvalidInput
from core.errors import NotFound
from core.ids import uuid7
from core.models import StoredFile
from core.realtime import streams
from core.realtime.names import user_stream
from core.sql import identity
from core.sql import moment
from messenger.access import conversation_stream
from messenger.errors import Blocked
from messenger.events import MessageNew
from messenger.events import MessageShape
from messenger.events import Person
from messenger.models import Message
from messenger.models import Participant
from messenger.presentation import messages as presentation
from messenger.presentation.messages import MessageRow
from messenger.services import previews
from messenger.writing import folded

SENDABLE = (StoredFile.Purpose.MESSAGE, StoredFile.Purpose.ATTACHMENT)
"""Purposes of files that may stand in a message; avatars and stories have lives of their own."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that has been checked as far as that goes without a database."""

    conversation_id: UUID
    sender_id: UUID
    content: str
    fingerprint: str
    client_id: str | None = None
    message_type: str | None = None
    """None: what its file says, or text."""
    media_id: UUID | None = None
    reply_to_id: UUID | None = None
    forwarded_from_id: UUID | None = None
    is_forwarded: bool = False
    names: frozenset[str] = field(default_factory=frozenset)
    """Of members it may mention, in lower case."""
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that stands; ``duplicate``: it stood there before."""

    message: MessageShape
    duplicate: bool = False


class _Repeated(Exception):
    """A draft of the batch was written before."""


def deliver(drafts: Sequence[Draft]) -> list[Sent]:
    """Write all drafts in one transaction; what was written before is returned as it is now, as a duplicate.

    Raises NotFound (no member; no such file or message), Blocked, IdempotencyMismatch, InvalidInput (the type does not
    fit the file); then none was written.
    """
    try:
        written = write(drafts)
    except (_Repeated, IntegrityError) as error:
        return _deliver_rest(drafts, error)
    return [Sent(message) for message in written]


def write(drafts: Sequence[Draft]) -> list[MessageShape]:
    """The batch in one transaction, streams in the order of their ids. Raises as :func:`deliver`, and what it catches.

    Several senders' drafts may stand in one batch: this is where sends that wait for the same stream can be joined.
    """
    written: dict[int, MessageShape] = {}
    hidden: list[UUID] = []
    with transaction.atomic():
        for position in sorted(range(len(drafts)), key=lambda index: drafts[index].conversation_id.int):
            written[position], was_hidden = _write(drafts[position])
            hidden += [drafts[position].conversation_id] if was_hidden else []
        if hidden:
            _show_again(hidden)
    return [written[position] for position in range(len(drafts))]


def _deliver_rest(drafts: Sequence[Draft], error: Exception) -> list[Sent]:
    known = [_first(draft) for draft in drafts]
    rest = [draft for draft, first in zip(drafts, known, strict=True) if first is None]
    if len(rest) == len(drafts):
        raise Conflict from error  # a file or a message it names went away in the same moment
    fresh = iter(deliver(rest)) if rest else iter(())
    return [Sent(first, duplicate=True) if first else next(fresh) for first in known]


def _first(draft: Draft) -> MessageShape | None:
    """What the draft's ``client_id`` wrote before. Raises IdempotencyMismatch when that was something else."""
    if draft.client_id is None:
        return None
    known = Message.objects.filter(sender_id=draft.sender_id, client_id=draft.client_id)
    first = known.values_list("id", "fingerprint").first()
    if first is None:
        return None
    if first[1] != draft.fingerprint:
        raise IdempotencyMismatch
    return presentation.shapes_of([first[0]])[first[0]]


# Inside the transaction, with the conversation's stream held --------------------------------------------------------


class Admitted(NamedTuple):
    """Who writes, and what stands against it."""

    username: str | None
    avatar_url: str
    kind: str
    is_repeated: bool
    is_blocked: bool
    was_hidden: bool


_ADMIT = """
SELECT d.n, u.username, u.avatar_url, u.kind,
       EXISTS (SELECT 1 FROM conversation_messages m WHERE m.sender_id = p.user_id AND m.client_id = d.client_id),
       CASE WHEN c.type = 'direct' THEN EXISTS (
         SELECT 1 FROM user_blocks b JOIN conversation_participants o ON o.conversation_id = p.conversation_id
          WHERE (b.blocker_id = p.user_id AND b.blocked_id = o.user_id)
             OR (b.blocked_id = p.user_id AND b.blocker_id = o.user_id)) ELSE FALSE END,
       CASE WHEN c.type = 'direct' THEN EXISTS (
         SELECT 1 FROM conversation_participants h
          WHERE h.conversation_id = p.conversation_id AND h.is_hidden) ELSE FALSE END
  FROM {drafts}
  JOIN conversation_participants p ON p.conversation_id = d.conversation_id AND p.user_id = d.sender_id
  JOIN conversations c ON c.id = p.conversation_id
  JOIN accounts_user u ON u.id = p.user_id
 WHERE c.deleted_at IS NULL
"""
_ASKED = {"n": "integer", "conversation_id": "uuid", "sender_id": "uuid", "client_id": "text"}


def admit(drafts: Sequence[Draft]) -> Callable[[], list[Admitted | None]]:
    """Ask what stands against each of the drafts, by one query; None: the sender is no member. The streams are held."""
    asked = [
        {
            "n": number,
            "conversation_id": draft.conversation_id,
            "sender_id": draft.sender_id,
            "client_id": draft.client_id,
        }
        for number, draft in enumerate(drafts)
    ]
    read = sql.ask(_ADMIT.format(drafts=sql.recordset("d", _ASKED)), [sql.records(asked)])

    def admitted() -> list[Admitted | None]:
        found = {number: Admitted._make(row) for number, *row in read()}
        return [found.get(number) for number in range(len(drafts))]

    return admitted


def _write(draft: Draft) -> tuple[MessageShape, bool]:
    """The message, and whether somebody had removed the conversation from their list."""
    seq = streams.reserve(conversation_stream(draft.conversation_id))
    writer = _admit(draft)
    parts = _media(draft) | _reply(draft)
    if draft.forwarded_from_id:
        parts |= _original_writer(draft.forwarded_from_id)
    row = text_row(draft, seq, writer, timezone.now())._replace(
        message_type=_message_type(draft, parts.get("media_kind")),
        mentions=mentioned(draft.conversation_id, draft.names),
        **parts,
    )
    store(row, fingerprint=draft.fingerprint)
    if draft.link:
        previews.request(row.id, draft.link)
    return tell_new(row), bool(writer.was_hidden)


def text_row(draft: Draft, seq: int, writer: Admitted, now: datetime) -> MessageRow:
    """The message a draft becomes, but for its file, what it answers and whom it names."""
    return MessageRow(
        id=uuid7(),
        conversation_id=draft.conversation_id,
        seq=seq,
        sender_id=draft.sender_id,
        client_id=draft.client_id,
        message_type=Message.Type.TEXT.value,
        content=draft.content,
        media_id=draft.media_id,
        reply_to_id=draft.reply_to_id,
        forwarded_from_id=draft.forwarded_from_id,
        mentions=[],
        system=None,
        link_preview=None,
        is_edited=False,
        is_forwarded=draft.is_forwarded,
        is_deleted=False,
        edited_at=None,
        pinned_at=None,
        created_at=now,
        sender_username=writer.username,
        sender_avatar_url=writer.avatar_url,
        sender_kind=writer.kind,
    )


def _show_again(conversation_ids: Sequence[UUID]) -> None:
    """Whoever had removed one of the conversations from their list has it again, with what was just said.

    Comes after all conversations' streams were taken, and takes those of the users in the order of their ids.
    """
    from messenger.services import telling  # which writes system messages by this module

    hidden = list(Participant.objects.filter(conversation_id__in=conversation_ids, is_hidden=True))
    Participant.objects.filter(pk__in=[row.pk for row in hidden]).update(is_hidden=False)
    streams.hold([user_stream(row.user_id) for row in hidden])
    for conversation_id in dict.fromkeys(conversation_ids):
        telling.opened([row for row in hidden if row.conversation_id == conversation_id])


def _admit(draft: Draft) -> Admitted:
    (admitted,) = admit([draft])()
    if admitted is None:
        raise NotFound
    if admitted.is_repeated:
        raise _Repeated
    if admitted.is_blocked:
        raise Blocked
    return admitted


_FILE = ("kind", "name", "mime_type", "size", "width", "height", "duration", "thumbnail_key")


def _media(draft: Draft) -> dict[str, Any]:
    """What the message shows of its file, whose row is held: it cannot be deleted before the message stands."""
    if draft.media_id is None:
        return {}
    files = StoredFile.objects.current().filter(pk=draft.media_id, purpose__in=SENDABLE)
    if not draft.is_forwarded:
        files = files.filter(owner_id=draft.sender_id)
    found = files.select_for_update().values_list(*_FILE).first()
    if found is None:
        raise NotFound("There is no such file.")
    return {f"media_{name}": value for name, value in zip(_FILE, found, strict=True)}


def _message_type(draft: Draft, kind: str | None) -> str:
    if kind is None:
        fitting = Message.Type.TEXT
    else:
        fitting = Message.Type(kind) if kind in {"image", "video", "audio"} else Message.Type.FILE
    wanted = draft.message_type or fitting
    if wanted == fitting or (kind is not None and wanted == Message.Type.FILE):
        return str(wanted)
    raise InvalidInput(details={"message_type": [f"This message is of the type {fitting.value}."]})


_QUOTED = ("seq", "message_type", "content", "is_deleted", "sender_id")
_QUOTED_WRITER = ("sender__username", "sender__avatar_url", "sender__kind")


def _reply(draft: Draft) -> dict[str, Any]:
    if draft.reply_to_id is None:
        return {}
    quoted = Message.objects.filter(pk=draft.reply_to_id, conversation_id=draft.conversation_id)
    found = quoted.values_list(*_QUOTED, *_QUOTED_WRITER).first()
    if found is None:
        raise NotFound("The message that is answered is not there.")
    names = [*_QUOTED, "sender_username", "sender_avatar_url", "sender_kind"]
    parts = {f"reply_{name.removeprefix('message_')}": value for name, value in zip(names, found, strict=True)}
    return parts | {"reply_content": parts["reply_content"][: presentation.QUOTED_CHARS]}


def _original_writer(user_id: UUID) -> dict[str, Any]:
    found = User.objects.filter(pk=user_id).values_list("username", "avatar_url", "kind").first()
    return dict(zip(("writer_username", "writer_avatar_url", "writer_kind"), found, strict=True)) if found else {}


_MENTIONED = """
SELECT {columns} FROM conversation_participants p JOIN accounts_user u ON u.id = p.user_id
 WHERE p.conversation_id = %s AND LOWER(u.username) IN ({places}) ORDER BY p.joined_at, p.id
"""


def mentioned(conversation_id: UUID, names: frozenset[str]) -> list[str]:
    """The ids of the members of those names (in lower case), as they are stored."""
    if not names:
        return []
    statement = _MENTIONED.format(
        columns=sql.columns(Participant, "p", ("user_id",)), places=", ".join(["%s"] * len(names))
    )
    found = sql.rows(Participant, ("user_id",), statement, [identity(conversation_id), *sorted(names)])
    return [str(user_id) for (user_id,) in found]


_COLUMNS = (*presentation.FIELDS, "fingerprint", "search_text")
_INSERT = "INSERT INTO conversation_messages ({columns}) VALUES ({places})"
_TOUCH = "UPDATE conversations SET updated_at = %s WHERE id = %s"
_READ = """
UPDATE conversation_participants SET read_seq = %s, last_read_at = %s
 WHERE conversation_id = %s AND user_id = %s AND read_seq < %s
"""


def store(row: MessageRow, *, fingerprint: str = "") -> None:
    """Insert a message, move its conversation to the top, and the sender's own read position with it."""
    columns = ", ".join(f'"{name}"' for name in _COLUMNS)
    insert = _INSERT.format(columns=columns, places=", ".join(["%s"] * len(_COLUMNS)))
    now, conversation = moment(row.created_at), identity(row.conversation_id)
    statements = [
        (insert, [*map(_stored, row[: len(presentation.FIELDS)]), fingerprint, folded(row.content)]),
        (_TOUCH, [now, conversation]),
    ]
    if row.sender_id:
        statements.append((_READ, [row.seq, now, conversation, identity(row.sender_id), row.seq]))
    with connection.cursor() as cursor:
        for statement, parameters in _in_one(statements):
            cursor.execute(statement, parameters)


def _in_one(statements: list[tuple[str, list[Any]]]) -> Iterator[tuple[str, list[Any]]]:
    """On PostgreSQL one statement does all of it: what a send waits for is each way to the server and back."""
    if connection.vendor != "postgresql":
        yield from statements
        return
    *first, (last, parameters) = statements
    steps = ", ".join(f"step{number} AS ({statement})" for number, (statement, _parameters) in enumerate(first))
    yield f"WITH {steps} {last}", [value for _statement, values in first for value in values] + parameters


def _stored(value: Any) -> Any:
    """A value as the database keeps it."""
    match value:
        case UUID():
            return identity(value)
        case datetime():
            return moment(value)
        case list() | dict():
            return json.dumps(value)
    return value


def tell_new(row: MessageRow, named: dict[UUID, Person] | None = None) -> MessageShape:
    """Store the event of a new message; returns what it shows. ``named``: the people a system message speaks of."""
    shape = MessageShape.model_validate(presentation.as_dict(row, named=named))
    event = MessageNew.model_construct(**dict(shape))
    streams.record(conversation_stream(row.conversation_id), row.seq, event, subject=row.id)
    return shape


# Many at once ---------------------------------------------------------------------------------------------------------

_TEXTS = {
    "id": "uuid",
    "conversation_id": "uuid",
    "seq": "bigint",
    "sender_id": "uuid",
    "client_id": "text",
    "content": "text",
    "fingerprint": "text",
    "search_text": "text",
}
_INSERT_TEXTS = """
INSERT INTO conversation_messages ({columns}, message_type, mentions, is_edited, is_forwarded, is_deleted, created_at)
SELECT {columns}, 'text', '[]', FALSE, FALSE, FALSE, %s FROM batch
"""
_TOUCH_EACH = "UPDATE conversations SET updated_at = %s WHERE id IN (SELECT conversation_id FROM batch)"
_READ_EACH = """
UPDATE conversation_participants SET read_seq = b.seq, last_read_at = %s
  FROM (SELECT conversation_id, sender_id, max(seq) AS seq FROM batch GROUP BY conversation_id, sender_id) b
 WHERE conversation_participants.conversation_id = b.conversation_id
   AND conversation_participants.user_id = b.sender_id AND conversation_participants.read_seq < b.seq
"""


def store_texts(rows: Sequence[tuple[MessageRow, str]]) -> None:
    """:func:`store` for many messages, each with its fingerprint, that are of the same moment and nothing but texts."""
    now = moment(rows[0][0].created_at)
    insert = _INSERT_TEXTS.format(columns=", ".join(_TEXTS))
    sql.write_each(
        _TEXTS, [_as_record(*row) for row in rows], [(text, [now]) for text in (insert, _TOUCH_EACH, _READ_EACH)]
    )


def _as_record(row: MessageRow, fingerprint: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "conversation_id": row.conversation_id,
        "seq": row.seq,
        "sender_id": row.sender_id,
        "client_id": row.client_id,
        "content": row.content,
        "fingerprint": fingerprint,
        "search_text": folded(row.content),
    }


def tell_texts(rows: Sequence[MessageRow]) -> list[MessageShape]:
    """:func:`tell_new` for many, whose streams are held."""
    shown = [presentation.as_dict(row) for row in rows]
    streams.record_each(
        [
            streams.Entry(
                stream=conversation_stream(row.conversation_id),
                seq=row.seq,
                type=MessageNew.type,
                payload=msgspec.json.encode(message).decode(),  # as the shape is written, in a third of the time
                subject=row.id,
            )
            for row, message in zip(rows, shown, strict=True)
        ]
    )
    return [MessageShape.model_validate(message) for message in shown]
