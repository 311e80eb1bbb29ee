"""The printer's own process: what it answers, and that it is ended by its limits and says so."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import docx
import pytest

from core.http import pace
from documents import exports_worker
from documents import printing
from documents.exports import errors
from documents.exports import flow
from documents.exports.composing import compose
from documents.exports.manuscript import Manuscript
from documents.tests import export_kit as kit


def _long() -> Manuscript:
    """Some twenty-five pages."""
    section = kit.section("1", *[kit.paragraph({"t": kit.SENTENCE + " знов і знов. " * 90})] * 60)
    return compose(title="Довга", language="uk", sections=[section])


def test_a_child_writes_files_and_measures(tmp_path: Path) -> None:
    document = kit.manuscript()
    known = flow.figures(document)
    figures = {"words": known.words, "headings": 6, "tables": 2, "notes": 4, "references": 5}
    made = printing.export(document, "pdf", tmp_path / "made.pdf")
    assert made == printing.Report(pages=6, is_tagged=True, standard="ua-1", **figures)
    assert kit.in_pdf(tmp_path / "made.pdf").words == kit.wanted(document).words
    made = printing.export(document, "docx", tmp_path / "made.docx")
    assert made == printing.Report(pages=None, is_tagged=True, standard="", **figures)
    assert len(docx.Document(str(tmp_path / "made.docx")).tables) == 2
    assert printing.measure(document) == printing.Length(pages=6, text_pages=2)


def test_more_memory_than_a_document_may_have_ends_the_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(printing.LIMITS, "memory_mb", 45)
    with pytest.raises(errors.DocumentTooLarge, match="too large to be set as one file") as refused:
        printing.export(_long(), "pdf", tmp_path / "made.pdf")
    assert refused.value.status == 422
    assert not (tmp_path / "made.pdf").exists()
    # A short one has room in it: it is the document that was too large.
    assert printing.measure(kit.manuscript()).pages == 6


def test_two_are_set_at_a_time_and_the_third_is_told_when_to_come_back() -> None:
    place = partial(pace.slot, printing.ROLE, most=2, lease=60)
    with place(), place(), pytest.raises(errors.PrinterBusy) as refused:
        printing.measure(kit.manuscript())
    assert refused.value.status == 503
    assert refused.value.retry_after


def test_what_cannot_be_set_is_told_without_its_text() -> None:
    answer = exports_worker.answer("measure", {"manuscript": {"title": "Secret words"}})
    assert answer == {"error": "unset", "detail": "ValidationError"}
