"""When media flowed, as rows: one open interval a leg, that grows while it is seen and is closed once.

All times are the database's. Of a media server of our own the door writes them; of a vendor's they are read there.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Case
from django.db.models import DateTimeField
from django.db.models import ExpressionWrapper
from django.db.models import F
from django.db.models import QuerySet
from django.db.models import Value
from django.db.models import When

from calls.models import CallInterval
from core import sql

CLAIM = timedelta(seconds=30)
"""So long media is taken to flow on when its door was lost: Janus keeps a session that is not claimed as long."""
_ABANDONED = timedelta(seconds=45)
"""A door that lives writes each ten seconds. One that was shut waits out CLAIM itself; one that died cannot."""
_Times = tuple[datetime, datetime]


@transaction.atomic
def begin(call_id: UUID, leg_id: UUID, user_id: UUID, *, transport: str, generation: int) -> None:
    """Media flows from now on. What is open on the same way goes on; what is open on another was left for this one."""
    now = sql.now()
    known = CallInterval.objects.select_for_update().filter(leg_id=leg_id, ended_at__isnull=True).first()
    if known and (known.transport, known.generation) == (transport, generation):
        _open([leg_id]).update(seen_at=now)
        return
    if known:
        close([leg_id], by=CallInterval.EndedBy.MOVE, at=now)
    fresh = CallInterval(
        call_id=call_id,
        leg_id=leg_id,
        user_id=user_id,
        transport=transport,
        generation=generation,
        started_at=now,
        seen_at=now,
    )
    # Another process may have been first; then its interval is this one.
    CallInterval.objects.bulk_create([fresh], ignore_conflicts=True)


def touch(leg_ids: Iterable[UUID]) -> None:
    """Media flows still."""
    _open(leg_ids).update(seen_at=sql.now())


def close(leg_ids: Iterable[UUID], *, by: str, at: datetime | None = None) -> int:
    """Media has ended, now or at ``at``; how many intervals that closed."""
    return _close(_open(leg_ids), by, at or sql.now())


def close_all(call_id: UUID, *, by: str, at: datetime | None = None) -> int:
    """Of a whole call, as :func:`close`."""
    return _close(CallInterval.objects.filter(call_id=call_id, ended_at__isnull=True), by, at or sql.now())


def close_unclaimed(leg_id: UUID) -> int:
    """A door was shut CLAIM ago and nobody came back: media ended when it was last seen."""
    gone = _open([leg_id]).filter(transport=CallInterval.Transport.SFU, seen_at__lte=sql.now() - CLAIM)
    return gone.update(ended_at=F("seen_at"), ended_by=CallInterval.EndedBy.DOOR)


def close_abandoned() -> int:
    """Doors that died with their process, unclaimed: media flowed on for CLAIM, as far as anybody can tell."""
    left = CallInterval.objects.filter(
        transport=CallInterval.Transport.SFU, ended_at__isnull=True, seen_at__lte=sql.now() - _ABANDONED
    )
    end = ExpressionWrapper(F("seen_at") + Value(CLAIM), output_field=DateTimeField())
    return left.update(ended_at=end, ended_by=CallInterval.EndedBy.LEASE)


def seconds_together(call_id: UUID) -> int:
    """Seconds in which at least two were on the media server, however many: what is charged, before it is rounded up.

    Of what is still open, until now; a door that is lost may be late by CLAIM.
    """
    now = sql.now()
    rows = CallInterval.objects.filter(call_id=call_id, transport=CallInterval.Transport.SFU)
    stays = rows.values_list("started_at", "seen_at", "ended_at")
    return overlap([(start, end or min(now, seen + CLAIM)) for start, seen, end in stays])


def overlap(stays: Sequence[_Times], *, at_least: int = 2) -> int:
    """Whole seconds in which so many of the stays ran at once."""
    edges = sorted([(start, 1) for start, _ in stays] + [(end, -1) for _, end in stays])
    total, running, since = timedelta(), 0, None
    for moment, step in edges:
        if since is not None and running >= at_least:
            total += moment - since
        running, since = running + step, moment
    return int(total.total_seconds())


def _open(leg_ids: Iterable[UUID]) -> QuerySet[CallInterval]:
    return CallInterval.objects.filter(leg_id__in=list(leg_ids), ended_at__isnull=True)


def _close(rows: QuerySet[CallInterval], by: str, at: datetime) -> int:
    """A clock that was set back must not make it end before it began."""
    end = Case(When(started_at__gt=at, then=F("started_at")), default=Value(at), output_field=DateTimeField())
    return rows.update(ended_at=end, ended_by=by)
