"""Translations for staff: how they go and what they cost. Texts, names of files and keys are not shown."""

from __future__ import annotations

from django.contrib import admin

from core.admin_base import ReadOnlyAdmin
from translation.models import Glossary
from translation.models import GlossaryCopy
from translation.models import Translation
from translation.models import TranslationChunk
from translation.models import TranslationMemory
from translation.models import TranslationSegment
from translation.models import TranslationTerm
from translation.models import TranslationText


@admin.register(Translation)
class TranslationAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "user", "kind", "status", "stage", "service", "plan", "char_count", "billed_chars", "cost", "currency",
        "tokens_charged", "part_done", "part_count", "error_code", "created_at",
    )  # fmt: skip
    list_filter = ("kind", "status", "stage", "service", "plan", "is_demo")
    list_select_related = ("user",)
    search_exact = ("pk",)
    search_people = ("user",)
    search_help_text = "Whole id of a translation, or the beginning of a user name or address"
    hidden = (
        "name", "instructions", "options", "facts", "preview", "source_sha256", "client_id", "fingerprint",
        "error_message", "warnings",
    )  # fmt: skip


@admin.register(TranslationChunk)
class TranslationChunkAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "translation_id", "number", "service", "state", "chars", "billed_chars", "vendor_billed", "doubtful",
        "upload_attempt", "charged", "error_code", "created_at",
    )  # fmt: skip
    list_filter = ("service", "state", "doubtful")
    search_exact = ("pk", "translation__pk")
    search_help_text = "Whole id of a part or a translation"
    hidden = ("vendor_key", "error_message")


@admin.register(TranslationText)
class TranslationTextAdmin(ReadOnlyAdmin):
    """That there is a text, not what."""

    list_display = ("translation_id",)
    list_filter = ("translation__service",)
    search_exact = ("translation__pk",)
    search_help_text = "Whole id of a translation"
    hidden = ("source", "result")


@admin.register(TranslationSegment)
class TranslationSegmentAdmin(ReadOnlyAdmin):
    list_display = ("id", "translation_id", "number", "kind", "state", "flags", "from_memory", "is_edited")
    list_filter = ("state", "from_memory", "is_edited")
    search_exact = ("pk", "translation__pk")
    search_help_text = "Whole id of a segment or a translation"
    hidden = ("source", "target", "place")


@admin.register(TranslationTerm)
class TranslationTermAdmin(ReadOnlyAdmin):
    list_display = ("id", "translation_id", "count", "fixed")
    list_filter = ("fixed",)
    search_exact = ("pk", "translation__pk")
    search_help_text = "Whole id of a term or a translation"
    hidden = ("source", "target")


@admin.register(Glossary)
class GlossaryAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "source_lang", "target_lang", "created_at", "updated_at")
    list_filter = ("source_lang", "target_lang")
    list_select_related = ("user",)
    search_exact = ("pk",)
    search_people = ("user",)
    search_help_text = "Whole id of a glossary, or the beginning of a user name or address"
    hidden = ("entries", "name")


@admin.register(GlossaryCopy)
class GlossaryCopyAdmin(ReadOnlyAdmin):
    list_display = ("id", "glossary_id", "service", "vendor_id", "created_at")
    list_filter = ("service",)
    search_exact = ("pk", "glossary__pk")
    search_help_text = "Whole id of a copy or a glossary"


@admin.register(TranslationMemory)
class TranslationMemoryAdmin(ReadOnlyAdmin):
    """That something is remembered, not what."""

    list_display = ("id", "user_id", "pair", "used_at")
    list_filter = ("pair",)
    search_exact = ("pk", "user__pk")
    search_help_text = "Whole id of an entry or a user"
    hidden = ("target", "source_hash")
