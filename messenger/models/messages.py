"""What was said."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.jobs.claims import Claimable
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
        # As active() says, but outside: with the conversation joined inside, PostgreSQL 15 looks through everybody's
        # messages, and searching took fifty times as long.
        return self.filter(models.Exists(mine), conversation__deleted_at=None)

    def take_back(self) -> int:
        """Leave of the messages what :data:`TAKEN_BACK` leaves; those that grow end. Returns how many there were."""
        # First the claims, as in services/speaking.py: who writes has the claim's row and waits for the message's.
        GrowingMessage.objects.filter(message__in=list(self.values_list("pk", flat=True))).delete()
        return self.update(**TAKEN_BACK)


TAKEN_BACK: dict[str, Any] = {
    "content": "",
    "search_text": "",
    "media": None,
    "mentions": [],
    "link_preview": None,
    "forwarded_from": None,
    "pinned_at": None,
    "pinned_by": None,
    "agent": None,
    "story_id": None,
    "is_deleted": True,
}
"""What becomes of a message that is taken back. A column that is not named here keeps what was said."""

SAID_BY_OTHERS = """
m.conversation_id = p.conversation_id AND NOT m.is_deleted AND m.message_type <> 'system'
AND (m.sender_id IS NULL OR m.sender_id <> p.user_id)
"""
"""Messages ``m`` that the member ``p`` may have to read: not their own, nor deleted, nor the system's."""

UNREAD = f"m.seq > p.read_seq AND m.seq > p.cleared_seq AND {SAID_BY_OTHERS}"
"""Messages ``m`` that are unread for the member ``p``: those of others behind the position, and not cleared away."""


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
    search_text = models.TextField(blank=True, editable=False, help_text="The content, folded.")
    media = models.ForeignKey(StoredFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reply_to = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="replies")
    forwarded_from = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    mentions = models.JSONField(default=list, blank=True, help_text="Ids of the members it names.")
    system = models.JSONField(null=True, blank=True, help_text="Of a system message: what happened.")
    link_preview = models.JSONField(null=True, blank=True)
    agent = models.JSONField(null=True, blank=True, help_text="Of an agent's answer: its run, its state, who paid.")
    album_id = models.UUIDField(
        null=True, blank=True, help_text="Shared by pictures and films that were sent together."
    )
    story_id = models.UUIDField(null=True, blank=True, help_text="The story it answers, which is gone after a day.")
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


class NoticeScan(Claimable):
    """Up to when somebody has looked whom to tell of what was said; one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    looked_until = models.DateTimeField()

    class Meta:
        db_table = "notice_scans"

    def __str__(self) -> str:
        return f"{self.looked_until:%c}"


class GrowingMessage(Claimable):
    """A message that somebody is writing this moment; the row goes when it is finished.

    Who holds the claim writes. ``fence`` is the attempt that readers see: a later one begins the text anew.
    """

    message = models.OneToOneField(Message, on_delete=models.CASCADE, primary_key=True, related_name="growing")

    class Meta:
        db_table = "growing_messages"

    def __str__(self) -> str:
        return str(self.message_id)


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
