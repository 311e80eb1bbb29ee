"""DOCX and PPTX in place: every paragraph of every part, headers, notes, comments, text boxes and charts as well.

All else of a part stands where it stood; parts without words come out byte for byte.
"""

from __future__ import annotations

import re
from pathlib import Path
from pathlib import PurePosixPath

from lxml import etree

from translation.formats import packages
from translation.formats.base import Walk
from translation.formats.ooxml_paragraphs import WORDS
from translation.formats.ooxml_paragraphs import Element
from translation.formats.ooxml_paragraphs import Paragraph
from translation.formats.ooxml_paragraphs import local
from translation.formats.ooxml_paragraphs import namespace
from translation.formats.ooxml_paragraphs import paragraphs
from translation.formats.ooxml_paragraphs import texts

_ROOTS = {"docx": "word/", "pptx": "ppt/", "xlsx": "xl/"}
_HAS_TEXT = re.compile(rb"<(\w+:)?t[\s>]|\x00t\x00")
"""An element ``t``, or something like it in UTF-16."""
_PROMPTS = re.compile(r"ppt/(slideMasters|slideLayouts|notesMasters|handoutMasters)/")
"""Parts whose placeholders only prompt an author to write something."""
_NUMBER = re.compile(r"(\d+)")
_PARTS = {"footnotes": "note", "endnotes": "note", "comments": "comment"}
_HEADINGS = re.compile(r"heading|title|überschrift|titre|заголовок", re.IGNORECASE)
_CAPTION = re.compile(r"caption", re.IGNORECASE)


def walk_docx(path: Path, walk: Walk, to: Path | None) -> None:
    """The document, then headers, footers, notes and comments."""
    _walk(path, "docx", walk, to)


def walk_pptx(path: Path, walk: Walk, to: Path | None) -> None:
    """The slides in the order of their numbers, then notes, charts and diagrams."""
    _walk(path, "pptx", walk, to)


def _walk(path: Path, kind: str, walk: Walk, to: Path | None) -> None:
    with packages.opened(path, kind) as archive:
        if kind == "pptx":
            walk.say_note_in_text()
        names = drawn_parts(archive.namelist(), kind)
        packages.rewrite(archive, names, lambda name, data: _Part(name, data, walk).rewritten(), walk, to)


def drawn_parts(names: list[str], kind: str) -> list[str]:
    """Parts that may hold paragraphs; the body before all others, and 2 before 10."""
    root = _ROOTS[kind]
    parts = [name for name in names if name.startswith(root) and name.endswith(".xml")]
    return sorted(
        parts, key=lambda name: (name != "word/document.xml", not name.startswith("ppt/slides/"), _by_number(name))
    )


def _by_number(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part) for part in _NUMBER.split(name)]


def drawing(name: str, data: bytes, walk: Walk) -> bytes:
    """A part with drawings, in any kind of document."""
    return _Part(name, data, walk).rewritten()


class _Part:
    def __init__(self, name: str, data: bytes, walk: Walk) -> None:
        self._name = name
        self._data = data
        self._walk = walk
        self._prompts = bool(_PROMPTS.match(name))
        self._kind = _PARTS.get(PurePosixPath(name).stem, "")
        self._said: dict[str, str | None] = {}
        self._is_changed = False

    def rewritten(self) -> bytes:
        is_noted = bool(self._walk.writes and self._walk.note and self._name == "word/document.xml")
        if not is_noted and not _HAS_TEXT.search(self._data):
            return self._data
        tree = packages.tree(self._data, self._name)
        root = tree.getroot()
        for text in texts(root):
            self._walk.count(text.text or "")
        for number, element in enumerate(paragraphs(root), start=1):
            if next(texts(element), None) is not None:
                self._paragraph(Paragraph(element), number)
        if is_noted:
            _note(root, self._walk.note)
        return packages.serialized(tree) if self._is_changed or is_noted else self._data

    def _paragraph(self, paragraph: Paragraph, number: int) -> None:
        line = paragraph.line
        self._walk.protect(paragraph.aside)
        if not line.text or (self._prompts and _is_placeholder(paragraph.element)):
            self._walk.protect(line.whole)
            return
        self._walk.protect(line.untouched)
        fallback = _in(paragraph.element, "Fallback")
        if fallback and line.text in self._said:
            # What older programs show instead of a shape says the same once more.
            self._walk.protect(line.plain)
            target = self._said[line.text]
        else:
            kind = self._kind or _kind(paragraph.element)
            target = self._walk.segment(f"{self._name}#p{number}", kind, line.text)
            self._said[line.text] = target
        if target is not None:
            self._is_changed = True
            paragraph.write_beside(target) if self._walk.both else paragraph.write(target)


def _in(element: Element, name: str) -> bool:
    return any(local(found) == name for found in element.iterancestors())


def _is_placeholder(element: Element) -> bool:
    shape = next((found for found in element.iterancestors() if local(found) == "sp"), None)
    return shape is not None and any(local(found) == "ph" for found in shape.iter())


def _kind(element: Element) -> str:
    if _in(element, "tc"):
        return "cell"
    properties = next((child for child in element if local(child) == "pPr"), None)
    if namespace(element) not in WORDS:
        return _kind_of_shape(element)
    found = {local(child): child for child in properties} if properties is not None else {}
    style = next((str(value) for value in found["pStyle"].attrib.values()), "") if "pStyle" in found else ""
    if "outlineLvl" in found or _HEADINGS.match(style):
        return "heading"
    if _CAPTION.match(style):
        return "caption"
    return "item" if "numPr" in found or style.startswith("List") else "paragraph"


def _kind_of_shape(element: Element) -> str:
    shape = next((found for found in element.iterancestors() if local(found) in {"sp", "chart"}), None)
    if shape is None or local(shape) == "chart":
        return "caption"
    place = next((found for found in shape.iter() if local(found) == "ph"), None)
    return "heading" if place is not None and str(place.get("type", "")).lower().endswith("title") else "paragraph"


def _note(root: Element, note: str) -> None:
    """A paragraph of its own before all others."""
    body = next((child for child in root if local(child) == "body"), None)
    if body is None:
        return
    space = f"{{{namespace(body)}}}"
    paragraph = etree.Element(f"{space}p")
    run = etree.SubElement(paragraph, f"{space}r")
    etree.SubElement(etree.SubElement(run, f"{space}rPr"), f"{space}i")
    etree.SubElement(run, f"{space}t").text = note
    body.insert(0, paragraph)
