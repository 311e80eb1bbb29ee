"""Translations: of a text at once, or of a document step by step."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.models import StoredFile
from core.models import UUIDModel
from translation import limits
from translation.models.glossaries import Glossary

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


class TranslationQuerySet(models.QuerySet["Translation"]):
    """Who may see which translations."""

    def visible_to(self, user: AbstractBaseUser) -> TranslationQuerySet:
        """The user's own."""
        return self.filter(user_id=user.pk)

    def documents(self) -> TranslationQuerySet:
        """Those of files."""
        return self.filter(kind=Translation.Kind.DOCUMENT)


class Translation(UUIDModel):
    """One text or one document, and what it costs. Characters are Unicode code points of the source.

    A row without a ``user`` was deleted, or its owner was: figures stay for the revenue, nothing says whose they are.
    """

    class Kind(models.TextChoices):
        TEXT = "text"
        DOCUMENT = "document"

    class Status(models.TextChoices):
        PENDING = "pending"
        PROCESSING = "processing"
        COMPLETED = "completed"
        FAILED = "failed"
        CANCELLED = "cancelled"

    class Stage(models.TextChoices):
        """Where a document is; empty for a text."""

        INSPECTING = "inspecting"
        READY = "ready"  # quoted, and waits for its owner
        PAYING = "paying"
        QUEUED = "queued"
        WORKING = "working"
        WAITING_TOKENS = "waiting_tokens"
        WAITING_SERVICE = "waiting_service"
        MERGING = "merging"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    class Path(models.TextChoices):
        NATIVE = "native"  # the service takes the file whole
        IN_PLACE = "in_place"  # its texts are translated and put back

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="translations"
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    stage = models.CharField(max_length=15, choices=Stage.choices, blank=True)
    name = models.CharField(max_length=255, blank=True, help_text="Of the file.")
    format = models.CharField(max_length=10, blank=True, help_text="Of the file, such as docx.")
    source_lang = models.CharField(max_length=limits.LANGUAGE_LENGTH, blank=True, help_text="Empty: to be detected.")
    detected_lang = models.CharField(max_length=limits.LANGUAGE_LENGTH, blank=True)
    detected_sure = models.BooleanField(null=True, blank=True)
    target_lang = models.CharField(max_length=limits.LANGUAGE_LENGTH)
    service = models.CharField(max_length=20, blank=True)
    plan = models.CharField(max_length=40, blank=True, help_text="What the service is sold as.")
    model = models.CharField(max_length=200, blank=True)
    is_demo = models.BooleanField(default=False)
    path = models.CharField(max_length=8, choices=Path.choices, blank=True)
    formality = models.CharField(max_length=12, blank=True)
    glossary = models.ForeignKey(Glossary, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    glossary_digest = models.CharField(max_length=64, blank=True)
    instructions = models.CharField(max_length=limits.INSTRUCTIONS_LENGTH, blank=True)
    char_count = models.PositiveIntegerField(default=0)
    billed_chars = models.PositiveIntegerField(default=0, help_text="What the service charges for; never less.")
    chunk_count = models.PositiveIntegerField(default=0, help_text="Units of 1,800 characters that are paid.")
    part_count = models.PositiveIntegerField(default=0, help_text="Parts of the file that are translated apart.")
    part_done = models.PositiveIntegerField(default=0)
    price_per_1800 = models.DecimalField(max_digits=12, decimal_places=4, default=0)
    cost = models.DecimalField(max_digits=12, decimal_places=4, default=0)
    max_cost = models.DecimalField(
        max_digits=12, decimal_places=4, null=True, blank=True, help_text="What the owner allows it to cost at most."
    )
    currency = models.CharField(max_length=3, default="USD")
    tokens_estimated = models.PositiveBigIntegerField(default=0)
    tokens_charged = models.PositiveBigIntegerField(default=0)
    # Of billing, whose rows outlive these.
    order_id = models.UUIDField(null=True, blank=True)
    source_file = models.ForeignKey(StoredFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    result_file = models.ForeignKey(StoredFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    bilingual_file = models.ForeignKey(StoredFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    source_sha256 = models.CharField(max_length=64, blank=True)
    options = models.JSONField(default=dict, blank=True)
    facts = models.JSONField(default=dict, blank=True, help_text="What was read of the file before it was quoted.")
    warnings = models.JSONField(default=list, blank=True)
    preview = models.JSONField(null=True, blank=True, help_text="The free sample of its beginning.")
    quote = models.JSONField(null=True, blank=True)
    quote_digest = models.CharField(max_length=64, blank=True)
    quoted_at = models.DateTimeField(null=True, blank=True)
    harvest_key = models.CharField(
        max_length=200, blank=True, editable=False, help_text="Name in the storage: outline and links of a book."
    )
    round = models.PositiveIntegerField(default=1, help_text="Counts the times it was started, retried or set anew.")
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    files_expire_at = models.DateTimeField(null=True, blank=True)
    told_of_expiry_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.CharField(max_length=500, blank=True)
    quality = models.JSONField(default=dict, blank=True, help_text="How many segments were flagged, and by what.")
    client_id = models.CharField(max_length=64, null=True, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True, help_text="What was asked for under the client id.")

    objects = TranslationQuerySet.as_manager()

    class Meta:
        db_table = "translations"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "client_id"], condition=Q(client_id__isnull=False), name="translation_client_id"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "processing", "completed", "failed", "cancelled"]),
                name="translation_status",
            ),
            models.CheckConstraint(
                condition=Q(kind="text", stage="") | (Q(kind="document") & ~Q(stage="")), name="translation_stage"
            ),
            models.CheckConstraint(
                condition=Q(cost__gte=0, price_per_1800__gte=0)
                & (Q(max_cost=None) | Q(max_cost__gte=0))
                & Q(part_done__lte=models.F("part_count")),
                name="translation_figures",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="translation_newest"),
            models.Index(fields=["stage"], condition=Q(status="processing"), name="translation_live"),
            models.Index(
                fields=["files_expire_at"], condition=Q(files_expire_at__isnull=False), name="translation_expiry"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def progress(self) -> int:
        """Percent of the whole; what comes after the parts is the rest."""
        if self.stage == self.Stage.DONE or (self.kind == self.Kind.TEXT and self.status == self.Status.COMPLETED):
            return 100
        return 95 * self.part_done // self.part_count if self.part_count else 0

    @property
    def quote_valid_until(self) -> datetime | None:
        """Until when it can be started at this price."""
        return self.quoted_at + limits.QUOTE_TIME if self.quoted_at else None

    @property
    def is_over(self) -> bool:
        """It has ended, well or not."""
        return self.status in {self.Status.COMPLETED, self.Status.FAILED, self.Status.CANCELLED}


class TranslationText(models.Model):
    """What was said and how it was translated; apart, so that lists stay light."""

    translation = models.OneToOneField(Translation, on_delete=models.CASCADE, primary_key=True, related_name="text")
    source = models.TextField()
    result = models.TextField(blank=True)

    class Meta:
        db_table = "translation_texts"

    def __str__(self) -> str:
        return str(self.translation_id)
