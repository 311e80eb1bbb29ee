"""What documents cite, and what is known of it; and what catalogues have answered, for everybody."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.models import StoredFile
from core.models import UUIDModel
from documents.models.documents import Document
from documents.models.documents import DocumentSection


class DocumentSource(UUIDModel):
    """A work that a document may cite, under a key ("S3") that stands in its text.

    ``csl`` is CSL-JSON; ``passages`` a list of texts of the work that may be quoted. ``retraction`` is the gravest
    notice that was found, empty for none; ``checked_at`` None: nobody was asked.
    """

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="sources")
    key = models.CharField(max_length=5, help_text="S1, S2 …")
    provider = models.CharField(max_length=40, blank=True)
    doi = models.CharField(max_length=300, blank=True)
    external_ids = models.JSONField(default=dict, blank=True, help_text="By catalogue.")
    csl = models.JSONField(default=dict)
    abstract = models.TextField(blank=True)
    passages = models.JSONField(default=list, blank=True)
    language = models.CharField(max_length=12, blank=True)
    score = models.FloatField(default=0, help_text="How well it fits, 0 to 1.")
    fingerprint = models.CharField(max_length=64, help_text="Of title, year and first author.")
    file = models.ForeignKey(StoredFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    is_user_added = models.BooleanField(default=False)
    is_excluded = models.BooleanField(default=False, help_text="By its owner: it is not cited.")
    is_demo = models.BooleanField(default=False, help_text="It does not exist.")
    retraction = models.CharField(max_length=30, blank=True)
    lamps = models.JSONField(default=dict, blank=True, help_text="exists, metadata, retraction: of the record.")
    checked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "document_sources"
        constraints = [
            models.UniqueConstraint(fields=["document", "key"], name="document_source_key"),
            models.UniqueConstraint(fields=["document", "doi"], condition=~Q(doi=""), name="document_source_doi"),
            models.UniqueConstraint(fields=["document", "fingerprint"], name="document_source_fingerprint"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} {self.key}"


class DocumentCitation(UUIDModel):
    """One mark in a section: which sentence rests on which words of which source, and what was checked of it.

    ``lamps`` is by name (exists, metadata, retraction, support) ``{lamp, reason, method, evidence, at}``.
    """

    section = models.ForeignKey(DocumentSection, on_delete=models.CASCADE, related_name="citations")
    number = models.PositiveIntegerField(help_text="In its section, from 1.")
    source = models.ForeignKey(DocumentSource, on_delete=models.CASCADE, related_name="citations")
    sentence = models.TextField()
    sentence_hash = models.CharField(max_length=64)
    claim = models.TextField(blank=True)
    quote = models.TextField(blank=True, help_text="Word for word, of the source.")
    locator = models.CharField(max_length=100, blank=True, help_text="Where it stands, such as a page.")
    lamps = models.JSONField(default=dict, blank=True)
    override_reason = models.CharField(max_length=500, blank=True)
    overridden_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True, help_text="When its owner said to have read it.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "document_citations"
        constraints = [
            models.UniqueConstraint(fields=["section", "number"], name="document_citation_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="document_citation_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.section_id} {self.number}"


class DocumentExport(UUIDModel):
    """A document as a file; the same text in the same layout is set once."""

    class Format(models.TextChoices):
        DOCX = "docx"
        PDF = "pdf"

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="exports")
    format = models.CharField(max_length=4, choices=Format.choices)
    content_digest = models.CharField(max_length=64)
    file = models.ForeignKey(StoredFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    report = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "document_exports"
        constraints = [
            models.UniqueConstraint(fields=["document", "format", "content_digest"], name="document_export_once"),
            models.CheckConstraint(condition=Q(format__in=["docx", "pdf"]), name="document_export_format"),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(expires_at__isnull=False), name="document_export_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} {self.format}"


class ScholarlyWork(UUIDModel):
    """What one catalogue says of one work, for everybody: public, and nothing of any person who asked.

    ``key`` is its DOI in small letters, or where it has none a fingerprint of title, year and first author. A
    ``payload`` of None: the catalogue has no such work.
    """

    provider = models.CharField(max_length=40)
    key = models.CharField(max_length=300)
    doi = models.CharField(max_length=300, blank=True)
    payload = models.JSONField(null=True, blank=True)
    abstract = models.TextField(blank=True)
    notices = models.JSONField(default=list, blank=True, help_text="Retraction, concern, correction.")
    notices_at = models.DateTimeField(null=True, blank=True, help_text="When they were asked for; None: never.")
    fetched_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        db_table = "scholarly_works"
        constraints = [models.UniqueConstraint(fields=["provider", "key"], name="scholarly_work_key")]
        indexes = [models.Index(fields=["doi"], condition=~Q(doi=""), name="scholarly_work_doi")]

    def __str__(self) -> str:
        return f"{self.provider} {self.key}"


class ScholarlySearch(UUIDModel):
    """The works that a catalogue answered a question with, in its order; the question itself is not kept."""

    provider = models.CharField(max_length=40)
    query_hash = models.CharField(max_length=64)
    work_keys = models.JSONField(default=list, help_text="Of its ScholarlyWork rows.")
    fetched_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        db_table = "scholarly_searches"
        verbose_name_plural = "scholarly searches"
        constraints = [models.UniqueConstraint(fields=["provider", "query_hash"], name="scholarly_search_query")]

    def __str__(self) -> str:
        return f"{self.provider} {self.query_hash}"
