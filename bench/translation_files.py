"""Files translated in place: segments a second of each format, against only reading the file.

    python -m bench.translation_files [--runs 5] [--segments 2000] [--formats docx html …]

One file of each format is made, with a bold word in each segment where the format has that. Read in turn are the file
by what every reader of it needs (ZIP and lxml, the standard library's tokenizer, polib, …: the baseline), by
``formats.extract``, and by ``formats.merge`` with a translation of each segment. Printed is the processor time of this
process as segments a second, the median of the runs with their spread, and the ratio to the baseline.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import docx
import polib
import pptx
import xlsxwriter
from lxml import etree
from markdown_it import MarkdownIt
from pptx.util import Inches

from bench.harness import median_and_spread
from bench.harness import set_up
from translation import formats

WORDS = ("A sentence of some ", "bold", " words, and a number 3.14, as number {} of them.")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.translation_files")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--segments", type=int, default=2000)
    parser.add_argument("--formats", nargs="*", default=list(MAKERS))
    options = parser.parse_args()
    print(set_up("lxml", "markdown-it-py", "polib"))
    print("segments a second of processor time\n")
    print(f"{'':6}{'reading alone':>32}{'extract':>32}{'merge':>32}")
    with tempfile.TemporaryDirectory() as folder:
        for kind in options.formats:
            path = Path(folder) / f"a.{kind}"
            MAKERS[kind](path, options.segments)
            _measure(kind, path, options.runs)


def _measure(kind: str, path: Path, runs: int) -> None:
    found = formats.extract(path, kind)
    targets = {one.number: f"⟪uk⟫ {one.text}" for one in found.segments}
    to = path.with_name(f"b.{kind}")
    deeds: list[Callable[[], object]] = [
        lambda: READERS[kind](path),
        lambda: formats.extract(path, kind),
        lambda: formats.merge(path, kind, targets, to, language="uk"),
    ]
    times: list[list[float]] = [[], [], []]
    for _ in range(runs):
        for deed, taken in zip(deeds, times, strict=True):
            begun = time.process_time()
            deed()
            taken.append(time.process_time() - begun)
    baseline = statistics.median(times[0])
    columns = [median_and_spread([len(targets) / one for one in taken], 0) for taken in times]
    ratios = [""] + [f"{statistics.median(taken) / baseline:.1f}×" for taken in times[1:]]
    print(
        f"{kind:6}" + "".join(f"{column + ratio:>28}" for column, ratio in zip(columns, ratios, strict=True)),
        flush=True,
    )


def _numbered(count: int) -> list[tuple[str, str, str]]:
    return [(WORDS[0], WORDS[1], WORDS[2].format(number)) for number in range(count)]


def _docx(path: Path, count: int) -> None:
    document = docx.Document()
    for before, bold, after in _numbered(count):
        paragraph = document.add_paragraph(before)
        paragraph.add_run(bold).bold = True
        paragraph.add_run(after)
    document.save(str(path))


def _pptx(path: Path, count: int) -> None:
    show = pptx.Presentation()
    for at in range(0, count, 20):
        slide = show.slides.add_slide(show.slide_layouts[6])
        frame = slide.shapes.add_textbox(Inches(1), Inches(1), Inches(5), Inches(5)).text_frame
        for before, bold, after in _numbered(count)[at : at + 20]:
            paragraph = frame.add_paragraph()
            paragraph.add_run().text = before
            run = paragraph.add_run()
            run.text, run.font.bold = bold, True
            paragraph.add_run().text = after
    show.save(str(path))


def _xlsx(path: Path, count: int) -> None:
    book = xlsxwriter.Workbook(path)
    sheet, style = book.add_worksheet(), book.add_format({"bold": True})
    for row, (before, bold, after) in enumerate(_numbered(count)):
        sheet.write_rich_string(row, 0, before, style, bold, after)
    book.close()


def _page(count: int) -> str:
    body = "".join(f"<p>{before}<b>{bold}</b>{after}</p>\n" for before, bold, after in _numbered(count))
    return f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>T</title></head><body>\n{body}</body></html>'


def _epub(path: Path, count: int) -> None:
    spine = '<rootfiles><rootfile full-path="book.opf"/></rootfiles>'
    item = '<manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", f"<container>{spine}</container>")
        archive.writestr("book.opf", f'<package>{item}<spine><itemref idref="a"/></spine></package>')
        archive.writestr("a.xhtml", _page(count))


def _lines(form: str) -> Callable[[Path, int], None]:
    def make(path: Path, count: int) -> None:
        path.write_text("".join(form.format(*words, n=n) for n, words in enumerate(_numbered(count))), "utf-8")

    return make


def _xliff(path: Path, count: int) -> None:
    form = '<trans-unit id="{n}"><source>{0}<g id="1">{1}</g>{2}</source></trans-unit>\n'
    _lines(form)(path, count)
    path.write_text(f'<xliff version="1.2"><file><body>{path.read_text("utf-8")}</body></file></xliff>', "utf-8")


def _read_package(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            if name.endswith(("xml", "opf", "html")):
                sum(1 for _ in etree.fromstring(data).iter())


def _read_text(path: Path) -> None:
    path.read_text("utf-8").splitlines()


MAKERS: dict[str, Callable[[Path, int], object]] = {
    "docx": _docx,
    "pptx": _pptx,
    "xlsx": _xlsx,
    "epub": _epub,
    "html": lambda path, count: path.write_text(_page(count), "utf-8"),
    "md": _lines("{0}**{1}**{2}\n\n"),
    "txt": _lines("{0}{1}{2}\n\n"),
    "srt": _lines("{n}\n00:00:01,000 --> 00:00:02,000\n{0}<b>{1}</b>{2}\n\n"),
    "xliff": _xliff,
    "po": _lines('msgid "{0}{1}{2}"\nmsgstr ""\n\n'),
}
READERS: dict[str, Callable[[Path], object]] = {
    "docx": _read_package,
    "pptx": _read_package,
    "xlsx": _read_package,
    "epub": _read_package,
    "html": lambda path: HTMLParser(convert_charrefs=False).feed(path.read_text("utf-8")),
    "md": lambda path: MarkdownIt("commonmark").parse(path.read_text("utf-8")),
    "txt": _read_text,
    "srt": _read_text,
    "xliff": lambda path: etree.parse(str(path)),
    "po": lambda path: polib.pofile(str(path)),
}


if __name__ == "__main__":
    main()
