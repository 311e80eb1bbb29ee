"""Calls, and the people they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.models import UUIDModel
from messenger.models import Conversation
from messenger.models import Participant

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


class CallQuerySet(models.QuerySet["Call"]):
    """Who may see which calls."""

    def visible_to(self, user: AbstractBaseUser) -> CallQuerySet:
        """Calls of conversations the user is in now, and those they took part in: their own history stays theirs."""
        members = Participant.objects.active().filter(user_id=user.pk).values("conversation_id")
        there = Call.objects.filter(conversation_id__in=members).values("pk")
        took_part = CallParticipant.objects.filter(user_id=user.pk).values("call_id")
        # Two ways by an index each; as one condition it would be asked of every call there is.
        return self.filter(pk__in=there.union(took_part))

    def live(self) -> CallQuerySet:
        """Those that ring or run."""
        return self.exclude(status=Call.Status.ENDED)


class Call(UUIDModel):
    """One call of one conversation. The row is the call: whoever changes it holds the conversation's stream."""

    class Type(models.TextChoices):
        AUDIO = "audio"
        VIDEO = "video"

    class Status(models.TextChoices):
        RINGING = "ringing"
        CONNECTING = "connecting"
        ACTIVE = "active"
        ENDED = "ended"

    class EndReason(models.TextChoices):
        HANGUP = "hangup"
        DECLINED = "declined"
        CANCELLED = "cancelled"
        MISSED = "missed"
        FAILED = "failed"
        LOST = "lost"
        REMOVED = "removed"
        BLOCKED = "blocked"
        LIMIT = "limit"
        TOO_LONG = "too_long"
        STAFF = "staff"

    class Transport(models.TextChoices):
        P2P = "p2p"
        SFU = "sfu"

    class Provider(models.TextChoices):
        HMS = "hms"
        JANUS = "janus"

    class RoomState(models.TextChoices):
        NONE = "none"
        WANTED = "wanted"
        READY = "ready"
        FAILED = "failed"

    class Notice(models.TextChoices):
        SFU_NOT_CONFIGURED = "sfu_not_configured"
        SFU_UNAVAILABLE = "sfu_unavailable"
        AUDIO_ONLY = "audio_only"
        NO_MEDIA = "no_media"
        MINUTES_LOW = "minutes_low"
        MINUTES_OVER = "minutes_over"
        MINUTES_NOT_IN_PLAN = "minutes_not_in_plan"
        MINUTES_UNKNOWN = "minutes_unknown"

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="calls")
    initiator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    client_id = models.CharField(max_length=64, null=True, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True, help_text="What was asked for under the client id.")
    call_type = models.CharField(max_length=5, choices=Type.choices)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.RINGING)
    end_reason = models.CharField(max_length=16, choices=EndReason.choices, blank=True)
    transport = models.CharField(max_length=3, choices=Transport.choices, default=Transport.P2P)
    generation = models.PositiveIntegerField(default=1, help_text="Counts the ways the media took.")
    provider = models.CharField(max_length=5, choices=Provider.choices, blank=True)
    hms_room_id = models.CharField(max_length=64, blank=True, help_text="The media server's room, whichever it is.")
    sfu_state = models.CharField(max_length=6, choices=RoomState.choices, default=RoomState.NONE)
    notice = models.CharField(max_length=20, choices=Notice.choices, blank=True)
    # Money outlives people.
    payer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    duration = models.PositiveIntegerField(null=True, blank=True, help_text="Seconds, from start to end.")
    ring_until = models.DateTimeField()
    connect_until = models.DateTimeField(null=True, blank=True)
    connect_tries = models.PositiveSmallIntegerField(default=0, help_text="Times the connecting was given more time.")
    alone_until = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True, help_text="The earliest deadline that applies.")
    created_at = models.DateTimeField(default=timezone.now)

    objects = CallQuerySet.as_manager()

    class Meta:
        db_table = "calls"
        constraints = [
            models.UniqueConstraint(fields=["conversation"], condition=~Q(status="ended"), name="call_one_live"),
            models.UniqueConstraint(
                fields=["initiator", "client_id"], condition=Q(client_id__isnull=False), name="call_client_id"
            ),
            models.CheckConstraint(
                condition=(Q(status="ended", ended_at__isnull=False) & ~Q(end_reason=""))
                | (~Q(status="ended") & Q(ended_at__isnull=True, end_reason="")),
                name="call_ended",
            ),
            models.CheckConstraint(condition=Q(generation__gte=1), name="call_generation"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="call_due"),
            models.Index(fields=["conversation", "-id"], name="call_newest"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_live(self) -> bool:
        """It rings or runs."""
        return self.status != self.Status.ENDED


class CallParticipant(UUIDModel):
    """Somebody a call was for, or who came to it."""

    class Origin(models.TextChoices):
        RANG = "rang"
        JOINED = "joined"

    class Response(models.TextChoices):
        PENDING = "pending"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        MISSED = "missed"

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="participants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="call_participations")
    origin = models.CharField(max_length=6, choices=Origin.choices)
    response = models.CharField(max_length=8, choices=Response.choices, default=Response.PENDING)
    rung_at = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True, help_text="When a missed call was looked at.")

    class Meta:
        db_table = "call_participants"
        constraints = [models.UniqueConstraint(fields=["call", "user"], name="call_participant_once")]
        indexes = [
            models.Index(fields=["user", "-id"], name="call_participant_newest"),
            models.Index(
                fields=["user"], condition=Q(response="missed", seen_at__isnull=True), name="call_missed_unseen"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.call_id}"


class CallSettings(models.Model):
    """What one person wants of calls; which microphone they use is their browser's."""

    class HideAddress(models.TextChoices):
        NEVER = "never"
        STRANGERS = "strangers"
        ALWAYS = "always"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="call_settings"
    )
    hide_address = models.CharField(
        max_length=9, choices=HideAddress.choices, blank=True, help_text="Empty: by default."
    )
    ring = models.BooleanField(default=True)

    class Meta:
        db_table = "call_settings"
        verbose_name_plural = "call settings"

    def __str__(self) -> str:
        return str(self.pk)
