"""Walking the tree of messages: a branch, the siblings along it, the newest leaf below a message."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Sequence
from datetime import date
from datetime import datetime
from decimal import Decimal
from typing import Any
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q

from aichat.models import ChatMessage
from aichat.models import MessageAttachment
from core import sql
from core.models import StoredFile
from core.sql import identity

WHOLE_BRANCH = 100_000

_SHOWN = (
    "id",
    "chat_id",
    "parent_id",
    "role",
    "content",
    "status",
    "model",
    "finish_reason",
    "prompt_tokens",
    "completion_tokens",
    "estimated",
    "reasoning",
    "reasoning_tokens",
    "thinking_ms",
    "effort",
    "cached_tokens",
    "cache_write_tokens",
    "cost",
    "priced",
    "held_tokens",
    "withheld",
    "error",
    "client_id",
    "unseen",
    "created_at",
)


class Shown(NamedTuple):
    """A message as a page needs it; the last two say whether it is worth asking for files and siblings at all."""

    id: UUID
    chat_id: UUID
    parent_id: UUID | None
    role: str
    content: str
    status: str
    model: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    estimated: bool
    reasoning: str
    reasoning_tokens: int | None
    thinking_ms: int | None
    effort: str | None
    cached_tokens: int
    cache_write_tokens: int
    cost: Decimal | None
    priced: date | None
    held_tokens: int | None
    withheld: bool
    error: Any
    client_id: str | None
    unseen: bool
    created_at: datetime
    has_files: bool
    has_siblings: bool


class Said(NamedTuple):
    """A message without its text; ``length`` in code points."""

    id: UUID
    role: str
    status: str
    withheld: bool
    length: int


# The owner stands in the anchor: a stranger's walk never begins.
_UPWARDS = """
WITH RECURSIVE branch(id, parent_id, depth) AS (
  SELECT m.id, m.parent_id, 0 FROM chat_messages m JOIN chats c ON c.id = m.chat_id
   WHERE c.id = %s AND c.owner_id = %s AND m.id = {anchor}
  UNION ALL
  SELECT m.id, m.parent_id, branch.depth + 1 FROM chat_messages m JOIN branch ON m.id = branch.parent_id
   WHERE branch.depth + 1 < %s
)
SELECT {columns} FROM branch JOIN chat_messages m ON m.id = branch.id ORDER BY branch.depth
"""

# NULL = NULL is not true, so the roots are asked for by themselves; both ways have their index.
_HAS_MORE = """,
  EXISTS (SELECT 1 FROM chat_message_attachments a WHERE a.message_id = m.id),
  CASE WHEN m.parent_id IS NULL
    THEN EXISTS (SELECT 1 FROM chat_messages s WHERE s.chat_id = m.chat_id AND s.parent_id IS NULL AND s.id <> m.id)
    ELSE EXISTS (SELECT 1 FROM chat_messages s WHERE s.parent_id = m.parent_id AND s.id <> m.id)
  END
"""

_NEWEST_LEAF = """
WITH RECURSIVE below(id) AS (
  SELECT id FROM chat_messages WHERE id = %s
  UNION ALL
  SELECT m.id FROM chat_messages m JOIN below ON m.parent_id = below.id
)
SELECT id FROM below
 WHERE NOT EXISTS (SELECT 1 FROM chat_messages child WHERE child.parent_id = below.id)
 ORDER BY id DESC LIMIT 1
"""


def walk_up(
    owner_id: UUID, *, chat_id: UUID, start: UUID | None = None, limit: int = WHOLE_BRANCH
) -> list[ChatMessage]:
    """Up to ``limit`` messages from ``start`` (the chat's active leaf when None) towards the root, in one query.

    Empty when the chat is somebody else's, or when there is no such message in it.
    """
    statement, parameters = _upwards(sql.columns(ChatMessage, "m"), owner_id, chat_id, start)
    return sql.fetch(ChatMessage, statement, [*parameters, limit])


def page(owner_id: UUID, *, chat_id: UUID, start: UUID | None, limit: int) -> list[Shown]:
    """What :func:`walk_up` finds, without what only the engine needs: this is the hottest read of the app."""
    columns = sql.columns(ChatMessage, "m", _SHOWN) + _HAS_MORE
    statement, parameters = _upwards(columns, owner_id, chat_id, start)
    return [Shown._make(row) for row in sql.rows(ChatMessage, _SHOWN, statement, [*parameters, limit])]


def walk_up_lengths(owner_id: UUID, *, chat_id: UUID) -> list[Said]:
    """The shown branch, from the leaf to the root, without its texts: a link to it keeps their lengths alone."""
    columns = "m.id, m.role, m.status, m.withheld, LENGTH(m.content)"
    statement, parameters = _upwards(columns, owner_id, chat_id, None)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*parameters, WHOLE_BRANCH])
        return [Said(UUID(str(found)), role, status, bool(kept), size) for found, role, status, kept, size in cursor]


def walk_up_ids(owner_id: UUID, *, chat_id: UUID) -> list[UUID]:
    """The ids of the shown branch, from the leaf to the root."""
    statement, parameters = _upwards("m.id", owner_id, chat_id, None)
    return [row.pk for row in ChatMessage.objects.raw(statement, [*parameters, WHOLE_BRANCH])]


def _upwards(columns: str, owner_id: UUID, chat_id: UUID, start: UUID | None) -> tuple[str, list[UUID | str | int]]:
    parameters: list[UUID | str | int] = [identity(chat_id), identity(owner_id)]
    if start is not None:
        parameters.append(identity(start))
    anchor = "c.active_leaf_id" if start is None else "%s"
    return _UPWARDS.format(columns=columns, anchor=anchor), parameters


def newest_leaf(message_id: UUID) -> UUID:
    """The end of the branch that was written last below a message, which may be the message itself."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST_LEAF, [identity(message_id)])
        (found,) = cursor.fetchone()
    return found if isinstance(found, UUID) else UUID(found)


def siblings(chat_id: UUID, parent_ids: Iterable[UUID | None]) -> dict[UUID | None, list[UUID]]:
    """The children of each parent (None: the roots), oldest first, in one query."""
    parents = set(parent_ids)
    condition = Q(parent_id__in=parents - {None})
    if None in parents:
        condition |= Q(parent_id=None)
    found: dict[UUID | None, list[UUID]] = defaultdict(list)
    rows = ChatMessage.objects.filter(condition, chat_id=chat_id).order_by("id").values_list("parent_id", "id")
    for parent_id, message_id in rows:
        found[parent_id].append(message_id)
    return found


def attachments(message_ids: Sequence[UUID]) -> dict[UUID, list[StoredFile]]:
    """The files of each message in the order they were sent, in one query."""
    found: dict[UUID, list[StoredFile]] = defaultdict(list)
    rows = MessageAttachment.objects.filter(message_id__in=message_ids).select_related("file").order_by("position")
    for row in rows:
        found[row.message_id].append(row.file)
    return found
