"""When media flowed, what media servers told of it, and when deadlines were last looked at."""

from __future__ import annotations

from django.db import models
from django.db.models import F
from django.db.models import Q
from django.utils import timezone

from core.models import UUIDModel


class CallInterval(UUIDModel):
    """A time in which a leg had media. A trigger of the database lets it grow and close, and nothing else.

    It names call, leg and user by their ids alone: money outlives all of them.
    """

    class Transport(models.TextChoices):
        P2P = "p2p"
        RELAY = "relay"
        SFU = "sfu"

    class EndedBy(models.TextChoices):
        LEAVE = "leave"
        LEASE = "lease"
        DOOR = "door"
        WEBHOOK = "webhook"
        MOVE = "move"
        END = "end"

    call_id = models.UUIDField()
    leg_id = models.UUIDField()
    user_id = models.UUIDField()
    transport = models.CharField(max_length=5, choices=Transport.choices)
    generation = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="Media flowed until then, at least.")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=7, choices=EndedBy.choices, blank=True)
    provider_seconds = models.PositiveIntegerField(null=True, blank=True, help_text="What the media server says.")

    class Meta:
        db_table = "call_intervals"
        constraints = [
            models.UniqueConstraint(fields=["leg_id"], condition=Q(ended_at__isnull=True), name="interval_one_open"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")), name="interval_forward"
            ),
        ]
        indexes = [
            models.Index(fields=["call_id"], name="interval_call"),
            models.Index(fields=["user_id"], name="interval_user"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class CallProviderEvent(models.Model):
    """A webhook that was taken, so that its repeats are not; ids alone, and for 30 days."""

    key = models.CharField(max_length=200, primary_key=True, help_text="Provider, colon, its id of the event.")
    type = models.CharField(max_length=64)
    call_id = models.UUIDField(null=True, blank=True)
    received_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "call_provider_events"
        indexes = [models.Index(fields=["received_at"], name="provider_event_received")]

    def __str__(self) -> str:
        return self.key


class CallClock(models.Model):
    """When any process last looked at the deadlines; one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    ticked_at = models.DateTimeField()

    class Meta:
        db_table = "call_clock"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="call_clock_one")]

    def __str__(self) -> str:
        return str(self.ticked_at)
