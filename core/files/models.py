"""Files of users: what is known of them; the bytes lie in the default storage."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone

from core.bases import UUIDModel

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


class StoredFileQuerySet(models.QuerySet["StoredFile"]):
    """Who may see which files."""

    def visible_to(self, user: AbstractBaseUser) -> StoredFileQuerySet:
        """The user's own files that have not expired."""
        return self.current().filter(owner_id=user.pk)

    def current(self) -> StoredFileQuerySet:
        """Files that have not expired."""
        return self.exclude(expires_at__lte=timezone.now())

    def expired(self) -> StoredFileQuerySet:
        """Files whose time is over; the sweeper takes them."""
        return self.filter(expires_at__lte=timezone.now())


class StoredFile(UUIDModel):
    """One file that came through the door; the row exists only when the bytes do."""

    class Kind(models.TextChoices):
        IMAGE = "image"
        PDF = "pdf"
        TEXT = "text"
        AUDIO = "audio"
        VIDEO = "video"
        OTHER = "other"

    class Purpose(models.TextChoices):
        ATTACHMENT = "attachment"
        MESSAGE = "message"
        STORY = "story"
        AVATAR = "avatar"
        EXPORT = "export"  # made by the house, never uploaded

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=255, help_text="For people; never part of a path.")
    mime_type = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    size = models.PositiveBigIntegerField(help_text="Bytes as stored.")
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    duration = models.FloatField(null=True, blank=True, help_text="Seconds, of audio and video.")
    sha256 = models.CharField(max_length=64, help_text="Of the bytes as stored.")
    purpose = models.CharField(max_length=30, choices=Purpose.choices, default=Purpose.ATTACHMENT)
    key = models.CharField(max_length=200, unique=True, editable=False, help_text="Name in the storage, random.")
    thumbnail_key = models.CharField(
        max_length=200, blank=True, editable=False, help_text="Name of the small picture in the storage, if any."
    )
    text_truncated = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["owner", "-id"], name="file_owner"),
            models.Index(fields=["expires_at"], name="file_expiry", condition=models.Q(expires_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_thumbnail(self) -> bool:
        """There is a small picture of it."""
        return bool(self.thumbnail_key)


class FileText(models.Model):
    """What is written in a text or PDF file; apart, so that lists of files stay light."""

    file = models.OneToOneField(StoredFile, on_delete=models.CASCADE, primary_key=True, related_name="extracted")
    text = models.TextField()

    def __str__(self) -> str:
        return str(self.file_id)


class LooseBlob(models.Model):
    """A name in the storage that no file row vouches for: not yet, or no more.

    It is written before the bytes and goes in the transaction that makes the row; it comes back in the transaction that
    deletes the row. Whatever dies in between, the sweeper finds the bytes.
    """

    key = models.CharField(max_length=200, primary_key=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.key


class Upload(UUIDModel):
    """A file that comes in pieces; it becomes a StoredFile when all are there."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads")
    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField(help_text="Bytes that will come.")
    purpose = models.CharField(max_length=30, choices=StoredFile.Purpose.choices)
    client_id = models.CharField(max_length=64, null=True, blank=True)
    offset = models.PositiveBigIntegerField(default=0, help_text="Bytes that have come.")
    file = models.OneToOneField(StoredFile, on_delete=models.CASCADE, null=True, blank=True, related_name="upload")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "uploads"
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "client_id"], name="upload_client_id", condition=models.Q(client_id__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.offset}/{self.size})"


class UploadPart(models.Model):
    """One piece, as bytes of their own in the storage: an object store cannot append."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="parts")
    offset = models.PositiveBigIntegerField()
    size = models.PositiveBigIntegerField()
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        db_table = "upload_parts"
        constraints = [models.UniqueConstraint(fields=["upload", "offset"], name="upload_part_offset")]

    def __str__(self) -> str:
        return f"{self.upload_id} at {self.offset}"


@receiver(post_delete, sender=StoredFile)
@receiver(post_delete, sender=UploadPart)
def _loosen_blob(instance: StoredFile | UploadPart, **_kwargs: Any) -> None:
    """Every way of deleting a row passes here, the cascade from a deleted user included."""
    from core.files import blobs

    blobs.loosen(instance.key)
    if isinstance(instance, StoredFile) and instance.thumbnail_key:
        blobs.loosen(instance.thumbnail_key)
