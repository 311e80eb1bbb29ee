"""The logs. A row is written once, in the transaction of what it tells of."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Stream(models.Model):
    """How far a log has come. Its row is the lock that makes commit order the order of ``seq``."""

    id = models.UUIDField(primary_key=True, editable=False, help_text="Of the object the stream is about.")
    kind = models.CharField(max_length=1)
    last_seq = models.PositiveBigIntegerField(default=0)
    trimmed_seq = models.PositiveBigIntegerField(default=0, help_text="Events up to here were removed by age.")

    class Meta:
        db_table = "realtime_streams"

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


class StreamEvent(models.Model):
    """One durable event. Rows are kept ``REALTIME_RETENTION``; a client that is further behind reads by REST."""

    stream = models.ForeignKey(Stream, on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveBigIntegerField()
    type = models.CharField(max_length=40)
    payload = models.TextField(help_text="JSON, as it is sent.")
    subject = models.UUIDField(null=True, help_text="What it shows, so that it can be rewritten when that is deleted.")
    audience = models.JSONField(null=True, help_text="How it changes who listens; see core.realtime.streams.Audience.")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        db_table = "realtime_events"
        constraints = [models.UniqueConstraint(fields=["stream", "seq"], name="realtime_event_seq")]
        indexes = [
            models.Index(fields=["subject"], name="realtime_event_subject", condition=models.Q(subject__isnull=False))
        ]

    def __str__(self) -> str:
        return f"{self.stream_id} {self.seq} {self.type}"
