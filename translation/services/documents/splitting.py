"""Cutting a document into parts. A job, which may run twice: it makes what is not there yet."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path

from core import jobs
from core.errors import DomainError
from core.files import blobs
from core.models import Job
from translation import errors
from translation import paging
from translation.books.parts import even
from translation.models import Translation
from translation.models import TranslationChunk
from translation.models import TranslationSegment
from translation.providers import registry
from translation.segments import Segment
from translation.services import telling
from translation.services.documents import in_place
from translation.services.documents import outline
from translation.services.documents import parts
from translation.services.documents import quoting
from translation.services.documents import spooling
from translation.services.documents import terms
from translation.services.documents.facts import Facts
from translation.services.documents.facts import characters_of
from translation.services.documents.facts import cut
from translation.services.documents.facts import tokens_of

_AT_ONCE = 500


def work(run: jobs.Run) -> None:
    """Parts as rows, and as blobs where a service takes them whole; then the work on them begins."""
    found = Translation.objects.select_related("source_file", "user").filter(pk=run.payload["translation"]).first()
    if found is None or found.stage != Translation.Stage.QUEUED or found.round != run.payload["round"]:
        return
    if found.source_file is None:
        with run.fenced():
            _fail(found, errors.FileGone())
        return
    try:
        with spooling.folder() as folder:
            path = spooling.fetch(found.source_file.key, folder / f"source.{found.format}")
            if found.path == Translation.Path.IN_PLACE:
                _in_place(run, found, path)
            elif found.part_count > 1:
                _book(run, found, path, folder)
            else:
                _whole(run, found)
    except DomainError as error:
        if error.status >= 500:
            raise
        with run.fenced():
            _fail(found, error)


def ended(job: Job) -> None:
    """The splitting failed for good, or was cancelled."""
    found = Translation.objects.filter(pk=job.payload["translation"], stage=Translation.Stage.QUEUED).first()
    if found is not None:
        _fail(found, errors.FileUnreadable(job.error or None))


def _fail(found: Translation, error: DomainError) -> None:
    row = Translation.objects.select_for_update(of=("self",)).select_related("user").get(pk=found.pk)
    if row.stage == Translation.Stage.QUEUED:
        parts.fail_whole(row, error.code, error.sentence)


def _lock(found: Translation) -> Translation:
    rows = Translation.objects.select_for_update(of=("self",)).select_related("user")
    row = rows.filter(pk=found.pk, stage=Translation.Stage.QUEUED, round=found.round, user__isnull=False).first()
    if row is None:
        raise jobs.LeaseLost
    return row


def _in_place(run: jobs.Run, found: Translation, path: Path) -> None:
    extracted = in_place.extract(path, found.format)
    groups = list(_groups(found, extracted.segments))
    run.check()
    with run.fenced():
        row = _lock(found)
        TranslationSegment.objects.filter(translation=row).delete()
        TranslationChunk.objects.filter(translation=row).delete()
        for number, (segments, fields) in enumerate(groups, start=1):
            chunk = TranslationChunk.objects.create(translation=row, number=number, service=row.service, **fields)
            TranslationSegment.objects.bulk_create(
                [
                    TranslationSegment(
                        translation=row,
                        chunk=chunk,
                        number=segment.number,
                        place=segment.place[:300],
                        kind=segment.kind,
                        source=segment.text,
                    )
                    for segment in segments
                ],
                batch_size=_AT_ONCE,
            )
        if registry.is_on(row.service) and registry.get(row.service).capabilities().is_metered_by_use:
            terms.collect(row, extracted.segments)
        _begin(row)


def _groups(found: Translation, segments: Sequence[Segment]) -> Iterator[tuple[list[Segment], dict[str, int]]]:
    """Each part's segments and figures, which together are those of the quote."""
    if found.format == in_place.PDF:
        facts = Facts.of(found.facts)
        sizes = even(facts.pages)
        fields = _page_figures(facts, sizes)
        yield from zip(in_place.by_pages(segments, sizes), fields, strict=True)
        return
    for group in cut(segments):
        characters = characters_of(group)
        tokens = sum(tokens_of(segment.text) for segment in group)
        yield group, {"chars": characters, "billed_chars": characters, "tokens": tokens}


def _page_figures(facts: Facts, sizes: Sequence[int], minimum: int = 0) -> Iterator[dict[str, int]]:
    """Pages, characters and tokens of parts of these sizes; what was counted for the whole is shared among them."""
    at, tokens_left = 0, facts.tokens
    for number, (size, characters) in enumerate(zip(sizes, quoting.page_characters(facts), strict=True), start=1):
        tokens = tokens_left if number == len(sizes) else min(tokens_left, facts.tokens_of(characters))
        tokens_left -= tokens
        yield {
            "page_from": at,
            "page_to": at + size,
            "chars": characters,
            "billed_chars": max(characters, minimum),
            "tokens": tokens,
        }
        at += size


def _whole(run: jobs.Run, found: Translation) -> None:
    """A file that goes as it is; its own blob is the part's."""
    facts = Facts.of(found.facts)
    with run.fenced():
        row = _lock(found)
        TranslationChunk.objects.filter(translation=row).delete()
        TranslationChunk.objects.create(
            translation=row,
            number=1,
            page_from=0 if facts.pages else None,
            page_to=facts.pages or None,
            service=row.service,
            chars=row.char_count,
            billed_chars=row.billed_chars,
            tokens=facts.tokens,
        )
        _begin(row)


def _book(run: jobs.Run, found: Translation, path: Path, folder: Path) -> None:
    facts = Facts.of(found.facts)
    sizes = even(facts.pages)
    (folder / "parts").mkdir()
    made = paging.split(path, sizes, folder / "parts")
    run.check()
    keys = [spooling.store(part) for part in made.parts]
    harvest = spooling.store(made.harvest)
    try:
        with run.fenced():
            row = _lock(found)
            for key in (*keys, harvest):
                blobs.claim(key)
            if row.harvest_key:
                blobs.loosen(row.harvest_key)
            row.harvest_key = harvest
            row.warnings = [*row.warnings, *(one for one in made.warnings if one not in row.warnings)]
            _make_book_parts(row, facts, sizes, keys)
            outline.keep(row, made.titles)
            _begin(row)
    except BaseException:
        for key in (*keys, harvest):
            blobs.discard(key)
        raise


def _make_book_parts(row: Translation, facts: Facts, sizes: list[int], keys: list[str]) -> None:
    figures = _page_figures(facts, sizes, minimum=row.billed_chars and _minimum(row))
    for number, (key, fields) in enumerate(zip(keys, figures, strict=True), start=1):
        TranslationChunk.objects.create(translation=row, number=number, source_key=key, service=row.service, **fields)


def _minimum(row: Translation) -> int:
    """What the quote said is billed at least for each file."""
    offers = (row.quote or {}).get("offers", [])
    taken = next((offer for offer in offers if offer["digest"] == row.quote_digest), None)
    return int(taken["minimum_chars"]) if taken else 0


def _begin(row: Translation) -> None:
    chunks = list(TranslationChunk.objects.filter(translation=row).order_by("number"))
    row.part_count, row.part_done = len(chunks), 0
    row.stage = Translation.Stage.WORKING
    row.save(update_fields=["part_count", "part_done", "stage", "harvest_key", "warnings"])
    for chunk in chunks:
        parts.enqueue(chunk, row.user)
    telling.updated(row)
