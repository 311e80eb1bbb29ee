"""Writing to streams: inside the caller's transaction, published on commit."""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from uuid import UUID

from django.db import connection
from django.db import transaction
from django.utils import timezone

from core.realtime import publish
from core.realtime.bus import Message
from core.realtime.events import Event
from core.realtime.models import Stream
from core.realtime.models import StreamEvent
from core.realtime.names import USER
from core.realtime.names import StreamName
from core.sql import ask
from core.sql import columns
from core.sql import converted
from core.sql import identity
from core.sql import moment
from core.sql import rows
from core.sql import write_each

_NEXT = """
INSERT INTO realtime_streams (id, kind, last_seq, trimmed_seq) VALUES {places}
ON CONFLICT (id) DO UPDATE SET last_seq = realtime_streams.last_seq + 1
RETURNING {columns}
"""
# By hand: what Django makes of many rows is one array a column, and escaping JSON in an array takes milliseconds each.
_STORE = """
INSERT INTO realtime_events (stream_id, seq, type, payload, subject, audience, created_at) VALUES {places}
"""
_BATCH = 200


@dataclass(frozen=True, slots=True)
class Audience:
    """How an event changes who listens.

    ``leaves``: users who receive neither this event nor any later one of this stream. ``ends``: nobody does, after this
    event. ``opens``, on a user's stream: streams the user listens to from now on, each with the position from which;
    ``closes``: streams their clients forget, as the event says.
    """

    leaves: Sequence[UUID] = ()
    ends: bool = False
    opens: Mapping[StreamName, int] = field(default_factory=dict)
    closes: Sequence[StreamName] = ()

    def stored(self) -> dict[str, Any]:
        """As JSON; what changes nothing is left out."""
        parts: dict[str, Any] = {
            "leaves": [str(user) for user in self.leaves],
            "ends": self.ends,
            "opens": {str(name): seq for name, seq in self.opens.items()},
            "closes": [str(name) for name in self.closes],
        }
        return {name: value for name, value in parts.items() if value}


def append(stream: StreamName, event: Event, *, subject: UUID | None = None, audience: Audience | None = None) -> int:
    """Take the next ``seq`` of ``stream`` and store ``event`` under it; listeners learn of it on commit.

    Must be called inside a transaction, which keeps the stream's row locked until it ends: take several streams in the
    order of their ids. ``subject`` is the id of what the event shows, for :func:`rewrite`.
    """
    _in_transaction()
    return _append_batch([(stream, event, audience)], subject and identity(subject))[stream.id]


def append_each(entries: Sequence[tuple[StreamName, Event, Audience | None]], *, subject: UUID | None = None) -> None:
    """:func:`append` to many different streams, which are taken in the order of their ids, in a few statements."""
    _in_transaction()
    ordered = sorted(entries, key=lambda entry: entry[0].id)
    for start in range(0, len(ordered), _BATCH):
        _append_batch(ordered[start : start + _BATCH], subject and identity(subject))


def _append_batch(
    entries: Sequence[tuple[StreamName, Event, Audience | None]], subject: UUID | str | None
) -> dict[UUID, int]:
    seqs = _reserve_each([stream for stream, _, _ in entries])
    now, values = moment(timezone.now()), []
    for stream, event, audience in entries:
        seq, payload, stored = seqs[stream.id], event.model_dump_json(), audience.stored() if audience else None
        values += [identity(stream.id), seq, event.type, payload, subject, json.dumps(stored) if stored else None, now]
        publish.publish_on_commit(stream, frame(stream, seq, event.type, payload), seq=seq, audience=stored)
    with connection.cursor() as cursor:
        cursor.execute(_STORE.format(places=_places(len(entries), "(%s, %s, %s, %s, %s, %s, %s)")), values)
    return seqs


def _reserve_each(names: Sequence[StreamName]) -> dict[UUID, int]:
    wanted = ("id", "last_seq")
    statement = _NEXT.format(
        places=_places(len(names), "(%s, %s, 1, 0)"), columns=columns(Stream, "realtime_streams", wanted)
    )
    found = rows(Stream, wanted, statement, [part for name in names for part in (identity(name.id), name.kind)])
    return {row[0]: row[1] for row in found}


def _places(count: int, row: str) -> str:
    return ", ".join([row] * count)


_LOCK = "SELECT {columns} FROM realtime_streams s WHERE s.id IN ({places}) ORDER BY s.id"
_RECORDS = {"stream_id": "uuid", "seq": "bigint", "type": "text", "payload": "text", "subject": "uuid"}
_STORE_EACH = """
INSERT INTO realtime_events (stream_id, seq, type, payload, subject, created_at)
SELECT stream_id, seq, type, payload, subject, %s FROM batch
"""
_ADVANCE_EACH = """
UPDATE realtime_streams SET last_seq = b.seq FROM (SELECT stream_id, max(seq) AS seq FROM batch GROUP BY stream_id) b
 WHERE realtime_streams.id = b.stream_id
"""


