"""What was said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.models import StoredFile
from core.models import UUIDModel
from messenger.models.conversations import Conversation
from messenger.models.conversations import Participant

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


class MessageQuerySet(models.QuerySet["Message"]):
    """Who may see which messages."""

    def visible_to(self, user: AbstractBaseUser) -> MessageQuerySet:
        """Messages of conversations the user is a member of now, but for the history they removed for themselves."""
        mine = Participant.objects.filter(
            conversation=models.OuterRef("conversation"),
            user_id=user.pk,
            cleared_seq__lt=models.OuterRef("seq"),
        )
        return self.filter(models.Exists(mine), conversation__deleted_at=None)


class Message(UUIDModel):
    """One message. ``seq`` is the one of its ``message.new`` in the conversation's stream."""

    class Type(models.TextChoices):
        TEXT = "text"
        IMAGE = "image"
        VIDEO = "video"
        AUDIO = "audio"
        FILE = "file"
        SYSTEM = "system"

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    seq = models.PositiveBigIntegerField()
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="sent_messages"
    )
    client_id = models.CharField(max_length=64, null=True, blank=True)
    fingerprint = models.CharField(
        max_length=64, blank=True, editable=False, help_text="Of the request, so that a repeat is told from a mix-up."
    )
    message_type = models.CharField(max_length=10, choices=Type.choices, default=Type.TEXT)
    content = models.TextField(blank=True)
    search_text = models.TextField(blank=True, editable=False, help_text="The content, case-folded.")
    media = models.ForeignKey(StoredFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reply_to = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="replies")
    forwarded_from = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    mentions = models.JSONField(default=list, blank=True, help_text="Ids of the members it names.")
    system = models.JSONField(null=True, blank=True, help_text="Of a system message: what happened.")
    link_preview = models.JSONField(null=True, blank=True)
    is_edited = models.BooleanField(default=False)
    is_forwarded = models.BooleanField(default=False)
    is_deleted = models.BooleanField(default=False)
    edited_at = models.DateTimeField(null=True, blank=True)
    pinned_at = models.DateTimeField(null=True, blank=True)
    pinned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = MessageQuerySet.as_manager()

    class Meta:
        db_table = "conversation_messages"
        permissions = [("read_content", "Can read the private text of messages")]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="message_seq"),
            models.UniqueConstraint(
                fields=["sender", "client_id"], name="message_client_id", condition=Q(client_id__isnull=False)
            ),
            models.CheckConstraint(
                condition=Q(message_type__in=["text", "image", "video", "audio", "file", "system"]),
                name="message_type",
            ),
        ]
        indexes = [
            models.Index(fields=["media"], name="message_media", condition=Q(media__isnull=False)),
            models.Index(fields=["conversation"], name="message_pinned", condition=Q(pinned_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Reaction(UUIDModel):
    """One emoji of one member at one message."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="reactions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    emoji = models.CharField(max_length=32)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "reactions"
        constraints = [models.UniqueConstraint(fields=["message", "user", "emoji"], name="reaction_once")]

    def __str__(self) -> str:
        return f"{self.emoji} at {self.message_id}"


class ReadReceipt(UUIDModel):
    """When a member saw a message."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="receipts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    read_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "read_receipts"
        constraints = [models.UniqueConstraint(fields=["message", "user"], name="receipt_once")]

    def __str__(self) -> str:
        return f"{self.user_id} read {self.message_id}"


class LinkPreview(models.Model):
    """What stands behind a link, fetched once for everybody."""

    url_hash = models.CharField(max_length=64, primary_key=True, help_text="SHA-256 of the address.")
    preview = models.JSONField(null=True, help_text="None: there is nothing to show.")
    fetched_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        db_table = "link_previews"

    def __str__(self) -> str:
        return self.url_hash
