"""EPUB in place: chapters in the order of reading, the navigation, the title and the language."""

from __future__ import annotations

import posixpath
import zipfile
from pathlib import Path
from urllib.parse import unquote

from translation.formats import encoded
from translation.formats import markup
from translation.formats import packages
from translation.formats.base import Unreadable
from translation.formats.base import Walk
from translation.formats.base import has_words
from translation.formats.passages import Passage
from translation.formats.passages import Token

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_XHTML = frozenset({"application/xhtml+xml", "text/html", "text/x-oeb1-document"})
_NCX = "application/x-dtbncx+xml"


def walk_epub(path: Path, walk: Walk, to: Path | None) -> None:
    """Raises Unreadable, also for a book whose chapters are encrypted."""
    with packages.opened(path, "epub") as archive:
        book = _Book(archive)

        def change(name: str, data: bytes) -> bytes:
            text = encoded.decoded(data)
            if name == book.package:
                new = _leaves(text, walk, name, {"title": "title"}, language=True)
            elif name in book.tables:
                new = _leaves(text, walk, name, {"text": "item"})
            else:
                new = _chapter(text, walk, name, note=walk.note if name == book.first else "")
            return data if new == text else encoded.encoded(new, data)

        packages.rewrite(archive, [book.package, *book.chapters, *book.tables], change, walk, to, first="mimetype")


class _Book:
    """Which parts of a book are what (EPUB 3.3, 5; OPF 2.0.1, 2)."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._names = set(archive.namelist())
        if _CONTAINER not in self._names:
            raise Unreadable("broken", _CONTAINER)
        container = _tree(archive, _CONTAINER)
        self.package = next((str(file.get("full-path", "")) for file in container.iter("{*}rootfile")), "")
        if self.package not in self._names:
            raise Unreadable("broken", "package")
        package = _tree(archive, self.package)
        items = {str(item.get("id")): item for item in package.iter("{*}item")}
        order = [str(found.get("idref")) for found in package.iter("{*}itemref")]
        sorted_items = [items[key] for key in order if key in items] + list(items.values())
        pages = [self._part(item) for item in sorted_items if item.get("media-type") in _XHTML]
        self.chapters = [name for name in dict.fromkeys(pages) if name in self._names]
        self.first = self.chapters[0] if self.chapters else ""
        tables = [self._part(item) for item in items.values() if item.get("media-type") == _NCX]
        self.tables = [name for name in dict.fromkeys(tables) if name in self._names]
        if _ENCRYPTION in self._names:
            self._refuse_encrypted(archive)

    def _part(self, item: packages.Element) -> str:
        path = unquote(str(item.get("href", "")))
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.package), path))

    def _refuse_encrypted(self, archive: zipfile.ZipFile) -> None:
        """Fonts may be: that keeps nobody from reading."""
        found = _tree(archive, _ENCRYPTION).iter("{*}CipherReference")
        hidden = {unquote(str(reference.get("URI", ""))) for reference in found}
        if hidden.intersection(self.chapters):
            raise Unreadable("encrypted", _ENCRYPTION)


def _tree(archive: zipfile.ZipFile, name: str) -> packages.Element:
    return packages.tree(packages.read(archive, name), name).getroot()


def _chapter(text: str, walk: Walk, name: str, *, note: str) -> str:
    try:
        marks = markup.xml_marks(text, name)
    except Unreadable as error:
        if error.reason != "broken":
            raise
        # Readers of books show chapters that are not well-formed, so they are to be translated too.
        walk.warn("chapter_not_well_formed")
        marks = markup.html_marks(text)
    return markup.Page(marks, walk, name, note=note).rewritten


def _leaves(text: str, walk: Walk, name: str, kinds: dict[str, str], *, language: bool = False) -> str:
    """The text of elements by their names, and of ``language`` the walk's; all other text is no words of the book."""
    out: list[str] = []
    tag = ""
    number = 0
    for mark in markup.xml_marks(text, name):
        raw = mark.raw
        if mark.kind in {"start", "end"}:
            tag = mark.tag if mark.kind == "start" else ""
        elif mark.kind == "text" and tag == "language" and language and walk.writes and mark.text.strip():
            raw = walk.language or raw
        elif mark.kind == "text" and tag in kinds:
            number += 1
            raw = _leaf(mark, walk, f"{name}#p{number}", kinds[tag])
        out.append(raw)
    return "".join(out)


def _leaf(mark: markup.Mark, walk: Walk, place: str, kind: str) -> str:
    walk.count(mark.text)
    passage = Passage([Token("text", mark.raw, mark.text)], joins_lines=True)
    walk.protect(" " * (passage.whole - len(passage.plain)))
    target = walk.segment(place, kind, passage.text) if has_words(passage.text) else None
    if target is None:
        return mark.raw
    if walk.both:
        return passage.render_beside(target, markup.escape, " / ", "")
    return passage.render(target, markup.escape)
