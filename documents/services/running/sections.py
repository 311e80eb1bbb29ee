"""The sections of a run, one after the other: research, plan, write, check, style, close."""

from __future__ import annotations

from core.llm import json_answers
from documents import blocks
from documents.errors import NotEnoughSources
from documents.errors import SectionInvalid
from documents.models import Document
from documents.models import DocumentRun
from documents.models import DocumentSection
from documents.services import paying
from documents.services import telling
from documents.services.running import checking
from documents.services.running import closing
from documents.services.running import measuring
from documents.services.running import polishing
from documents.services.running import research
from documents.services.running import writing
from documents.services.running.asking import Clerk
from documents.services.running.desk import Desk
from documents.services.running.steps import Steps
from documents.writing.sources import Sources

Status = DocumentSection.Status


def write(desk: Desk, steps: Steps) -> None:
    """All that the run is to write and is not written. Raises what a section fails with."""
    for section in _wanted(desk):
        try:
            _write(desk, steps, section)
        except json_answers.NotFit as error:
            steps.discard_last()
            raise SectionInvalid from error


def _wanted(desk: Desk) -> list[DocumentSection]:
    rows = DocumentSection.objects.filter(document=desk.document).exclude(status=Status.COMPLETED).order_by("number")
    if desk.row.kind == DocumentRun.Kind.SECTION:
        rows = rows.filter(number=desk.row.section_now or 0)
    return list(rows)


def _write(desk: Desk, steps: Steps, section: DocumentSection) -> None:
    clerk = Clerk(desk, steps, section)
    sources = Sources.of([])
    if section.needs_sources:
        desk.at("research", section, status=Status.RESEARCHING, progress=_progress(desk))
        sources = Sources.of(research.sources(clerk, section))
        if not any(source.passages for source in sources.by_key.values()):
            raise NotEnoughSources
    desk.at("write", section, status=Status.WRITING, progress=_progress(desk))
    written = writing.section(clerk, section, sources)
    with desk.writing():
        section.content = blocks.stored(written.blocks)
        section.save(update_fields=["content"])
    desk.at("check", section, status=Status.CHECKING)
    research.look_at(clerk, sorted({one.source for one in written.citations}))
    checked = checking.citations(clerk, written)
    desk.at("style", section, status=Status.STYLING)
    styled = polishing.section(clerk, written)
    desk.at("close", section)
    summary = closing.summary(clerk, section, styled)
    measured = measuring.measure(desk, section, styled)
    with desk.writing():
        paying.deliver(desk.row, section)
        closing.close(desk, section, styled, summary)
        measuring.follow(desk, section, measured)
        checking.keep(section, checked, styled)
        desk.row.progress = _progress(desk)
        desk.row.save(update_fields=["progress"])
        desk.run.save(progress=desk.row.progress)
        telling.progressed(desk.row)
        telling.updated(Document.objects.get(pk=desk.document.pk))


def _progress(desk: Desk) -> int:
    """Percent, by the words of the sections that are done."""
    if desk.row.kind == DocumentRun.Kind.SECTION:
        return 0
    rows = list(DocumentSection.objects.filter(document=desk.document).values_list("status", "target_words"))
    done = sum(words for status, words in rows if status == Status.COMPLETED)
    return 99 * done // max(1, sum(words for _status, words in rows))
