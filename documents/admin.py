"""Documents for staff: how they go and what they cost. Titles, texts, prompts and sources are not shown."""

from __future__ import annotations

from django.contrib import admin

from core.admin_base import ReadOnlyAdmin
from documents.models import Document
from documents.models import DocumentCitation
from documents.models import DocumentExport
from documents.models import DocumentRun
from documents.models import DocumentSection
from documents.models import DocumentSource
from documents.models import DocumentStep
from documents.models import ScholarlySearch
from documents.models import ScholarlyWork


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "user", "kind", "language", "status", "stage", "target_pages", "pages", "words", "tokens_used", "is_demo",
        "created_at", "archived_at",
    )  # fmt: skip
    list_filter = ("status", "kind", "language", "is_demo")
    list_select_related = ("user",)
    search_exact = ("pk",)
    search_people = ("user",)
    search_help_text = "Whole id of a document, or the beginning of a user name or address"
    hidden = (
        "title", "topic", "requirements_text", "requirements_digest", "additional_requirements", "client_id",
        "fingerprint",
    )  # fmt: skip


@admin.register(DocumentSection)
class DocumentSectionAdmin(ReadOnlyAdmin):
    list_display = ("id", "document_id", "number", "status", "target_words", "words", "pages", "error_code", "version")
    list_filter = ("status",)
    search_exact = ("pk", "document__pk")
    search_help_text = "Whole id of a section or a document"
    hidden = ("title", "goal", "content", "styled", "summary", "error_message")


@admin.register(DocumentRun)
class DocumentRunAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "document_id", "user", "kind", "status", "stage", "section_now", "progress", "model", "tokens", "cost",
        "lost_calls", "paused_for", "error_code", "created_at",
    )  # fmt: skip
    list_filter = ("status", "kind", "paused_for")
    list_select_related = ("user",)
    search_exact = ("pk", "document__pk")
    search_people = ("user",)
    search_help_text = "Whole id of a run or a document, or the beginning of a user name or address"
    hidden = ("error_message", "client_id")


@admin.register(DocumentStep)
class DocumentStepAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "document_id", "section_id", "kind", "state", "model", "prompt_version", "prompt_tokens",
        "completion_tokens", "attempt", "seconds", "error_code", "created_at",
    )  # fmt: skip
    list_filter = ("state", "created_at")
    search_exact = ("pk", "document__pk")
    search_help_text = "Whole id of a step or a document"
    hidden = ("output",)


@admin.register(DocumentSource)
class DocumentSourceAdmin(ReadOnlyAdmin):
    list_display = ("id", "document_id", "key", "provider", "retraction", "is_user_added", "is_excluded", "checked_at")
    list_filter = ("is_user_added", "is_excluded", "is_demo")
    search_exact = ("pk", "document__pk")
    search_help_text = "Whole id of a source or a document"
    hidden = ("doi", "external_ids", "csl", "abstract", "passages", "fingerprint")


@admin.register(DocumentCitation)
class DocumentCitationAdmin(ReadOnlyAdmin):
    list_display = ("id", "section_id", "number", "source_id", "overridden_at", "confirmed_at", "created_at")
    list_filter = ("created_at",)
    search_exact = ("pk", "section__pk")
    search_help_text = "Whole id of a citation or a section"
    hidden = ("sentence", "sentence_hash", "claim", "quote", "lamps", "override_reason")


@admin.register(DocumentExport)
class DocumentExportAdmin(ReadOnlyAdmin):
    list_display = ("id", "document_id", "format", "created_at", "expires_at")
    list_filter = ("format", "created_at")
    search_exact = ("pk", "document__pk")
    search_help_text = "Whole id of an export or a document"
    hidden = ("report", "content_digest")


@admin.register(ScholarlyWork)
class ScholarlyWorkAdmin(ReadOnlyAdmin):
    list_display = ("id", "provider", "key", "notices_at", "fetched_at")
    list_filter = ("fetched_at",)
    search_exact = ("pk", "doi")
    search_help_text = "Whole id, or a DOI in small letters"
    hidden = ("payload",)


@admin.register(ScholarlySearch)
class ScholarlySearchAdmin(ReadOnlyAdmin):
    list_display = ("id", "provider", "query_hash", "fetched_at")
    list_filter = ("fetched_at",)
    search_exact = ("pk",)
    search_help_text = "Whole id"
