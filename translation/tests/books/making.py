"""PDFs for tests, by programs that are not under test, and what is in them, read by pypdf, which made none of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pikepdf
import typst
from pypdf import PdfReader
from pypdf.generic import ArrayObject
from pypdf.generic import IndirectObject

FACE = '#set text(font: "Libertinus Serif", size: 11pt)\n#set page(width: 148mm, height: 210mm, margin: 15mm)\n'


def set_pages(to: Path, body: str) -> Path:
    """A PDF of a body in typst's markup, with its own fonts only."""
    fonts = typst.Fonts(include_system_fonts=False)
    to.write_bytes(typst.compile((FACE + body).encode(), font_paths=fonts))
    return to


def make_book(to: Path, chapters: int = 12) -> Path:
    """Three pages a chapter and three before: nested outline, links across the book, roman and arabic labels."""
    parts = ['#set page(numbering: "i")\nBefore.\n#pagebreak()\nContents.\n#pagebreak()\nThanks.\n#pagebreak()\n']
    parts.append('#set page(numbering: "1")\n#counter(page).update(1)\n')
    for number in range(1, chapters + 1):
        far = (number * 7) % chapters + 1
        parts.append(
            f"= Розділ {number} <c{number}>\n#link(<s{far}>)[to section {far}] is far.\n#pagebreak()\n"
            f"== Section {number}.1 <s{number}>\n#link(<c{max(number - 1, 1)}>)[the chapter before]\n#pagebreak()\n"
            f'#link("https://example.com/{number}")[outside] text {number}.\n'
            + ("" if number == chapters else "#pagebreak()\n")
        )
    return set_pages(to, "".join(parts))


def make_blank(to: Path, pages: int) -> Path:
    """Pages without anything."""
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page(page_size=(200, 300))
        pdf.save(to)
    return to


def facts(path: Path) -> dict[str, Any]:
    """Pages, labels, outline ``(level, title, page)`` and internal links ``(page, to page)`` of a PDF."""
    reader = PdfReader(path)
    numbers = {page.indirect_reference.idnum: number for number, page in enumerate(reader.pages)}  # type: ignore[union-attr]
    named = reader.named_destinations

    def target(dest: Any) -> int | None:
        dest = dest.get_object() if isinstance(dest, IndirectObject) else dest
        if isinstance(dest, str):
            return reader.get_destination_page_number(named[dest]) if dest in named else None
        if isinstance(dest, dict):
            dest = dest.get("/D")
        if not isinstance(dest, ArrayObject) or not dest:
            return None
        first = list.__getitem__(dest, 0)
        return numbers.get(first.idnum) if isinstance(first, IndirectObject) else None

    links = []
    for number, page in enumerate(reader.pages):
        for reference in page.get("/Annots") or []:
            annotation = reference.get_object()
            action = annotation.get("/A")
            dest = annotation.get("/Dest")
            if dest is None and action and action.get_object().get("/S") == "/GoTo":
                dest = action.get_object().get("/D")
            if dest is not None:
                links.append((number, target(dest)))
    outline: list[tuple[int, str, int | None]] = []

    def walk(items: Any, level: int) -> None:
        for item in items:
            if isinstance(item, list):
                walk(item, level + 1)
            else:
                outline.append((level, str(item.title), reader.get_destination_page_number(item)))

    walk(reader.outline, 0)
    return {
        "pages": len(reader.pages),
        "labels": reader.page_labels,
        "outline": outline,
        "links": sorted(links, key=str),
        "outside": sum(
            "/URI" in (reference.get_object().get("/A") or {})
            for page in reader.pages
            for reference in page.get("/Annots") or []
        ),
    }
