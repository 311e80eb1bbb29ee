"""What is kept of people's own streams."""

from __future__ import annotations

from uuid import UUID

from core.personal import Holding
from core.personal import Work
from core.personal import in_batches
from core.realtime.models import Stream
from core.realtime.models import StreamEvent

HOLDINGS = [
    Holding(
        model="core.Stream",
        rows=lambda user_id: Stream.objects.filter(pk=user_id),
        exported=False,
        reason="The position of a log.",
    ),
    Holding(
        model="core.StreamEvent",
        rows=lambda user_id: StreamEvent.objects.filter(stream_id=user_id),
        exported=False,
        reason="Repeats for a month what the other tables say.",
    ),
]


def erase(user_id: UUID, work: Work) -> None:
    """The user's own stream."""
    in_batches(StreamEvent.objects.filter(stream_id=user_id), work, size=2000)
    Stream.objects.filter(pk=user_id).delete()
