"""A PDF translated where its words stand: blocks come out as segments, translations are set into their boxes.

Pictures, lines, links, outline, labels and forms stay; so does text in figures, code, formulas set with fonts that do
not say their letters, turned text, and the hidden text of scans. Always in parts of at most 50 pages: what is in memory
does not grow with the book.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import ExitStack
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Dictionary
from pikepdf import String

from translation import markers
from translation.books import glyphs
from translation.books import harvest
from translation.books import setting
from translation.books.blocks import Block
from translation.books.blocks import blocks_of
from translation.books.glyphs import Look
from translation.books.glyphs import PageText
from translation.books.opening import append
from translation.books.opening import opened
from translation.books.opening import save
from translation.books.parts import even
from translation.books.splitting import take_actions
from translation.books.taking import Mismatch
from translation.books.taking import Taking
from translation.segments import Extracted
from translation.segments import Segment

_LEFT_BEHIND = frozenset({"/Annots", "/AA", "/B", "/Metadata", "/PieceInfo"})


class _Found:
    """What was seen on the way through a PDF: the same for reading and for writing."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self.protected = 0
        self.warnings: dict[str, None] = {}

    def page(self, number: int, text: PageText | None) -> list[Block]:
        """The blocks of a page, those to be translated numbered."""
        if text is None:
            self.warnings["pages_left"] = None
            return []
        if text.is_scan:
            self.warnings["pages_are_pictures"] = None
        blocks = blocks_of(text)
        self.protected += sum(text.loose.values())
        for block in blocks:
            if block.is_text:
                kind = "heading" if block.lines <= 2 and block.look.is_bold and not block.tail else "paragraph"
                block.number = self._add(f"page {number}", kind, block.text)
            else:
                self.protected += len(markers.plain(block.text))
        return blocks

    def title(self, index: int, title: str) -> int:
        """The number of a title in the outline."""
        return self._add(f"outline {index}", "title", title)

    def _add(self, place: str, kind: str, text: str) -> int:
        self.segments.append(Segment(len(self.segments) + 1, place, kind, text))
        return len(self.segments)

    def finish(self) -> Extracted:
        characters = sum(len(markers.plain(segment.text)) for segment in self.segments)
        return Extracted(tuple(self.segments), characters, self.protected, tuple(self.warnings))


def extract(path: Path) -> Extracted:
    """What a PDF says, piece by piece; titles of the outline come last. Raises Refused.

    Warnings: ``pages_are_pictures`` (some are), ``pages_left`` (their content could not be followed).
    """
    found = _Found()
    with opened(path) as pdf, tempfile.TemporaryDirectory(prefix="pdf-") as folder:
        for first, part in _parts(pdf, Path(folder)):
            for number, text in enumerate(glyphs.read(part), start=first + 1):
                found.page(number, text)
            part.unlink()
        for index, (_, title) in enumerate(_titles(pdf), start=1):
            found.title(index, title)
    return found.finish()


def merge(
    original: Path, targets: Mapping[int, str], to: Path, *, language: str, note: str = "", both: bool = False
) -> Extracted:
    """Write the PDF with translations, by the numbers of its segments; what has none stays as it is.

    ``note`` is a line at the top of the first page. There is no place for ``both`` languages on a page: asked for,
    it is a warning (``both_left_out``). Others: as of ``extract``, ``tags_lost``, ``letters_without_font``. Raises
    Refused.
    """
    found = _Found()
    if both:
        found.warnings["both_left_out"] = None
    if setting.lacks_letters("".join(targets.values())):
        found.warnings["letters_without_font"] = None
    with opened(original) as pdf, ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pdf-")))
        for first, part in _parts(pdf, folder):
            made = part.with_suffix(".made.pdf")
            _translate(part, made, found, targets, first=first, language=language, note="" if first else note)
            part.unlink()
            # Open until the original is written: its streams are read then.
            _put_back(pdf, first, stack.enter_context(pikepdf.open(made)))
        for index, (item, title) in enumerate(_titles(pdf), start=1):
            target = " ".join(targets.get(found.title(index, title), "").split())
            if target:
                item.Title = String(target)
        if "/StructTreeRoot" in pdf.Root:
            found.warnings["tags_lost"] = None
            del pdf.Root["/StructTreeRoot"]
        _disarm(pdf)
        if language:
            pdf.Root.Lang = String(language)
        save(pdf, to)
    return found.finish()


def _parts(pdf: pikepdf.Pdf, folder: Path) -> Iterator[tuple[int, Path]]:
    """Its pages in files of their own, with the number of the first; annotations stay behind."""
    sizes = even(len(pdf.pages))
    for first, size in zip(accumulate(sizes, initial=0), sizes, strict=False):
        part = folder / f"{first:05}.pdf"
        with pikepdf.new() as out:
            append(out, pdf.pages[first : first + size])
            for page in out.pages:
                for key in [key for key in page.obj if key in _LEFT_BEHIND]:
                    del page.obj[str(key)]
            save(out, part)
        yield first, part


