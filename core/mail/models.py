"""The outbox."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from core.bases import UUIDModel
from core.crypto import EncryptedTextField


class OutgoingMail(UUIDModel):
    """A letter on its way. Address and content are encrypted, and gone once it was sent or given up."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        FAILED = "failed"

    kind = models.CharField(max_length=40)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    language = models.CharField(max_length=5)
    recipient = EncryptedTextField(null=True, blank=True)
    content = EncryptedTextField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    error = models.CharField(max_length=200, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="After this it is of no use, and not sent.")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "outgoing_mails"
        indexes = [models.Index(fields=["created_at"], name="mail_waiting", condition=models.Q(state="waiting"))]

    def __str__(self) -> str:
        return f"{self.kind} ({self.state})"
