"""Reading a conversation: pages of it, the first message of a day, what is pinned.

That the reader is a member stands in the statement itself: for a stranger the position from which they may read is
NULL, and nothing is greater than NULL.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import User
from core.errors import InvalidInput
from core.sql import identity
from core.sql import moment
from messenger.access import member_of
from messenger.models.conversations import ACTIVE_MEMBERSHIPS
from messenger.presentation import messages
from messenger.presentation.messages import MessageRow

_CLEARED = f"SELECT p.cleared_seq FROM {ACTIVE_MEMBERSHIPS} WHERE p.conversation_id = %s AND p.user_id = %s"  # noqa: S608 - a fragment from code
_READABLE = f"m.conversation_id = %s AND m.seq > ({_CLEARED})"

# Half a page before the message that is looked for, as far as there are so many.
_AROUND = """ AND m.seq >= COALESCE((SELECT MIN(n.seq) FROM (
  SELECT o.seq FROM conversation_messages o WHERE o.conversation_id = %s AND o.seq < %s ORDER BY o.seq DESC LIMIT %s
) n), 0) ORDER BY m.seq LIMIT %s"""


@dataclass(frozen=True, slots=True)
class Page:
    """Messages in the order they were said, and whether there are others on either side."""

    messages: list[dict[str, Any]]
    has_before: bool
    has_after: bool


def page(
    actor: User,
    *,
    conversation_id: UUID,
    limit: int,
    before_seq: int | None = None,
    after_seq: int | None = None,
    around_seq: int | None = None,
) -> Page:
    """The newest messages, or those next to a position: at most one may be given.

    Raises NotFound for strangers, InvalidInput for two positions. At most four queries, whatever is found.
    """
    if sum(position is not None for position in (before_seq, after_seq, around_seq)) > 1:
        raise InvalidInput("Name one position: before_seq, after_seq or around_seq.")
    readable = [identity(conversation_id), identity(conversation_id), identity(actor.pk)]
    if around_seq is not None:
        parameters = [*readable, identity(conversation_id), around_seq, limit // 2, limit]
        rows = _in_order(_READABLE + _AROUND, parameters)
    elif after_seq is not None:
        rows = _in_order(f"{_READABLE} AND m.seq > %s ORDER BY m.seq LIMIT %s", [*readable, after_seq, limit])
    else:
        rows = _older(readable, before_seq, limit)
    if not rows:
        return _nothing(actor, conversation_id, readable, before_seq, after_seq)
    first, last = _ends(readable)
    return Page(messages.listed(rows), rows[0].seq > first, rows[-1].seq < last)


def _older(readable: Sequence[Any], before_seq: int | None, limit: int) -> list[MessageRow]:
    before = "" if before_seq is None else " AND m.seq < %s"
    bound = [] if before_seq is None else [before_seq]
    return _in_order(f"{_READABLE}{before} ORDER BY m.seq DESC LIMIT %s", [*readable, *bound, limit])


def _in_order(condition: str, parameters: Sequence[Any]) -> list[MessageRow]:
    return sorted(messages.find(condition, parameters), key=lambda row: row.seq)


def _nothing(
    actor: User, conversation_id: UUID, readable: Sequence[Any], before_seq: int | None, after_seq: int | None
) -> Page:
    member_of(actor, conversation_id)
    first, last = _ends(readable)
    return Page([], after_seq is not None and 0 < first <= after_seq, before_seq is not None and last >= before_seq)


_ENDS = """
SELECT (SELECT MIN(m.seq) FROM conversation_messages m WHERE {readable}),
       (SELECT MAX(m.seq) FROM conversation_messages m WHERE {readable})
"""
_FROM = "SELECT MIN(m.seq) FROM conversation_messages m WHERE {readable} AND m.created_at >= %s"


def _ends(readable: Sequence[Any]) -> tuple[int, int]:
    """The first and the last position the actor may read; 0 and 0 when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_ENDS.format(readable=_READABLE), [*readable, *readable])
        first, last = cursor.fetchone()
    return first or 0, last or 0


def first_since(actor: User, *, conversation_id: UUID, begins: datetime) -> int | None:
    """The position of the first message at or after ``begins``; None after the last. Raises NotFound."""
    parameters = [identity(conversation_id), identity(conversation_id), identity(actor.pk), moment(begins)]
    with connection.cursor() as cursor:
        cursor.execute(_FROM.format(readable=_READABLE), parameters)
        (seq,) = cursor.fetchone()
    if seq is None:
        member_of(actor, conversation_id)
    return int(seq) if seq is not None else None


def pinned(actor: User, *, conversation_id: UUID) -> list[dict[str, Any]]:
    """The pinned messages, the newest pin first. Raises NotFound."""
    parameters = [identity(conversation_id), identity(conversation_id), identity(actor.pk)]
    rows = messages.find(f"{_READABLE} AND m.pinned_at IS NOT NULL", parameters)
    if not rows:
        member_of(actor, conversation_id)
    rows.sort(key=lambda row: (row.pinned_at, row.seq), reverse=True)
    return messages.listed(rows)