def _titles(pdf: pikepdf.Pdf) -> list[tuple[Any, str]]:
    return [(item, title) for item, _, title in harvest.titles(pdf) if title]


def _translate(
    part: Path,
    to: Path,
    found: _Found,
    targets: Mapping[int, str],
    *,
    first: int,
    language: str,
    note: str,
) -> None:
    """Take the words out of a part and lay the translations over it."""
    contents: dict[int, bytes] = {}
    sheets: dict[int, setting.Sheet] = {}
    before: dict[int, Any] = {}
    with pikepdf.open(part) as pdf:
        for index, text in enumerate(glyphs.read(part)):
            chosen = _chosen(found.page(first + index + 1, text), targets)
            if text and note and not index:
                chosen.append((_note_block(text), note))
            if text is None or not chosen:
                continue
            taken = {operator for block, _ in chosen for operator in block.operators}
            page = pdf.pages[index]
            before[index] = page.obj.get("/Resources", Dictionary())
            try:
                contents[index] = Taking(pdf, text.shows, taken).run(page)
            except (Mismatch, pikepdf.PdfError):
                page.obj.Resources = before[index]
                found.warnings["pages_left"] = None
                continue
            sheets[index] = (text.width, text.height, chosen)
            contents[index] = (
                b"q\n" + contents[index] + b"\nQ\nq %.4f %.4f %.4f %.4f %.4f %.4f cm /Kin Do Q" % text.back
            )
        for index, form in _set(sheets, language):
            page = pdf.pages[index]
            if form is None:
                page.obj.Resources = before[index]
                found.warnings["pages_left"] = None
                continue
            if "/XObject" not in page.obj.Resources:
                page.obj.Resources.XObject = Dictionary()
            page.obj.Resources.XObject["/Kin"] = pdf.copy_foreign(form)
            page.obj.Contents = pdf.make_stream(contents[index])
        save(pdf, to)


def _chosen(blocks: list[Block], targets: Mapping[int, str]) -> list[tuple[Block, str]]:
    """Blocks to be set, with their texts: those with a translation, and what the same operators draw."""
    wanted = [block for block in blocks if block.number and targets.get(block.number, block.text) != block.text]
    operators = {operator for block in wanted for operator in block.operators}
    grew = True
    while grew:
        grew = False
        for block in blocks:
            if block not in wanted and block.operators & operators and block.is_readable:
                wanted.append(block)
                operators |= block.operators
                grew = True
    return [(block, _fitting(block, targets.get(block.number, block.text))) for block in blocks if block in wanted]


def _fitting(block: Block, target: str) -> str:
    return markers.put_back(block.text, target) if markers.fits(block.text, target) else target


def _note_block(text: PageText) -> Block:
    return Block(
        x=12,
        y=4,
        width=text.width - 24,
        height=10,
        size=7,
        pitch=8.4,
        lines=1,
        look=Look("sans", is_bold=False, is_italic=False, colour="luma(40%)"),
        stretches={},
        text="",
        operators=set(),
        is_text=False,
        is_readable=True,
    )


def _set(sheets: Mapping[int, setting.Sheet], language: str) -> Iterator[tuple[int, Any]]:
    """Each page as a form; when typst cannot set them together, one by one, and None for what it cannot set."""
    done = _compiled(list(sheets.values()), language)
    if done is not None:
        with pikepdf.open(io.BytesIO(done)) as over:
            for index, page in zip(sheets, over.pages, strict=True):
                yield index, page.as_form_xobject()
        return
    for index, sheet in sheets.items():
        if (alone := _compiled([sheet], language)) is None:
            yield index, None
            continue
        with pikepdf.open(io.BytesIO(alone)) as over:
            yield index, over.pages[0].as_form_xobject()


def _compiled(sheets: list[setting.Sheet], language: str) -> bytes | None:
    if not sheets:
        return None
    return setting.apart(sheets, language)


def _put_back(pdf: pikepdf.Pdf, first: int, part: pikepdf.Pdf) -> None:
    """The content of a part's pages in the original, whose links, outline, labels and forms are as they were."""
    for number, page in enumerate(part.pages, start=first):
        old = pdf.pages[number].obj
        new = part.make_indirect(Dictionary(C=page.obj.get("/Contents"), R=page.obj.get("/Resources")))
        copy = pdf.copy_foreign(new)
        for key, value in (("/Contents", copy.get("/C")), ("/Resources", copy.get("/R"))):
            if value is not None:
                old[key] = value
        for key in ("/StructParents", "/Metadata", "/PieceInfo", "/Thumb"):
            if key in old:
                del old[key]


def _disarm(pdf: pikepdf.Pdf) -> None:
    for key in ("/AA", "/OpenAction", "/MarkInfo"):
        if key in pdf.Root:
            del pdf.Root[key]
    names = pdf.Root.get("/Names")
    if isinstance(names, Dictionary) and "/JavaScript" in names:
        del names["/JavaScript"]
    for page in pdf.pages:
        if "/AA" in page.obj:
            del page.obj["/AA"]
        for annotation in harvest.notes(page.obj):
            with suppress(pikepdf.PdfError, TypeError):
                take_actions(annotation)