def lock_heads(names: Collection[StreamName], *, wait: bool) -> Callable[[], dict[UUID, int]]:
    """Lock streams until the transaction ends, in the order of their ids; what is returned reads their heads, by id.

    For several appends to follow, or for :func:`record_each`, which goes on from the heads. Streams that are not there
    are missing; without ``wait`` those that somebody else has locked are missing as well.
    """
    _in_transaction()
    statement = _LOCK.format(columns=columns(Stream, "s", ("id", "last_seq")), places=_places(len(names), "%s"))
    if connection.features.has_select_for_update:
        statement += " FOR NO KEY UPDATE" if wait else " FOR NO KEY UPDATE SKIP LOCKED"
    read = ask(statement, [identity(name.id) for name in names])
    return lambda: dict(converted(Stream, ("id", "last_seq"), read()))


@dataclass(frozen=True, slots=True)
class Entry:
    """An event that is ready to be stored."""

    stream: StreamName
    seq: int
    type: str
    payload: str
    """JSON."""
    subject: UUID


def record_each(entries: Sequence[Entry]) -> None:
    """Store events under the next positions of streams that :func:`lock_heads` has locked."""
    _in_transaction()
    records = [
        {"stream_id": one.stream.id, "seq": one.seq, "type": one.type, "payload": one.payload, "subject": one.subject}
        for one in entries
    ]
    write_each(_RECORDS, records, [(_STORE_EACH, [moment(timezone.now())]), (_ADVANCE_EACH, [])])
    publish.publish_each_on_commit(
        [Message(one.stream, one.seq, frame(one.stream, one.seq, one.type, one.payload)) for one in entries]
    )


def rewrite(subject: UUID, event: Event) -> None:
    """Replace what earlier events showed of ``subject``: who is behind never reads what was deleted since."""
    StreamEvent.objects.filter(subject=subject).update(payload=event.model_dump_json())


def rewrite_each(
    subject: UUID, mark: str, change: Callable[[dict[str, Any]], None], *, within: StreamName | None = None
) -> None:
    """Let ``change`` alter, in place, the stored payloads about ``subject`` in which the text ``mark`` stands.

    ``within``: those of one stream only.
    """
    found = StreamEvent.objects.filter(subject=subject, payload__contains=mark)
    for stored in found.filter(stream_id=within.id) if within else found:
        payload = json.loads(stored.payload)
        change(payload)
        changed = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
        StreamEvent.objects.filter(pk=stored.pk).update(payload=changed)


def rewrite_everywhere(mark: str, change: Callable[[dict[str, Any]], None], *, after: int, limit: int) -> int | None:
    """:func:`rewrite_each` for all streams: ``limit`` events behind the row ``after`` in which ``mark`` stands.

    Returns the row to go on from, None at the end. It looks through the whole table, and takes one event at a time, so
    that it stands in nobody's way: not inside a transaction.
    """
    found = StreamEvent.objects.filter(pk__gt=after, payload__contains=mark).order_by("pk")
    last = None
    for last in list(found.values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            stored = StreamEvent.objects.select_for_update(no_key=True).filter(pk=last).first()
            if stored is None:
                continue
            payload = json.loads(stored.payload)
            change(payload)
            changed = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
            StreamEvent.objects.filter(pk=last).update(payload=changed)
    return last


def publish_ephemeral(stream: StreamName, event: Event, *, only: UUID | None = None) -> None:
    """Send an ephemeral event to whoever listens now; on commit, when there is a transaction.

    It goes with the position of the stream (one query, not for users' streams), so that it does not overtake the
    event by which somebody left. With ``only`` it reaches those of the listeners alone whose connection carries this
    label (:meth:`core.realtime.connection.Connection.label`), in whichever process they are.
    """
    _publish_ephemeral([stream], event, only)


def publish_ephemeral_each(names: Collection[StreamName], event: Event) -> None:
    """:func:`publish_ephemeral` for several streams, still by one query."""
    _publish_ephemeral(names, event, None)


def _publish_ephemeral(names: Collection[StreamName], event: Event, only: UUID | None) -> None:
    payload = event.model_dump_json()
    asked = [name.id for name in names if name.kind != USER]
    heads = dict(Stream.objects.filter(pk__in=asked).values_list("pk", "last_seq")) if asked else {}
    for name in names:
        told = frame(name, None, event.type, payload)
        publish.publish_on_commit(name, told, after=heads.get(name.id, 0), only=only)


def head(stream: StreamName) -> int:
    """The newest ``seq``; 0 for a stream nobody has written to."""
    return Stream.objects.filter(pk=stream.id).values_list("last_seq", flat=True).first() or 0


def frame(stream: StreamName, seq: int | None, event_type: str, payload: str) -> bytes:
    """The envelope as it goes over the socket; ``room`` is the id of a conversation, so users' streams have none."""
    room = "" if stream.kind == USER else f',"room":"{stream.id}"'
    number = "" if seq is None else f',"seq":{seq}'
    return f'{{"type":"{event_type}"{room}{number},"payload":{payload}}}'.encode()


def _in_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Events are written in the transaction of what they tell of.")
