"""The devices that are in a call."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from calls.models.calls import Call
from core.models import UUIDModel


class CallLeg(UUIDModel):
    """One device of one person in one call."""

    class State(models.TextChoices):
        JOINING = "joining"
        CONNECTED = "connected"
        LOST = "lost"
        LEFT = "left"

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="legs")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    session_id = models.UUIDField(null=True, blank=True, help_text="It leaves when this session ends.")
    device_key = models.CharField(max_length=64, help_text="Made by the tab, and kept over its reloads.")
    state = models.CharField(max_length=9, choices=State.choices, default=State.JOINING)
    left_reason = models.CharField(max_length=16, blank=True)
    generation = models.PositiveIntegerField(default=0, help_text="The newest on which it has media.")
    asked_generation = models.PositiveIntegerField(default=0, help_text="The newest it could not go on with.")
    hears = models.JSONField(default=list, blank=True, help_text="Legs whose media came in when it last said so.")
    audio_on = models.BooleanField(default=True)
    video_on = models.BooleanField(default=False)
    screen_on = models.BooleanField(default=False)
    switched = models.PositiveIntegerField(default=0, help_text="Times one of the three changed.")
    relay_only = models.BooleanField(default=False)
    waits_for_permission = models.BooleanField(default=False)
    lease_until = models.DateTimeField(help_text="It has left when it gives no sign of life until then.")
    joined_at = models.DateTimeField(default=timezone.now)
    connected_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    peer_id = models.CharField(max_length=64, blank=True, help_text="What the media server calls it.")
    pass_hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the ticket to the media server.")
    pass_until = models.DateTimeField(null=True, blank=True)
    report = models.JSONField(null=True, blank=True, help_text="What it last said of its connections.")

    class Meta:
        db_table = "call_legs"
        constraints = [
            models.UniqueConstraint(fields=["call", "user"], condition=~Q(state="left"), name="leg_one_live"),
            models.UniqueConstraint(fields=["call", "device_key"], condition=~Q(state="left"), name="leg_one_device"),
        ]
        indexes = [models.Index(fields=["lease_until"], condition=~Q(state="left"), name="leg_lease")]

    def __str__(self) -> str:
        return str(self.pk)
