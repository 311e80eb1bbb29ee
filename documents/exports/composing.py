"""Sections and references become a manuscript: the last place that knows of styles."""

from __future__ import annotations

from collections.abc import Sequence

from documents import blocks
from documents.bibliography.references import Reference
from documents.bibliography.styles import STYLES
from documents.exports.manuscript import Layout
from documents.exports.manuscript import Manuscript
from documents.exports.manuscript import Mark
from documents.exports.manuscript import Section
from documents.exports.manuscript import Unverified


def compose(
    *,
    title: str,
    language: str,
    sections: Sequence[Section],
    references: Sequence[Reference] = (),
    style: str = "apa",
    author: str = "",
    unverified: Sequence[Unverified] = (),
    layout: Layout | None = None,
    is_demo: bool = False,
) -> Manuscript:
    """Sections with the marks and the list of a style. Raises UnknownReference for a mark that points at nothing."""
    citations = [
        tuple(mark.source for mark in sentence.marks)
        for section in sections
        for sentence in blocks.sentences(section.content)
        if sentence.marks
    ]
    found = STYLES[style].render(references, citations, language)
    marks = dict(zip(citations, found.marks, strict=True))
    return Manuscript(
        title=title,
        language=language,
        sections=tuple(sections),
        author=author,
        marks=tuple(Mark(sources, text) for sources, text in marks.items()),
        entries=found.entries,
        unverified=tuple(unverified),
        layout=layout or Layout(),
        is_demo=is_demo,
    )
