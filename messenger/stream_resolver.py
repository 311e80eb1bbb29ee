"""Who may listen to conversations."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from core import sql
from core.models import Stream
from messenger.access import KIND
from messenger.models.conversations import ACTIVE_MEMBERSHIPS
from messenger.models.conversations import IS_BLOCKED

LARGEST_WITH_PRESENCE = 50
"""Members of a group in which presence is published."""

# What a member removed from their own view is trimmed for them: they are not sent it again from an old position.
_HEADS = f"""
SELECT {{columns}}, CASE WHEN p.cleared_seq > s.trimmed_seq THEN p.cleared_seq ELSE s.trimmed_seq END
FROM {ACTIVE_MEMBERSHIPS}
JOIN realtime_streams s ON s.id = p.conversation_id
WHERE p.user_id = %s
"""  # noqa: S608 - a fragment from code
_COLUMNS = ("id", "last_seq")

_PRESENCE = f"""
SELECT {{columns}}
FROM {ACTIVE_MEMBERSHIPS}
JOIN realtime_streams s ON s.id = p.conversation_id
WHERE p.user_id = %s
  AND (SELECT COUNT(*) FROM conversation_participants n WHERE n.conversation_id = c.id) <= %s
  AND NOT {IS_BLOCKED}
"""  # noqa: S608 - fragments from code


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
