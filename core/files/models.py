"""Files of users: what is known of them; the bytes lie in the default storage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
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
        """The ground floor's own; apps have others, see :mod:`core.files.purposes`."""

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
    purpose = models.CharField(max_length=30, default=Purpose.ATTACHMENT)
    key = models.CharField(max_length=200, unique=True, editable=False, help_text="Name in the storage, random.")
    thumbnail_key = models.CharField(
        max_length=200, blank=True, editable=False, help_text="Name of the small picture in the storage, if any."
    )
    text_truncated = models.BooleanField(default=False)
    encoding = models.CharField(
        max_length=20, blank=True, default="", help_text="What a text that was no Unicode was taken for: a guess."
    )
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
    """What is written in a text, PDF or DOCX file; apart, so that lists of files stay light."""

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
    purpose = models.CharField(max_length=30)
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


class DeletionReceipt(UUIDModel):
    """That something of a person was deleted, when and why, and when its bytes were seen to be gone.

    It names no person, only an id, and nothing of what was deleted can be read out of it.
    """

    class Reason(models.TextChoices):
        DUE = "due"  # its time was over
        ASKED = "asked"  # somebody deleted it, or what it belonged to
        ACCOUNT = "account"  # its owner's account was erased

    # No foreign key: receipts outlive the person, and then the id names nobody.
    user_id = models.UUIDField(help_text="Whose it was.")
    what = models.CharField(max_length=30, help_text="The word of the app that writes the receipt.")
    subject_id = models.UUIDField(null=True, blank=True, help_text="The id of what was deleted, if it was one thing.")
    count = models.PositiveIntegerField(default=1, help_text="How many things.")
    reason = models.CharField(max_length=10, choices=Reason.choices)
    digest = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 of the bytes; empty once the account is gone."
    )
    stored_at = models.DateTimeField(null=True, blank=True, help_text="When it had come.")
    due_at = models.DateTimeField(null=True, blank=True, help_text="When it was to be deleted.")
    deleted_at = models.DateTimeField(default=timezone.now)
    keys = models.JSONField(
        default=list, blank=True, help_text="Names in the storage that are not seen to be gone yet."
    )
    looked_at = models.DateTimeField(
        null=True, blank=True, help_text="When the storage was last asked whether the bytes are gone"
    )
    erased_at = models.DateTimeField(
        null=True, blank=True, help_text="When the storage had none of the bytes any more."
    )

    class Meta:
        db_table = "deletion_receipts"
        indexes = [
            models.Index(fields=["user_id", "-id"], name="receipt_user"),
            models.Index(fields=["deleted_at"], name="receipt_open", condition=models.Q(erased_at__isnull=True)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["what", "subject_id"],
                name="receipt_subject",
                condition=models.Q(subject_id__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.count} {self.what} at {self.deleted_at}"
