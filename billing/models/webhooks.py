"""What payment providers told."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.ids import uuid7
from core.jobs.claims import Claimable


class WebhookEvent(Claimable):
    """Something the provider told us, stored before it is worked. Of its payload only the ids are kept."""

    class State(models.TextChoices):
        RECEIVED = "received"
        WORKING = "working"
        DONE = "done"
        IGNORED = "ignored"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.CharField(max_length=10)
    event_id = models.CharField(max_length=255, unique=True)
    type = models.CharField(max_length=100)
    customer_id = models.CharField(max_length=255, blank=True, db_index=True)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="When the sweeper takes it; while it is worked, its lease's end")

    class Meta:
        db_table = "webhook_events"
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"], condition=Q(state__in=["received", "working", "failed"]), name="webhook_events_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id}: {self.type} ({self.state})"
