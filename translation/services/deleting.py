"""The end of translations: what was said goes, with its files and the parts of them; figures stay for the revenue."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import transaction

from core.files import blobs
from core.models import StoredFile
from translation.models import Translation
from translation.models import TranslationChunk
from translation.models import TranslationSegment
from translation.models import TranslationTerm
from translation.models import TranslationText

_AT_ONCE = 500

_EMPTY: dict[str, Any] = {
    "user": None,
    "name": "",
    "instructions": "",
    "glossary": None,
    "glossary_digest": "",
    "source_sha256": "",
    "options": {},
    "facts": {},
    "warnings": [],
    "preview": None,
    "quote": None,
    "error_message": "",
    "client_id": None,
    "fingerprint": "",
    "files_expire_at": None,
}


def empty(translation: Translation) -> None:
    """Take everything of a person out of a translation that is over. May be called again; works in small steps.

    Must not be called inside a transaction: a book has many segments.
    """
    delete_content(translation)
    with transaction.atomic():
        TranslationText.objects.filter(translation=translation).delete()
        TranslationTerm.objects.filter(translation=translation).delete()
        Translation.objects.filter(pk=translation.pk).update(**_EMPTY)


def delete_content(translation: Translation) -> None:
    """Its files, the parts of them and its segments."""
    of_it = TranslationSegment.objects.filter(translation=translation)
    while ids := list(of_it.values_list("pk", flat=True)[:_AT_ONCE]):
        TranslationSegment.objects.filter(pk__in=ids).delete()
    delete_parts(translation.pk)
    with transaction.atomic():
        row = Translation.objects.select_for_update().filter(pk=translation.pk).first()
        if row is None:
            return
        if row.harvest_key:
            blobs.loosen(row.harvest_key)
        delete_files({row.source_file_id, row.result_file_id, row.bilingual_file_id} - {None})
        Translation.objects.filter(pk=row.pk).update(
            harvest_key="", source_file=None, result_file=None, bilingual_file=None
        )


def delete_parts(translation_id: UUID) -> None:
    """The stored parts of a document; their rows stay, as they say what was paid."""
    with transaction.atomic():
        rows = TranslationChunk.objects.select_for_update().filter(translation_id=translation_id).order_by("number")
        for chunk in rows.defer("vendor_key"):
            for key in filter(None, (chunk.source_key, chunk.result_key)):
                blobs.loosen(key)
        TranslationChunk.objects.filter(translation_id=translation_id).update(
            source_key="", result_key="", vendor_key=None, error_message=""
        )


def delete_files(ids: Collection[Any]) -> None:
    """Files by id, through what watches their deletion."""
    for file in StoredFile.objects.filter(pk__in=ids):
        file.delete()
