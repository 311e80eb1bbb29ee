"""What others read in a file before and after, by format: all that must be the same but for the translator's mark."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

MARK = "⟪uk⟫ "
Facts = Any


def _unmarked(text: str) -> str:
    return text.replace(MARK, "")


def _package(path: Path, with_words: str) -> tuple[dict[str, bytes], dict[str, Counter[str]]]:
    """Parts without words by their bytes; those with them by their elements, but for runs and what proofs them."""
    pattern = re.compile(with_words)
    others, counts = {}, {}
    passing = {"r", "t", "rPr", "lang", "proofErr", "lastRenderedPageBreak"}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            if not pattern.fullmatch(name):
                others[name] = data
                continue
            root = etree.fromstring(data)
            # By its ancestors, as the library makes its elements anew each time they are looked at.
            found = [one for one in root.iter() if isinstance(one.tag, str) and not _is_of_run(one)]
            counts[name] = Counter(word for one in found if (word := etree.QName(one).localname) not in passing)
    return others, counts


def _is_of_run(element: Any) -> bool:
    return any(isinstance(one.tag, str) and one.tag.endswith("}rPr") for one in element.iterancestors())


def _letters(runs: Any, look: Callable[[Any], Any]) -> list[tuple[str, Any]]:
    text = [(char, look(run)) for run in runs for char in run.text]
    words = "".join(char for char, _ in text)
    kept = []
    at = 0
    for part in re.split(f"({MARK})", words):
        if part != MARK:
            kept += [one for one in text[at : at + len(part)] if not one[0].isspace()]
        at += len(part)
    return kept


def docx(path: Path) -> Facts:
    """python-docx: the looks of every letter; and the package."""
    import docx as library
    from docx.oxml.ns import qn
    from docx.text.paragraph import Paragraph

    document = library.Document(str(path))
    found = [Paragraph(one, document._body) for one in document.element.body.iter(qn("w:p"))]

    def look(run: Any) -> Any:
        font = run.font
        return (run.bold, run.italic, run.underline, font.size, font.name, font.subscript, str(font.color.rgb))

    return (
        [_letters(one.runs, look) for one in found],
        [_unmarked(one.text) for one in found],
        [[_unmarked(link.text) for link in one.hyperlinks] for one in found],
        _package(path, r"word/.*\.xml"),
    )


def pptx(path: Path) -> Facts:
    """python-pptx: shapes, notes and the looks of every letter; and the package."""
    import pptx as library

    def shapes(group: Any) -> Iterator[Any]:
        for shape in group:
            yield shape
            if hasattr(shape, "shapes"):
                yield from shapes(shape.shapes)

    found: list[Any] = []
    for slide in library.Presentation(str(path)).slides:
        for shape in shapes(slide.shapes):
            if shape.has_text_frame:
                runs = [run for one in shape.text_frame.paragraphs for run in one.runs]
                found.append(_letters(runs, lambda run: (run.font.bold, run.font.italic, run.font.size)))
                found.append(_unmarked(shape.text_frame.text))
    return found, _package(path, r"ppt/.*\.xml")


def xlsx(path: Path) -> Facts:
    """openpyxl: every cell and comment; and the package."""
    import warnings

    import openpyxl

    warnings.simplefilter("ignore")
    book = openpyxl.load_workbook(path)
    cells = [
        (sheet.title, cell.coordinate, _said(cell.value), cell.comment and _unmarked(cell.comment.text))
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
    ]
    return cells, _package(path, r"xl/.*\.(xml|vml)")


def _said(value: Any) -> Any:
    return _unmarked(value) if isinstance(value, str) else repr(value)


def html(path: Path) -> Facts:
    """tinyhtml5: the tree."""
    import tinyhtml5

    tree = tinyhtml5.parse(path.read_bytes().decode("utf-8", "replace"))
    return [
        (
            str(one.tag),
            " ".join(_unmarked(one.text or "").split()),
            " ".join(_unmarked(one.tail or "").split()),
            sorted((key, value) for key, value in one.attrib.items() if key not in {"lang", "charset", "content"}),
        )
        for one in tree.iter()
        if isinstance(one.tag, str)
    ]


def md(path: Path) -> Facts:
    """markdown-it-py's HTML."""
    from markdown_it import MarkdownIt

    page = MarkdownIt("commonmark").enable("table").render(path.read_text("utf-8"))
    return " ".join(_unmarked(page).split())


def txt(path: Path) -> Facts:
    """Its characters."""
    from translation.formats import encoded

    return _unmarked(encoded.decoded(path.read_bytes()))


def srt(path: Path) -> Facts:
    """srt: numbers, times and words."""
    import srt as library

    cues = library.parse(path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n"), ignore_errors=True)
    return [(one.index, one.start, one.end, " ".join(_unmarked(one.content).split())) for one in cues]


def po(path: Path) -> Facts:
    """polib: what is asked for, in its order, and what was translated before."""
    import polib

    entries = polib.pofile(str(path))
    return [(one.msgid, one.msgid_plural, one.msgctxt, one.obsolete, one.occurrences) for one in entries]


def epub(path: Path, jars: Path) -> Facts:
    """epubcheck: what it finds, as often as it finds it."""
    classes = f"{jars}/x/usr/share/java/*"
    command = ["java", "-cp", classes, "com.adobe.epubcheck.tool.Checker", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = Counter(re.findall(r"^(?:ERROR|FATAL|WARNING)\((\S+?)\)", done.stdout + done.stderr, re.MULTILINE))
    if "EPUBCheck completed" not in done.stdout + done.stderr:
        raise RuntimeError("epubcheck does not run")
    # The place of the first part is ours to mend.
    found.pop("PKG-005", None), found.pop("PKG-006", None), found.pop("PKG-007", None)
    return found


def mended(path: Path) -> bool:
    """Whether the package says what it is where it must."""
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        return archive.namelist()[0] == "mimetype"
