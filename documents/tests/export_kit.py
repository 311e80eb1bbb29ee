"""A document for tests of exports, and what readers who made none of the files find in them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import docx
import pikepdf
import pypdfium2
import regex  # type: ignore[import-untyped]
from lxml import etree

from documents import blocks
from documents.exports import flow
from documents.exports.composing import compose
from documents.exports.manuscript import PRESETS
from documents.exports.manuscript import Manuscript
from documents.exports.manuscript import Section
from documents.exports.manuscript import Unverified
from documents.tests import bibliography_kit

SENTENCE = "Дослідження показує, що щедра роса живить ґрунт"
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@dataclass(frozen=True, slots=True)
class Found:
    """What a reader finds in a file. ``letters`` is all of its text without blanks."""

    words: Counter[str]
    headings: int
    tables: int
    notes: int
    letters: str


def paragraph(*sentences: dict[str, Any]) -> dict[str, Any]:
    """A block as it is stored."""
    return {"kind": "paragraph", "s": list(sentences)}


def section(title: str, *stored: dict[str, Any], number: str = "", level: int = 1) -> Section:
    """A section of blocks as they are stored."""
    return Section(title, blocks.read(list(stored)), number, level)


def manuscript(*, is_demo: bool = False, style: str = "dstu-8302-2015") -> Manuscript:
    """Two sections and one below, with two lists, two tables, four notes and citations of five works."""
    table = {
        "kind": "table",
        "caption": "Люди степу",
        "header": ["Рік", "Людей"],
        "rows": [["2020", "сім"], ["2021", "дев’ять"]],
    }
    ordered = {
        "kind": "list",
        "ordered": True,
        "items": [[{"t": "Перше.", "note": "Перша виноска."}], [{"t": "Друге."}]],
    }
    bullets = {"kind": "list", "items": [[{"t": "Тирса."}], [{"t": "Ковила", "c": [{"s": "S8", "n": 3}]}]]}
    cited = {"t": f"{SENTENCE}.", "c": [{"s": "S1", "n": 1}, {"s": "S3", "n": 2}]}
    sections = (
        section("Вступ", paragraph(cited, {"t": "Так воно є!", "note": "Виноска автора."}), ordered, table, number="1"),
        section("Методи", {"kind": "heading", "level": 4, "t": "Про ковилу"}, bullets, ordered, number="1.1", level=2),
        section(
            "Висновки",
            paragraph({"t": "The meadow answers?", "c": [{"s": "S9", "n": 1}], "note": "A note in English."}),
            table | {"caption": ""},
            paragraph({"t": "«Цитата завершує розділ»", "c": [{"s": "S10", "n": 2}]}),
            number="2",
        ),
    )  # fmt: skip
    return compose(
        title="Роса в степу",
        language="uk",
        sections=sections,
        references=bibliography_kit.WORKS,
        style=style,
        author="Ганна Ґудзь",
        unverified=[Unverified("The meadow answers?", "S9", "Ніхто не перевірив.")],
        layout=PRESETS["dstu-3008"],
        is_demo=is_demo,
    )


def wanted(document: Manuscript) -> Found:
    """What any reader must find."""
    texts = [text for element in flow.elements(document) for text in flow.texts_of(element)]
    known = flow.figures(document)
    return Found(_words(" ".join(texts)), known.headings, known.tables, known.notes, "".join("".join(texts).split()))


def in_word(path: Path) -> Found:
    """By python-docx; footnotes, which it does not know, by their part."""
    file = docx.Document(str(path))
    styles = [str(one.style.name) if one.style else "" for one in file.paragraphs]
    start = max((place for place, style in enumerate(styles) if style.startswith("toc")), default=-1) + 1
    texts = [one.text for one in file.paragraphs[start:]]
    texts += [cell.text for table in file.tables for row in table.rows for cell in row.cells]
    notes = notes_of(path)
    texts += notes
    return Found(
        words=_words(" ".join(texts)),
        headings=sum(style.startswith("Heading") for style in styles),
        tables=len(file.tables),
        notes=len(notes),
        letters="".join("".join(texts).split()),
    )


def notes_of(path: Path) -> list[str]:
    """Texts of footnotes of a Word file, in the order in which the text points at them."""
    with ZipFile(path) as archive:
        if "word/footnotes.xml" not in archive.namelist():
            return []
        part = etree.fromstring(archive.read("word/footnotes.xml"))
        body = etree.fromstring(archive.read("word/document.xml"))
    texts = {
        note.get(f"{_WORD}id"): "".join(node.text or "" for node in note.iter(f"{_WORD}t")).strip() for note in part
    }
    return [texts[str(mark.get(f"{_WORD}id"))] for mark in body.iter(f"{_WORD}footnoteReference")]


def in_pdf(path: Path) -> Found:
    """Text by PDFium from the first heading on, structure by qpdf."""
    texts = pages_of(path)
    with pikepdf.open(path) as pdf:
        tags = Counter(
            str(one.S)
            for one in pdf.objects
            if isinstance(one, pikepdf.Dictionary) and "/S" in one and "/P" in one and "/K" in one
        )
    return Found(
        words=_words(" ".join(texts)),
        headings=sum(count for tag, count in tags.items() if regex.fullmatch("/H[1-6]", tag)),
        tables=tags["/Table"],
        notes=tags["/Note"],
        letters="".join("".join(texts).split()),
    )


def pages_of(path: Path) -> list[str]:
    """Texts of the pages that follow the contents."""
    file = pypdfium2.PdfDocument(path)
    try:
        first = next(iter(file.get_toc())).get_dest().get_index()
        return [file[number].get_textpage().get_text_range() for number in range(first, len(file))]
    finally:
        file.close()


def _words(text: str) -> Counter[str]:
    """Of letters alone: numbers of pages, notes and items are not the document's."""
    return Counter(regex.findall(r"\p{L}+", text))
