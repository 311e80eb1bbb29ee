"""When media flowed, as rows: one open interval a leg, that grows while it is seen and is closed once.

All times are the database's. Of a media server of our own the door writes them; of a vendor's they are read there.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
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
"""A door that lives writes each ten seconds."""
_SFU = CallInterval.Transport.SFU
_Times = tuple[datetime, datetime]
_Stay = tuple[UUID, datetime | None, datetime | None]


@transaction.atomic
def begin(
    call_id: UUID, leg_id: UUID, user_id: UUID, *, transport: str, generation: int, goes_on: bool = False
) -> None:
    """Media flows from now on. What is open on the same way goes on; what is open on another was left for this one.

    ``goes_on``: it flowed all the time while nobody looked, so that it begins where it was last seen to end, unless
    that is longer ago than CLAIM.
    """
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
        started_at=(_last_end(leg_id, transport, generation, now) if goes_on else None) or now,
        seen_at=now,
    )
    # Another process may have been first; then its interval is this one.
    CallInterval.objects.bulk_create([fresh], ignore_conflicts=True)


def _last_end(leg_id: UUID, transport: str, generation: int, now: datetime) -> datetime | None:
    ended = CallInterval.objects.filter(
        leg_id=leg_id, transport=transport, generation=generation, ended_at__gte=now - CLAIM
    )
    return ended.order_by("-ended_at").values_list("ended_at", flat=True).first()


def adopt(call_id: UUID, legs: Mapping[UUID, UUID], generation: int, stays: Iterable[_Stay]) -> None:
    """Write down what a vendor's media server says of the legs (and their users) of a call. As often as one likes.

    A stay is known by when it began; one that goes on is seen now.
    """
    now = sql.now()
    for leg_id, joined_at, left_at in stays:
        if leg_id not in legs or joined_at is None:
            continue
        begun = min(joined_at, now)
        ended = max(min(left_at, now), begun) if left_at else None
        known = CallInterval.objects.filter(leg_id=leg_id, transport=_SFU, started_at=begun)
        if not known.exists():
            _adopt_one(call_id, leg_id, legs[leg_id], generation=generation, begun=begun)
        still = known.filter(ended_at__isnull=True)
        if ended is None:
            still.update(seen_at=now)
        elif still.update(seen_at=ended, ended_at=ended, ended_by=CallInterval.EndedBy.WEBHOOK):
            known.update(provider_seconds=int((ended - begun).total_seconds()))


def _adopt_one(call_id: UUID, leg_id: UUID, user_id: UUID, *, generation: int, begun: datetime) -> None:
    """What is still open of the leg was left for this stay: a leg is in one place."""
    close([leg_id], by=CallInterval.EndedBy.MOVE, at=begun)
    fresh = CallInterval(
        call_id=call_id,
        leg_id=leg_id,
        user_id=user_id,
        transport=_SFU,
        generation=generation,
        started_at=begun,
        seen_at=begun,
    )
    CallInterval.objects.bulk_create([fresh], ignore_conflicts=True)


def touch(leg_ids: Iterable[UUID]) -> None:
    """Media flows still."""
    _open(leg_ids).update(seen_at=sql.now())


def close(leg_ids: Iterable[UUID], *, by: str, at: datetime | None = None) -> int:
    """Media has ended, now or at ``at``; how many intervals that closed."""
    return _close(_open(leg_ids), by, at or sql.now())


def close_all(call_id: UUID, *, by: str, at: datetime | None = None) -> int:
    """Those of a call on the media server, as :func:`close`. Of a door that died, media flowed for CLAIM at most."""
    at = at or sql.now()
    rows = CallInterval.objects.filter(call_id=call_id, transport=_SFU, ended_at__isnull=True)
    unseen = rows.filter(seen_at__lt=at - CLAIM)
    return _end_unseen(unseen) + _close(rows, by, at)


def close_abandoned() -> int:
    """Doors that died with their process, unclaimed: media flowed on for CLAIM, as far as anybody can tell."""
    rows = CallInterval.objects.filter(transport=_SFU, ended_at__isnull=True, seen_at__lte=sql.now() - _ABANDONED)
    return _end_unseen(rows)


def _end_unseen(rows: QuerySet[CallInterval]) -> int:
    end = ExpressionWrapper(F("seen_at") + Value(CLAIM), output_field=DateTimeField())
    return rows.update(ended_at=end, ended_by=CallInterval.EndedBy.LEASE)


def seconds_together(call_id: UUID) -> int:
    """Seconds in which at least two were on the media server, however many: what is charged, before it is rounded up.

    Of what is still open, until now; a door that is lost may be late by CLAIM.
    """
    now = sql.now()
    rows = CallInterval.objects.filter(call_id=call_id, transport=_SFU)
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
