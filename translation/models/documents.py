"""What a document is made of while it is translated: parts, their segments, and the words it keeps to."""

from __future__ import annotations

from django.db import models
from django.db.models import F
from django.db.models import Q
from django.utils import timezone

from core.crypto.fields import EncryptedTextField
from core.models import UUIDModel
from translation import limits
from translation.models.translations import Translation


class TranslationChunk(UUIDModel):
    """A part of a document that is translated, paid and repeated alone.

    A service that takes files whole is sent ``source_key`` and gives ``result_key``; else the part is its segments.
    Nobody can know whether the service has a file whose upload was cut off: it is sent once more, which ``doubtful``
    counts.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        UPLOADING = "uploading"
        SENT = "sent"
        FETCHING = "fetching"
        WORKING = "working"  # by our own path
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    translation = models.ForeignKey(Translation, on_delete=models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField(help_text="From 1.")
    page_from = models.PositiveIntegerField(null=True, blank=True, help_text="The first page, from 0.")
    page_to = models.PositiveIntegerField(null=True, blank=True, help_text="The page behind the last one.")
    source_key = models.CharField(max_length=200, blank=True, editable=False, help_text="Name in the storage.")
    result_key = models.CharField(max_length=200, blank=True, editable=False, help_text="Name in the storage.")
    chars = models.PositiveIntegerField(default=0)
    billed_chars = models.PositiveIntegerField(default=0)
    tokens = models.PositiveIntegerField(default=0, help_text="Of the source, by our own count.")
    service = models.CharField(max_length=20)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    round = models.PositiveIntegerField(default=1, help_text="Counts the tries that were held for.")
    upload_attempt = models.PositiveIntegerField(
        default=0, help_text="Times it was sent, or may have been, in this round."
    )
    upload_begun_at = models.DateTimeField(null=True, blank=True)
    vendor_id = models.CharField(max_length=200, blank=True)
    vendor_key = EncryptedTextField(null=True, blank=True)
    vendor_state = models.CharField(max_length=40, blank=True)
    progress = models.PositiveSmallIntegerField(default=0, help_text="Percent, as the service says.")
    poll_at = models.DateTimeField(null=True, blank=True)
    hold_key = models.CharField(max_length=100, blank=True)
    charged = models.PositiveIntegerField(default=0, help_text="Tokens.")
    doubtful = models.PositiveIntegerField(default=0, help_text="Uploads that may have been made for nothing.")
    vendor_billed = models.PositiveIntegerField(null=True, blank=True, help_text="Characters, as the service says.")
    vendor_price = models.DecimalField(
        max_digits=12, decimal_places=4, null=True, blank=True, help_text="As the service says, in its own unit."
    )
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "translation_chunks"
        constraints = [
            models.UniqueConstraint(fields=["translation", "number"], name="translation_chunk_number"),
            models.UniqueConstraint(
                fields=["service", "vendor_id"], condition=~Q(vendor_id=""), name="translation_chunk_vendor_id"
            ),
            models.CheckConstraint(
                condition=Q(page_from=None, page_to=None) | Q(page_from__lt=F("page_to")),
                name="translation_chunk_pages",
            ),
        ]
        indexes = [
            models.Index(fields=["hold_key"], condition=~Q(hold_key=""), name="translation_chunk_hold"),
            models.Index(fields=["id"], condition=Q(doubtful__gt=0), name="translation_chunk_doubtful"),
        ]

    def __str__(self) -> str:
        return f"{self.translation_id} {self.number}"


class TranslationSegment(UUIDModel):
    """A paragraph, a cell, a cue: what is translated as one, with markers for what looks different in it."""

    class State(models.TextChoices):
        NEW = "new"
        DONE = "done"
        FLAGGED = "flagged"  # translated, and somebody should look at it
        FAILED = "failed"

    translation = models.ForeignKey(Translation, on_delete=models.CASCADE, related_name="segments")
    chunk = models.ForeignKey(
        TranslationChunk, on_delete=models.CASCADE, null=True, blank=True, related_name="segments"
    )
    number = models.PositiveIntegerField(help_text="As the reader of its format counts.")
    place = models.CharField(max_length=300, blank=True, help_text="Where it stands in the file.")
    kind = models.CharField(max_length=20, blank=True)
    source = models.TextField()
    target = models.TextField(blank=True)
    state = models.CharField(max_length=7, choices=State.choices, default=State.NEW)
    flags = models.JSONField(default=list, blank=True)
    from_memory = models.BooleanField(default=False)
    is_edited = models.BooleanField(default=False, help_text="By a person; nothing else changes it any more.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "translation_segments"
        constraints = [
            models.UniqueConstraint(fields=["translation", "number"], name="translation_segment_number"),
        ]
        indexes = [
            models.Index(
                fields=["translation", "number"],
                condition=Q(state__in=["flagged", "failed"]),
                name="translation_segment_to_see",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.translation_id} {self.number}"


class TranslationTerm(UUIDModel):
    """How a name or a term of one document is rendered, in all of it."""

    translation = models.ForeignKey(Translation, on_delete=models.CASCADE, related_name="terms")
    source = models.CharField(max_length=limits.TERM_LENGTH)
    target = models.CharField(max_length=limits.TERM_LENGTH, blank=True)
    count = models.PositiveIntegerField(default=0, help_text="How often it stands in the document.")
    fixed = models.BooleanField(default=False, help_text="By a person.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "translation_terms"
        constraints = [models.UniqueConstraint(fields=["translation", "source"], name="translation_term")]

    def __str__(self) -> str:
        return str(self.pk)
