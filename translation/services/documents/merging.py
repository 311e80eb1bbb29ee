"""Putting a document together from its parts. A job, which may run twice: there is one file, or none."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Count
from django.utils import timezone

from accounts.models import User
from core import jobs
from core.files import services as files
from core.models import Job
from core.models import StoredFile
from translation import errors
from translation import paging
from translation.files import RESULT
from translation.models import Translation
from translation.models import TranslationChunk
from translation.models import TranslationSegment
from translation.services import deleting
from translation.services import telling
from translation.services.documents import in_place
from translation.services.documents import outline
from translation.services.documents import parts
from translation.services.documents import paying
from translation.services.documents import spooling
from translation.services.documents.parts import State

DEMO_NOTE = "Demo: this file was not translated. Its texts are marked with the language that was asked for."
PARTS_FAILED = "parts_failed"
_MIME = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "epub": "application/epub+zip",
    "html": "text/html",
}
_TEXT = "text/plain"


def work(run: jobs.Run) -> None:
    """Make the file, and keep it together with the end of the document."""
    rows = Translation.objects.select_related("source_file", "user", "result_file")
    found = rows.filter(pk=run.payload["translation"], stage=Translation.Stage.MERGING).first()
    if found is None or found.user is None or found.round != run.payload["round"]:
        return
    if found.source_file is None:
        with run.fenced():
            parts.fail_whole(_lock(found), errors.FileGone.code, errors.FileGone.message)
        return
    owner = found.user
    with spooling.folder() as folder:
        original = spooling.fetch(found.source_file.key, folder / f"source.{found.format}")
        both: Path | None = None
        if found.path == Translation.Path.IN_PLACE:
            made = folder / f"result.{found.format}"
            _fill(found, original, made, both=False)
            if found.options.get("layout") == "both" and in_place.can_have_both(found.format):
                both = folder / f"both.{found.format}"
                _fill(found, original, both, both=True)
        else:
            outline.translate(run, found)
            made = _whole(found, folder)
        run.check()
        _keep(run, found, owner, made, both)


def ended(job: Job) -> None:
    """The merge failed for good, or was cancelled. What was translated stays: to try it again costs nothing."""
    rows = Translation.objects.select_for_update(of=("self",)).select_related("user")
    found = rows.filter(
        pk=job.payload["translation"], stage=Translation.Stage.MERGING, round=job.payload["round"]
    ).first()
    if found is not None:
        sentence = job.error or "The translated parts could not be put together. Try it again: it costs nothing."
        parts.fail_whole(found, "merge_failed", sentence)


def result_name(found: Translation, *, mark: str = "") -> str:
    """What the file is called: as the source, with the language."""
    stem, _, extension = found.name.rpartition(".")
    return f"{(stem or extension)[:200]}.{found.target_lang}{mark}.{found.format}"


def _fill(found: Translation, original: Path, to: Path, *, both: bool) -> None:
    said = TranslationSegment.objects.filter(translation=found).exclude(target="")
    targets = dict(said.order_by("number").values_list("number", "target").iterator(chunk_size=2_000))
    note = DEMO_NOTE if found.is_demo else ""
    in_place.merge(original, found.format, targets, to, language=found.target_lang, note=note, both=both)


def _whole(found: Translation, folder: Path) -> Path:
    """The service's file; of a book the parts, those that failed as they were."""
    chunks = list(TranslationChunk.objects.filter(translation=found).order_by("number"))
    here = [
        spooling.fetch(chunk.result_key or chunk.source_key, folder / f"part-{chunk.number:04}.{found.format}")
        for chunk in chunks
    ]
    if len(here) == 1:
        return here[0]
    harvest = spooling.fetch(found.harvest_key, folder / "harvest.json")
    made = folder / "result.pdf"
    paging.merge(here, harvest, made, titles=outline.titles(found), language=found.target_lang)
    return made


def _lock(found: Translation) -> Translation:
    rows = Translation.objects.select_for_update(of=("self",)).select_related("user")
    row = rows.filter(pk=found.pk, stage=Translation.Stage.MERGING, round=found.round, user__isnull=False).first()
    if row is None:
        raise jobs.LeaseLost
    return row


def _keep(run: jobs.Run, found: Translation, owner: User, made: Path, both: Path | None) -> None:
    until = timezone.now() + settings.TRANSLATION.retention
    beside = _store(owner, both, result_name(found, mark="-both"), found.format, until) if both else None

    def end(file: StoredFile) -> None:
        # In the transaction that keeps the file: of two merges one finds the stage, and the other's file is undone.
        with run.fenced():
            _end(_lock(found), file, beside, until)

    try:
        with made.open("rb") as content:
            files.keep_made(
                owner,
                content=content,
                name=result_name(found),
                mime_type=_MIME.get(found.format, _TEXT),
                purpose=RESULT,
                expires_at=until,
                then=end,
            )
    except BaseException:
        if beside is not None:
            deleting.delete_files([beside.pk])
        raise


def _store(owner: User, path: Path, name: str, kind: str, until: datetime) -> StoredFile:
    with path.open("rb") as content:
        return files.keep_made(
            owner, content=content, name=name, mime_type=_MIME.get(kind, _TEXT), purpose=RESULT, expires_at=until
        )


def _end(row: Translation, file: StoredFile, beside: StoredFile | None, until: datetime) -> None:
    before = {row.result_file_id, row.bilingual_file_id} - {None}
    failed = TranslationChunk.objects.filter(translation=row, state=State.FAILED)
    numbers = list(failed.order_by("number").values_list("number", flat=True))
    row.result_file, row.bilingual_file, row.files_expire_at = file, beside, until
    row.completed_at, row.quality = timezone.now(), quality_of(row)
    if numbers or row.quality["failed"]:
        row.status, row.stage = Translation.Status.FAILED, Translation.Stage.FAILED
        row.error_code, row.error_message = PARTS_FAILED, _what_failed(row, len(numbers))
    else:
        row.status, row.stage = Translation.Status.COMPLETED, Translation.Stage.DONE
        row.error_code = row.error_message = ""
    row.save()
    if row.source_file_id:
        StoredFile.objects.filter(pk=row.source_file_id).update(expires_at=until)
    if not numbers:
        paying.give_back(row, "All of it was delivered.")
    telling.updated(row)
    telling.notify_end(row)
    deleting.delete_files(before)


def _what_failed(row: Translation, parts_failed: int) -> str:
    """Nothing is called done in which something stands as it was."""
    if parts_failed:
        return f"{parts_failed} of {row.part_count} parts could not be translated and stand as they were."
    missing, whole = row.quality["failed"], row.quality["segments"]
    return f"{missing} of {whole} passages did not come back from the service and stand as they were."


def quality_of(row: Translation) -> dict[str, object]:
    """How many segments there are, and how many a person should look at."""
    counted = dict(
        TranslationSegment.objects.filter(translation=row).values_list("state").annotate(count=Count("pk")).order_by()
    )
    flags: dict[str, int] = {}
    for found in TranslationSegment.objects.filter(translation=row).exclude(flags=[]).values_list("flags", flat=True):
        for flag in found:
            flags[flag] = flags.get(flag, 0) + 1
    return {
        "segments": sum(counted.values()),
        "flagged": counted.get("flagged", 0),
        "failed": counted.get("failed", 0),
        "flags": flags,
    }
