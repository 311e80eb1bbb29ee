"""Reading streams: where they stand, and what somebody misses. For database threads.

Each function is one statement, however many streams it is about: they go over as one array.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection

from core.realtime.bus import Message
from core.realtime.names import StreamName
from core.realtime.resolvers import resolvers
from core.realtime.streams import frame

_AFTER = {
    "postgresql": """
SELECT k.n, e.seq, e.type, e.payload, e.audience
FROM unnest(%s::uuid[], %s::bigint[]) WITH ORDINALITY AS k(id, seq, n)
CROSS JOIN LATERAL (
    SELECT seq, type, payload, audience FROM realtime_events
    WHERE stream_id = k.id AND seq > k.seq ORDER BY seq LIMIT %s
) e
ORDER BY k.n, e.seq LIMIT %s
""",
    "sqlite": """
SELECT k.key + 1, e.seq, e.type, e.payload, e.audience
FROM json_each(%s) k
JOIN realtime_events e ON e.stream_id = json_extract(k.value, '$[0]') AND e.seq > json_extract(k.value, '$[1]')
ORDER BY k.key, e.seq LIMIT %s
""",
}
_BEHIND = {
    "postgresql": """
SELECT k.n, s.last_seq
FROM unnest(%s::uuid[], %s::bigint[]) WITH ORDINALITY AS k(id, seq, n)
JOIN realtime_streams s ON s.id = k.id
WHERE s.last_seq > k.seq
""",
    "sqlite": """
SELECT k.key + 1, s.last_seq
FROM json_each(%s) k
JOIN realtime_streams s ON s.id = json_extract(k.value, '$[0]')
WHERE s.last_seq > json_extract(k.value, '$[1]')
""",
}


def heads(user_id: UUID) -> dict[StreamName, tuple[int, int]]:
    """All streams a user may listen to: name → (newest, trimmed); one query per kind.

    The user's own stream comes first, and is read first: what opens a stream afterwards stands beyond that position.
    """
    return {
        StreamName(resolver.kind, identity): position
        for resolver in resolvers()
        for identity, position in resolver.heads(user_id).items()
    }


def after(positions: Mapping[StreamName, int], *, limit: int) -> list[Message]:
    """The events beyond each position, in the order of ``positions`` and then of ``seq``; at most ``limit``."""
    if not positions:
        return []
    limits = [limit, limit] if connection.vendor == "postgresql" else [limit]
    names = list(positions)
    return [_message(names[n - 1], *row) for n, *row in _rows(_AFTER, positions, limits)]


def behind(positions: Mapping[StreamName, int]) -> dict[StreamName, int]:
    """The streams that are further than the position given, and how far."""
    if not positions:
        return {}
    names = list(positions)
    return {names[n - 1]: last for n, last in _rows(_BEHIND, positions, [])}


def _rows(statements: Mapping[str, str], positions: Mapping[StreamName, int], limits: list[int]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statements[connection.vendor], [*_array(positions), *limits])
        return list(cursor.fetchall())


def _array(positions: Mapping[StreamName, int]) -> list[Any]:
    if connection.vendor == "postgresql":
        return [[name.id for name in positions], list(positions.values())]
    return [json.dumps([[name.id.hex, seq] for name, seq in positions.items()])]


def _message(stream: StreamName, seq: int, event_type: str, payload: str, audience: str | None) -> Message:
    return Message(stream, seq, frame(stream, seq, event_type, payload), json.loads(audience) if audience else None)
