"""Documents and their sections: what is to be written, and what is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F
from django.db.models import Q
from django.utils import timezone

from core.models import StoredFile
from core.models import UUIDModel
from documents import limits

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


class DocumentQuerySet(models.QuerySet["Document"]):
    """Who may see which documents."""

    def visible_to(self, user: AbstractBaseUser) -> DocumentQuerySet:
        """The user's own that are not deleted."""
        return self.filter(user_id=user.pk, archived_at=None)


class Document(UUIDModel):
    """A text of one person. ``layout`` is JSON of font, size, spacing and margins; empty is the usual one.

    The requirements, from a file or in words, stand in every prompt that is made of the document.
    """

    class Kind(models.TextChoices):
        THESIS = "thesis"
        ESSAY = "essay"
        ARTICLE = "article"
        REPORT = "report"

    class Language(models.TextChoices):
        ENGLISH = "en"
        GERMAN = "de"
        FRENCH = "fr"
        SPANISH = "es"
        ITALIAN = "it"
        CZECH = "cs"
        UKRAINIAN = "uk"
        POLISH = "pl"

    class Status(models.TextChoices):
        DRAFT = "draft"
        OUTLINED = "outline_generated"
        GENERATING = "generating"
        PAUSED = "paused"
        COMPLETED = "completed"
        FAILED = "failed"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="documents")
    title = models.CharField(max_length=limits.TITLE_LENGTH)
    topic = models.TextField(max_length=limits.TOPIC_LENGTH)
    kind = models.CharField(max_length=7, choices=Kind.choices, default=Kind.ESSAY)
    language = models.CharField(max_length=2, choices=Language.choices, default=Language.ENGLISH)
    target_pages = models.PositiveSmallIntegerField(default=10)
    model = models.CharField(max_length=200, blank=True, help_text="Empty: the first of those that are set up.")
    citation_style = models.CharField(max_length=60, blank=True, help_text="Empty: the usual one of the language.")
    status = models.CharField(max_length=17, choices=Status.choices, default=Status.DRAFT)
    stage = models.CharField(max_length=20, blank=True, help_text="What is being done, while something is.")
    outline_version = models.PositiveIntegerField(default=0, help_text="0: there is none. Guards edits.")
    requirements_file = models.ForeignKey(
        StoredFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    requirements_text = models.TextField(blank=True, help_text="Of the file.")
    requirements_digest = models.CharField(max_length=64, blank=True, help_text="Of the text of the file.")
    additional_requirements = models.TextField(blank=True, max_length=limits.REQUIREMENTS_LENGTH)
    layout = models.JSONField(default=dict, blank=True)
    words = models.PositiveIntegerField(default=0)
    pages = models.FloatField(default=0, help_text="As they are set; 0: not measured.")
    tokens_used = models.PositiveBigIntegerField(default=0)
    is_demo = models.BooleanField(default=False, help_text="Some of it was written by the demo, of demo sources.")
    client_id = models.CharField(max_length=64, null=True, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True, help_text="What was asked for under the client id.")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True, help_text="When it was deleted; gone some time after.")

    objects = DocumentQuerySet.as_manager()

    class Meta:
        db_table = "documents"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "client_id"], condition=Q(client_id__isnull=False), name="document_client_id"
            ),
            models.CheckConstraint(
                condition=Q(target_pages__gte=1, target_pages__lte=limits.PAGES), name="document_target_pages"
            ),
            models.CheckConstraint(condition=~Q(title="") & Q(pages__gte=0), name="document_figures"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "outline_generated", "generating", "paused", "completed", "failed"]),
                name="document_status",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["thesis", "essay", "article", "report"]), name="document_kind"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="document_newest"),
            models.Index(fields=["archived_at"], condition=Q(archived_at__isnull=False), name="document_archived"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class DocumentSection(UUIDModel):
    """An entry of the outline and, later, its text; ``content`` and ``styled`` are lists of :mod:`documents.blocks`.

    ``styled`` is the text after the style pass, None before it; numbers count from 1. While sections are put in another
    order their numbers are negative, as no database of ours lets two of them meet.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        RESEARCHING = "researching"
        WRITING = "writing"
        CHECKING = "checking"
        STYLING = "styling"
        COMPLETED = "completed"
        FAILED = "failed"

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="sections")
    number = models.IntegerField(help_text="From 1, in the order of reading.")
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="children")
    level = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(max_length=limits.SECTION_TITLE)
    goal = models.TextField(blank=True, max_length=limits.GOAL_LENGTH, help_text="What it is to show.")
    target_words = models.PositiveIntegerField()
    needs_sources = models.BooleanField(default=True)
    status = models.CharField(max_length=11, choices=Status.choices, default=Status.PENDING)
    content = models.JSONField(default=list, blank=True)
    styled = models.JSONField(null=True, blank=True)
    summary = models.TextField(blank=True, help_text="What later sections are told of it.")
    words = models.PositiveIntegerField(default=0)
    pages = models.FloatField(default=0, help_text="As they are set; 0: not measured.")
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1, help_text="Counts changes of its text; guards edits.")
    created_at = models.DateTimeField(default=timezone.now)
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "document_sections"
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="document_section_number"),
            models.CheckConstraint(
                condition=~Q(number=0) & Q(level__gte=1, level__lte=limits.LEVELS, pages__gte=0),
                name="document_section_figures",
            ),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="document_section_parent"),
            models.CheckConstraint(
                condition=Q(
                    status__in=["pending", "researching", "writing", "checking", "styling", "completed", "failed"]
                ),
                name="document_section_status",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} {self.number}"
