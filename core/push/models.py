"""The site's key, the browsers that may be written to, and what is on its way to them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from core.bases import UUIDModel
from core.crypto import EncryptedTextField


class PushKey(UUIDModel):
    """The key by which push services know this site (RFC 8292), one for good: a new one would end all subscriptions."""

    slot = models.CharField(max_length=10, unique=True, default="current", editable=False)
    public = models.CharField(max_length=100, help_text="As browsers take it: an uncompressed point, base64url.")
    private = EncryptedTextField(help_text="PEM, PKCS 8.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "push_keys"

    def __str__(self) -> str:
        return f"…{self.public[-6:]}"


class PushSubscriptionQuerySet(models.QuerySet["PushSubscription"]):
    """Whose devices."""

    def visible_to(self, user: models.Model) -> PushSubscriptionQuerySet:
        """The user's own."""
        return self.filter(user_id=user.pk)


class PushSubscription(UUIDModel):
    """One browser of one person, which its maker's push service reaches.

    Who knows the endpoint can write to it, and with the two keys in a way that the browser believes, so all three are
    encrypted. ``fingerprint`` finds an endpoint without reading it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    session_id = models.UUIDField(null=True, blank=True, db_index=True, help_text="With its end this ends.")
    fingerprint = models.CharField(max_length=64, unique=True, editable=False)
    endpoint = EncryptedTextField()
    p256dh = EncryptedTextField()
    auth = EncryptedTextField()
    host = models.CharField(max_length=255, help_text="Of the push service.")
    device = models.CharField(max_length=100, blank=True, help_text="What its owner calls it.")
    enabled = models.BooleanField(default=True)
    shows_text = models.BooleanField(default=True, help_text="Off: nothing that somebody wrote is sent to it.")
    has_sound = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True, help_text="When its push service last took a notice.")

    objects = PushSubscriptionQuerySet.as_manager()

    class Meta:
        db_table = "push_subscriptions"
        indexes = [models.Index(fields=["user"], name="push_reachable", condition=models.Q(enabled=True))]

    def __str__(self) -> str:
        return f"{self.device or 'A device'} ({self.host})"


class PushPreferences(models.Model):
    """When a person is left alone, by the clock of their own time zone."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="push_preferences"
    )
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)

    class Meta:
        db_table = "push_preferences"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quiet_from=None, quiet_until=None)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="push_quiet_hours_whole",
            )
        ]

    def __str__(self) -> str:
        return f"{self.quiet_from}–{self.quiet_until}"


class PushNotice(UUIDModel):
    """A notice on its way to one device. What stands in it is encrypted, and gone once it was sent or given up.

    ``sending`` is written before the call: a row that is found so has lost its process, and nobody knows whether the
    notice arrived. It is not sent again, so nothing rings twice.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"

    class Urgency(models.TextChoices):
        LOW = "low"
        NORMAL = "normal"
        HIGH = "high"

    batch = models.UUIDField(editable=False)
    kind = models.CharField(max_length=40)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    subscription = models.ForeignKey(
        PushSubscription, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    topic = models.CharField(max_length=32, help_text="The push service keeps only the newest of a topic.")
    urgency = models.CharField(max_length=10, choices=Urgency.choices, default=Urgency.NORMAL)
    content = EncryptedTextField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    error = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(help_text="After this it is of no use, and not sent.")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "push_notices"
        indexes = [
            models.Index(fields=["batch", "due_at"], name="push_unsent", condition=models.Q(finished_at=None)),
            models.Index(fields=["user", "topic"], name="push_of_topic"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.state})"
