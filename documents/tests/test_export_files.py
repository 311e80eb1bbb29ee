"""Both kinds of files are opened by readers who did not make them, and say what the document says."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import docx
import pdfua
import pikepdf
import pypdfium2
import pytest
import regex  # type: ignore[import-untyped]
from docx.oxml.ns import qn

from documents.bibliography.locales import LOCALES
from documents.bibliography.shapes import UnknownReference
from documents.exports import flow
from documents.exports import typesetting
from documents.exports import word
from documents.exports.composing import compose
from documents.exports.manuscript import PRESETS
from documents.exports.manuscript import Layout
from documents.exports.manuscript import Margins
from documents.exports.manuscript import dumped
from documents.exports.manuscript import layout_of
from documents.exports.manuscript import loaded
from documents.tests import bibliography_kit
from documents.tests import export_kit as kit

pytestmark = pytest.mark.any_stack


def test_a_word_file_says_what_the_document_says(tmp_path: Path) -> None:
    document, path = kit.manuscript(), tmp_path / "made.docx"
    word.write(document, path)
    found, wanted = kit.in_word(path), kit.wanted(document)
    assert found.words == wanted.words
    assert (found.headings, found.tables, found.notes) == (wanted.headings, wanted.tables, wanted.notes) == (6, 2, 4)
    assert kit.notes_of(path) == ["Виноска автора.", "Перша виноска.", "Перша виноска.", "A note in English."]
    listed = [one.text for one in docx.Document(str(path)).paragraphs if one.style and one.style.name == "Bibliography"]
    assert listed == [entry.text for entry in document.entries]
    assert len(listed) == flow.figures(document).references == 5


def test_a_pdf_says_what_the_document_says(tmp_path: Path) -> None:
    document, path = kit.manuscript(), tmp_path / "made.pdf"
    made = typesetting.write(document, path)
    found, wanted = kit.in_pdf(path), kit.wanted(document)
    assert found.words == wanted.words
    assert (found.headings, found.tables, found.notes) == (wanted.headings, wanted.tables, wanted.notes)
    assert all("".join(entry.text.split()) in found.letters for entry in document.entries)
    # Sections of the first level, the list and the appendix begin pages; title and contents come before.
    assert (made.pages, made.text_pages, made.is_tagged, made.standard) == (6, 2, True, "ua-1")
    assert typesetting.measure(document) == typesetting.Set(6, 2, is_tagged=False, standard="")


def test_a_cyrillic_sentence_is_found_by_a_search(tmp_path: Path) -> None:
    typesetting.write(kit.manuscript(), tmp_path / "made.pdf")
    file = pypdfium2.PdfDocument(tmp_path / "made.pdf")
    found = [file[number].get_textpage().search(kit.SENTENCE).get_next() for number in range(len(file))]
    file.close()
    assert [place is not None for place in found] == [False, False, True, False, False, False]


def test_a_pdf_has_title_language_outline_and_links(tmp_path: Path) -> None:
    typesetting.write(kit.manuscript(), tmp_path / "made.pdf")
    with pikepdf.open(tmp_path / "made.pdf") as pdf:
        assert str(pdf.Root.Lang) == "uk"
        assert bool(pdf.Root.MarkInfo.Marked)
        assert str(pdf.docinfo["/Title"]) == "Роса в степу"
        assert str(pdf.docinfo["/Author"]) == "Ганна Ґудзь"
        with pdf.open_outline() as outline:
            assert [item.title for item in outline.root] == [
                "1 Вступ",
                "2 Висновки",
                "Список використаних джерел",
                "Неперевірені джерела",
            ]
        assert sum(note["/Subtype"] == "/Link" for note in pdf.pages[1].get("/Annots", [])) >= 6


def test_a_peer_finds_nothing_that_bars_readers_from_a_pdf(tmp_path: Path) -> None:
    typesetting.write(kit.manuscript(), tmp_path / "made.pdf")
    report = pdfua.validate(str(tmp_path / "made.pdf"))
    assert [(found.rule_id, found.message) for found in report.findings] == []


def test_the_same_document_is_the_same_pdf(tmp_path: Path) -> None:
    for name in ("one.pdf", "two.pdf"):
        typesetting.write(kit.manuscript(), tmp_path / name)
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()


def test_a_word_file_sets_cyrillic_in_the_font_that_was_asked_for(tmp_path: Path) -> None:
    word.write(kit.manuscript(), tmp_path / "made.docx")
    styles = docx.Document(str(tmp_path / "made.docx")).styles
    for name in ("Normal", "Title", "Heading 1", "Heading 2", "Caption", "List Number"):
        fonts = styles[name].element.rPr.rFonts
        assert {fonts.get(qn(f"w:{script}")) for script in ("ascii", "hAnsi", "cs", "eastAsia")} == {"Times New Roman"}
        assert not [name for name in fonts.attrib if "Theme" in str(name)]


def test_a_word_file_has_fields_repeated_heads_and_a_language(tmp_path: Path) -> None:
    word.write(kit.manuscript(), tmp_path / "made.docx")
    file = docx.Document(str(tmp_path / "made.docx"))
    xml = file.element.xml
    assert "TOC \\o" in xml
    assert xml.count("w:tblHeader") == 2
    assert "PAGE" in file.sections[0].footer._element.xml
    assert file.settings.element.find(qn("w:updateFields")) is not None
    assert file.core_properties.language == "uk-UA"
    assert {node.get(qn("w:val")) for node in file.styles.element.iter(qn("w:lang"))} == {"uk-UA"}
    margins = file.sections[0]
    assert [round(side.mm) for side in (margins.left_margin, margins.right_margin)] == [30, 15]  # type: ignore[union-attr]
    lists: list[Any] = [one._p.pPr for one in file.paragraphs if one.style and one.style.name == "List Number"]
    numbers = [one.numPr.numId.val for one in lists]
    assert numbers[0] == numbers[1] != numbers[2] == numbers[3]  # the second list begins at 1 again


def test_parts_of_a_word_file_are_declared(tmp_path: Path) -> None:
    word.write(kit.manuscript(), tmp_path / "made.docx")
    with ZipFile(tmp_path / "made.docx") as archive:
        assert archive.testzip() is None
        assert "/word/footnotes.xml" in archive.read("[Content_Types].xml").decode()
        assert "footnotes.xml" in archive.read("word/_rels/document.xml.rels").decode()


def test_pandoc_reads_the_word_file(tmp_path: Path) -> None:
    pandoc = shutil.which("pandoc")
    if pandoc is None:
        pytest.skip("pandoc is not on this machine (Debian: apt-get install pandoc).")
    document = kit.manuscript()
    word.write(document, tmp_path / "made.docx")
    command = [pandoc, "-f", "docx", "-t", "json", str(tmp_path / "made.docx")]
    read = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
    kinds = list(_kinds(read["blocks"]))
    wanted = kit.wanted(document)
    assert [kinds.count(kind) for kind in ("Header", "Table", "Note")] == [
        wanted.headings,
        wanted.tables,
        wanted.notes,
    ]
    assert kinds.count("OrderedList") == 2


def _kinds(node: Any) -> Any:
    if isinstance(node, dict):
        yield node.get("t")
        yield from _kinds(list(node.values()))
    elif isinstance(node, list):
        for child in node:
            yield from _kinds(child)


def test_a_demo_says_so_on_every_page(tmp_path: Path) -> None:
    document = kit.manuscript(is_demo=True)
    typesetting.write(document, tmp_path / "made.pdf")
    word.write(document, tmp_path / "made.docx")
    notice = "Демонстрація: джерел цього документа не існує."
    file = pypdfium2.PdfDocument(tmp_path / "made.pdf")
    assert all(notice in file[number].get_textpage().get_text_range() for number in range(len(file)))
    file.close()
    section = docx.Document(str(tmp_path / "made.docx")).sections[0]
    assert notice == section.header.paragraphs[0].text == section.first_page_header.paragraphs[0].text


@pytest.mark.parametrize("columns", [2, 7, 12])
def test_a_wide_table_wraps_and_loses_nothing(columns: int, tmp_path: Path) -> None:
    long = "найдовшесловобезпробілів" * 3
    rows = [[f"{long}{row}" if column % 2 else "так" for column in range(columns)] for row in range(40)]
    table = {"kind": "table", "caption": "Широка", "header": [f"Показник {n}" for n in range(columns)], "rows": rows}
    document = compose(
        title="Таблиця", language="uk", sections=[kit.section("Дані", table)], layout=PRESETS["dstu-3008"]
    )
    typesetting.write(document, tmp_path / "made.pdf")
    word.write(document, tmp_path / "made.docx")
    file = pypdfium2.PdfDocument(tmp_path / "made.pdf")
    right = 0.0
    for number in range(len(file)):
        text = file[number].get_textpage()
        right = max([right, *(text.get_charbox(place)[2] for place in range(text.count_chars()))])
    file.close()
    assert right <= (210 - 15) / 25.4 * 72 + 1
    # A letter that no heading has: a row may end on the next page, in the middle of a word.
    assert kit.in_pdf(tmp_path / "made.pdf").letters.count("ш") == sum(cell.count("ш") for row in rows for cell in row)
    assert len(docx.Document(str(tmp_path / "made.docx")).tables[0].rows) == 41


@pytest.mark.parametrize("language", sorted(LOCALES))
def test_every_language_of_documents_is_set(language: str, tmp_path: Path) -> None:
    sections = [
        kit.section("Ä title", kit.paragraph({"t": "Żółć, říše, été, niño, größer, їжак.", "c": [{"s": "S1", "n": 1}]}))
    ]
    document = compose(title="T", language=language, sections=sections, references=bibliography_kit.WORKS)
    assert typesetting.write(document, tmp_path / "made.pdf").standard == "ua-1"
    assert kit.in_pdf(tmp_path / "made.pdf").words == kit.wanted(document).words
    word.write(document, tmp_path / "made.docx")
    assert kit.in_word(tmp_path / "made.docx").words == kit.wanted(document).words


def test_a_mark_without_its_source_makes_no_document() -> None:
    sections = [kit.section("A", kit.paragraph({"t": "It rains.", "c": [{"s": "S1", "n": 1}]}))]
    with pytest.raises(UnknownReference, match=r"There is no reference S1\."):
        compose(title="T", language="en", sections=sections)


def test_a_document_crosses_a_process_as_it_was() -> None:
    document = kit.manuscript(style="apa")
    assert loaded(json.loads(json.dumps(dumped(document)))) == document


def test_an_empty_document_is_a_file(tmp_path: Path) -> None:
    document = compose(title="\u202e", language="en", sections=[])
    assert typesetting.write(document, tmp_path / "made.pdf").text_pages == 0
    word.write(document, tmp_path / "made.docx")
    assert docx.Document(str(tmp_path / "made.docx")).paragraphs


def test_a_layout_is_a_preset_with_changes() -> None:
    assert layout_of({}) == Layout()
    assert layout_of({"preset": "dstu-3008"}) == Layout(size=14, margins=Margins(30, 15, 20, 20), new_pages=True)
    assert layout_of({"preset": "apa", "size": 11, "margins": {"left": 40}}).margins == Margins(40, 25.4, 25.4, 25.4)


@pytest.mark.parametrize(
    ("stored", "sentence"),
    [
        ({"preset": "mla"}, "The preset is one of: dstu-3008, apa, university."),
        ({"size": 90}, "The size is between 8 and 20."),
        ({"font": "Wingdings"}, "The font is one of: Times New Roman, Arial."),
        ({"margins": {"left": 200}}, "The margin left is between 5 and 60."),
        ({"colour": "red"}, "A layout has no colour."),
        ({"spacing": "wide"}, "Input should be a valid number, unable to parse string as a number"),
    ],
)
def test_a_layout_that_no_page_has_is_refused(stored: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=regex.escape(sentence)):
        layout_of(stored)
