"""Translations for staff: how they go and what they cost. Texts, names of files and keys are not shown."""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from accounts.admin.staff_actions import Deed
from accounts.admin.staff_actions import ReadOnlyStaffAdmin
from accounts.admin.staff_actions import StaffAction
from core.admin_base import ReadOnlyAdmin
from translation.models import Glossary
from translation.models import GlossaryCopy
from translation.models import Translation
from translation.models import TranslationChunk
from translation.models import TranslationMemory
from translation.models import TranslationSegment
from translation.models import TranslationTerm
from translation.models import TranslationText
from translation.services import staff


def _cancel(row: Any, deed: Deed) -> bool:
    return staff.cancel(deed.actor, translation_id=row.pk, reason=deed.reason, client=deed.client)


def _let_go_on(row: Any, deed: Deed) -> bool:
    return staff.let_go_on(deed.actor, translation_id=row.pk, reason=deed.reason, client=deed.client)


def _retry(row: Any, deed: Deed) -> bool:
    return staff.retry(deed.actor, translation_id=row.pk, reason=deed.reason, client=deed.client)


CANCEL = StaffAction(
    name="cancel_translation",
    label="Cancel document",
    consequence="These documents end. What is done stays paid, the rest costs nothing.",
    permission="translation.change_translation",
    act=_cancel,
    dangerous=True,
)
LET_GO_ON = StaffAction(
    name="let_translation_go_on",
    label="Let document go on",
    consequence="What waits because the service had no credit, or refused our key, asks it again at once.",
    permission="translation.change_translation",
    act=_let_go_on,
)
RETRY = StaffAction(
    name="retry_translation",
    label="Try failed parts again",
    consequence="Parts of these documents that have failed are translated once more, at their owners' cost.",
    permission="translation.change_translation",
    act=_retry,
)


@admin.register(Translation)
class TranslationAdmin(ReadOnlyStaffAdmin):
    list_display = (
        "id", "user", "kind", "status", "stage", "service", "plan", "char_count", "billed_chars", "cost", "currency",
        "tokens_charged", "part_done", "part_count", "error_code", "created_at",
    )  # fmt: skip
    list_filter = ("kind", "status", "stage", "is_demo")
    list_select_related = ("user",)
    search_exact = ("pk",)
    search_people = ("user",)
    search_help_text = "Whole id of a translation, or the beginning of a user name or address"
    hidden = (
        "name", "instructions", "options", "facts", "preview", "source_sha256", "client_id", "fingerprint",
        "error_message", "warnings",
    )  # fmt: skip
    staff_actions = (CANCEL, LET_GO_ON, RETRY)


@admin.register(TranslationChunk)
class TranslationChunkAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "translation_id", "number", "service", "state", "chars", "billed_chars", "vendor_billed", "doubtful",
        "upload_attempt", "charged", "error_code", "created_at",
    )  # fmt: skip
    list_filter = ("state", "created_at")
    search_exact = ("pk", "translation__pk")
    search_help_text = "Whole id of a part or a translation"
    hidden = ("vendor_key", "error_message")


@admin.register(TranslationText)
class TranslationTextAdmin(ReadOnlyAdmin):
    """That there is a text, not what."""

    list_display = ("translation_id",)
    list_filter = ("translation__status",)
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
    list_filter = ("created_at",)
    list_select_related = ("user",)
    search_exact = ("pk",)
    search_people = ("user",)
    search_help_text = "Whole id of a glossary, or the beginning of a user name or address"
    hidden = ("entries", "name")


@admin.register(GlossaryCopy)
class GlossaryCopyAdmin(ReadOnlyAdmin):
    list_display = ("id", "glossary_id", "service", "vendor_id", "created_at")
    list_filter = ("created_at",)
    search_exact = ("pk", "glossary__pk")
    search_help_text = "Whole id of a copy or a glossary"


@admin.register(TranslationMemory)
class TranslationMemoryAdmin(ReadOnlyAdmin):
    """That something is remembered, not what."""

    list_display = ("id", "user_id", "pair", "used_at")
    list_filter = ("used_at",)
    search_exact = ("pk", "user__pk")
    search_help_text = "Whole id of an entry or a user"
    hidden = ("target", "source_hash")
