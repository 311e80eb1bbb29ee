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
from translation.books import limits
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

_Set = tuple[float, float, list[tuple[Block, str]]]


def extract(path: Path) -> Extracted:
    """What a PDF says, piece by piece; titles of the outline come last. Raises Refused.

    Warnings: ``pages_are_pictures`` (some are), ``pages_left`` (their content could not be followed).
    """
    segments: list[Segment] = []
    protected = 0
    warnings: dict[str, None] = {}
    with opened(path) as pdf, tempfile.TemporaryDirectory(prefix="pdf-") as folder:
        for first, part in _parts(pdf, Path(folder)):
            for page, (text, blocks) in enumerate(_read(part, len(segments), warnings), start=first + 1):
                for block in blocks:
                    if block.number:
                        kind = "heading" if _is_heading(block) else "paragraph"
                        segments.append(Segment(block.number, f"page {page}", kind, block.text))
                    else:
                        protected += len(block.text) + len(block.tail)
                protected += sum(text.loose.values())
        for index, title in enumerate(_titles(pdf), start=1):
            segments.append(Segment(len(segments) + 1, f"outline {index}", "title", title))
    characters = sum(len(markers.plain(segment.text)) for segment in segments)
    return Extracted(tuple(segments), characters, protected, tuple(warnings))


def merge(
    original: Path, targets: Mapping[int, str], to: Path, *, language: str, note: str = "", both: bool = False
) -> Extracted:
    """Write the PDF with translations, by the numbers of its segments; what has none stays as it is.

    ``note`` is a line at the top of the first page. There is no place for ``both`` languages on a page: asked for,
    it is a warning (``both_left_out``). Others: as of ``extract``, ``tags_lost``, ``letters_without_font``. Raises
    Refused.
    """
    warnings: dict[str, None] = dict.fromkeys(["both_left_out"] if both else [])
    if setting.lacks_letters("".join(targets.values())):
        warnings["letters_without_font"] = None
    found = extract(original)
    with opened(original) as pdf, tempfile.TemporaryDirectory(prefix="pdf-") as folder:
        numbered = 0
        for first, part in _parts(pdf, Path(folder)):
            made = part.with_suffix(".made.pdf")
            top = "" if first else note
            numbered = _translate(part, made, numbered, targets, warnings, language=language, note=top)
            part.unlink()
        _put_back(pdf, sorted(Path(folder).glob("*.made.pdf")))
        _retitle(pdf, numbered, targets)
        if "/StructTreeRoot" in pdf.Root:
            warnings["tags_lost"] = None
            del pdf.Root["/StructTreeRoot"]
        _disarm(pdf)
        if language:
            pdf.Root.Lang = String(language)
        save(pdf, to)
    return Extracted(found.segments, found.characters, found.protected, (*found.warnings, *warnings))


def _parts(pdf: pikepdf.Pdf, folder: Path) -> Iterator[tuple[int, Path]]:
    """Its pages in files of their own, with the number of the first; annotations stay behind."""
    sizes = even(len(pdf.pages), limits.PART_PAGES)
    for first, size in zip(accumulate(sizes, initial=0), sizes, strict=False):
        part = folder / f"{first:05}.pdf"
        with pikepdf.new() as out:
            append(out, pdf.pages[first : first + size])
            for page in out.pages:
                for key in [key for key in page.obj if key in {"/Annots", "/AA", "/B", "/Metadata", "/PieceInfo"}]:
                    del page.obj[key]
            save(out, part)
        yield first, part


def _read(part: Path, numbered: int, warnings: dict[str, None]) -> Iterator[tuple[PageText, list[Block]]]:
    """The pages of a part with their blocks, of which those to be translated are numbered on."""
    for text in glyphs.read(part):
        if text is None:
            warnings["pages_left"] = None
            yield PageText(0, 0, [], glyphs.Counter(), []), []
            continue
        if text.is_scan:
            warnings["pages_are_pictures"] = None
        blocks = blocks_of(text)
        for block in blocks:
            if block.is_text:
                numbered += 1
                block.number = numbered
        yield text, blocks


def _is_heading(block: Block) -> bool:
    return block.lines <= 2 and block.look.is_bold and not block.tail


def _titles(pdf: pikepdf.Pdf) -> list[str]:
    return [title for _, _, title in harvest.titles(pdf) if title]


def _translate(
    part: Path,
    to: Path,
    numbered: int,
    targets: Mapping[int, str],
    warnings: dict[str, None],
    *,
    language: str,
    note: str,
) -> int:
    """Take the words out of a part and lay the translations over it. Answers the number of its last segment."""
    contents: dict[int, bytes] = {}
    sheets: dict[int, _Set] = {}
    before: dict[int, Any] = {}
    with pikepdf.open(part) as pdf:
        for index, (text, blocks) in enumerate(_read(part, numbered, warnings)):
            numbered = max([numbered, *(block.number for block in blocks)])
            chosen = _chosen(blocks, targets)
            if note and not index:
                chosen.append((_note_block(text), note))
            if not chosen:
                continue
            taken = {operator for block, _ in chosen for operator in block.operators}
            page = pdf.pages[index]
            before[index] = page.obj.get("/Resources", Dictionary())
            try:
                contents[index] = Taking(pdf, text.shows, taken).run(page)
            except (Mismatch, pikepdf.PdfError):
                page.obj.Resources = before[index]
                warnings["pages_left"] = None
                continue
            sheets[index] = (text.width, text.height, chosen)
            contents[index] = (
                b"q\n" + contents[index] + b"\nQ\nq %.4f %.4f %.4f %.4f %.4f %.4f cm /Kin Do Q" % text.back
            )
        for index, form in _set(sheets, language):
            page = pdf.pages[index]
            if form is None:
                page.obj.Resources = before[index]
                warnings["pages_left"] = None
                continue
            if "/XObject" not in page.obj.Resources:
                page.obj.Resources.XObject = Dictionary()
            page.obj.Resources.XObject["/Kin"] = pdf.copy_foreign(form)
            page.obj.Contents = pdf.make_stream(contents[index])
        save(pdf, to)
    return numbered


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


def _set(sheets: Mapping[int, _Set], language: str) -> Iterator[tuple[int, Any]]:
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


def _compiled(sheets: list[_Set], language: str) -> bytes | None:
    if not sheets:
        return None
    try:
        return setting.set_pages(sheets, language)
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException:  # a panic of typst is no Exception
        return None


def _put_back(pdf: pikepdf.Pdf, parts: list[Path]) -> None:
    """The content of the parts in the original, whose links, outline and labels are as they were."""
    number = 0
    for part in parts:
        made = pikepdf.open(part)  # closed with the original: streams are read when it is written
        for page in made.pages:
            old = pdf.pages[number].obj
            new = made.make_indirect(Dictionary(C=page.obj.get("/Contents"), R=page.obj.get("/Resources")))
            copy = pdf.copy_foreign(new)
            for key, value in (("/Contents", copy.get("/C")), ("/Resources", copy.get("/R"))):
                if value is not None:
                    old[key] = value
            for key in ("/StructParents", "/Metadata", "/PieceInfo", "/Thumb"):
                if key in old:
                    del old[key]
            number += 1


def _retitle(pdf: pikepdf.Pdf, numbered: int, targets: Mapping[int, str]) -> int:
    for item, _, title in list(harvest.titles(pdf)):
        if not title:
            continue
        numbered += 1
        target = " ".join(targets.get(numbered, title).split())
        if target and target != title:
            item.Title = String(target)
    return numbered


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
        for annotation in harvest.notes(page):
            with suppress(pikepdf.PdfError, TypeError):
                take_actions(annotation)
