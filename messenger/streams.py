"""Who may listen to conversations."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from core import sql
from core.models import Stream
from messenger.access import KIND

LARGEST_WITH_PRESENCE = 50
"""Members of a group in which coming and going is told."""

# What a member removed from their own view is trimmed for them: they are not sent it again from an old position.
_HEADS = """
SELECT {columns}, CASE WHEN p.cleared_seq > s.trimmed_seq THEN p.cleared_seq ELSE s.trimmed_seq END
FROM conversation_participants p
JOIN conversations c ON c.id = p.conversation_id
JOIN realtime_streams s ON s.id = p.conversation_id
WHERE p.user_id = %s AND c.deleted_at IS NULL
"""
_COLUMNS = ("id", "last_seq")

_PRESENCE = """
SELECT {columns}
FROM conversation_participants p
JOIN conversations c ON c.id = p.conversation_id
JOIN realtime_streams s ON s.id = p.conversation_id
WHERE p.user_id = %s AND c.deleted_at IS NULL
  AND (SELECT COUNT(*) FROM conversation_participants n WHERE n.conversation_id = c.id) <= %s
  AND NOT (c.type = 'direct' AND EXISTS (
    SELECT 1 FROM conversation_participants o
    JOIN user_blocks b ON (b.blocker_id = o.user_id AND b.blocked_id = p.user_id)
                       OR (b.blocker_id = p.user_id AND b.blocked_id = o.user_id)
    WHERE o.conversation_id = c.id AND o.user_id <> p.user_id))
"""


class ConversationStreams:
    """The ``c:`` streams: of the members, as long as they are members."""

    kind = KIND

    def heads(self, user_id: UUID) -> dict[UUID, tuple[int, int]]:
        """The user's conversations: id → (``last_seq``, where theirs begins); one query. The stream has the same id."""
        statement = _HEADS.format(columns=sql.columns(Stream, "s", _COLUMNS))
        found = sql.rows(Stream, _COLUMNS, statement, [sql.identity(user_id)])
        return {stream: (last, trimmed) for stream, last, trimmed in found}

    def presence(self, user_id: UUID) -> Sequence[UUID]:
        """Direct conversations without a block, and groups of at most ``LARGEST_WITH_PRESENCE``; one query."""
        statement = _PRESENCE.format(columns=sql.columns(Stream, "s", _COLUMNS[:1]))
        found = sql.rows(Stream, _COLUMNS[:1], statement, [sql.identity(user_id), LARGEST_WITH_PRESENCE])
        return [stream for (stream,) in found]
