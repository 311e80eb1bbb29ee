"""Old events go; how far they went stays with the stream, so that who is further behind reads by REST."""

from __future__ import annotations

import time
from collections.abc import Iterator
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.realtime.models import Stream
from core.realtime.models import StreamEvent

_BATCH = 2_000


def trim(*, seconds: float = 240.0) -> int:
    """Remove what is older than ``REALTIME_RETENTION``, for so long at most; returns how many events went."""
    end = time.monotonic() + seconds
    gone = 0
    while positions := dict(_old()):
        for stream_id in sorted(positions):
            gone += _trim(stream_id, positions[stream_id])
        if time.monotonic() > end:
            break
    return gone


def _old() -> Iterator[tuple[UUID, int]]:
    """A batch of old events: stream and position, ascending per stream."""
    before = timezone.now() - settings.REALTIME_RETENTION
    rows = StreamEvent.objects.filter(created_at__lt=before).order_by("created_at")
    yield from sorted(rows.values_list("stream_id", "seq")[:_BATCH])


@transaction.atomic
def _trim(stream_id: UUID, seq: int) -> int:
    """Remove the events of a stream up to ``seq``, its row first: that is the order in which writers lock."""
    Stream.objects.filter(pk=stream_id, trimmed_seq__lt=seq).update(trimmed_seq=seq)
    return StreamEvent.objects.filter(stream_id=stream_id, seq__lte=seq).delete()[0]
