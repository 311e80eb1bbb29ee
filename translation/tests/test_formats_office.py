"""DOCX, PPTX and XLSX in place, as read by libraries that nobody here wrote."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pptx
import pytest
import xlsxwriter
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import RGBColor
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from openpyxl.cell.rich_text import TextBlock
from openpyxl.chart import BarChart
from openpyxl.chart import Reference
from openpyxl.comments import Comment
from openpyxl.worksheet.table import Table
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from translation import formats
from translation.formats import base
from translation.formats import runs
from translation.tests.formats_kit import demo
from translation.tests.formats_kit import moved
from translation.tests.formats_kit import texts
from translation.tests.formats_kit import translated

pytestmark = pytest.mark.any_stack


def _saved(document: Any, path: Path) -> Path:
    document.save(str(path))
    return path


def _runs(paragraph: Any) -> list[tuple[str, bool | None, bool | None]]:
    return [(run.text, run.bold, run.italic) for run in paragraph.runs]


def test_a_name_is_not_torn_and_each_word_keeps_its_look(tmp_path: Path) -> None:
    """github.com/MicrosoftTranslator/DocumentTranslator-Legacy/issues/91: that very sentence."""
    document = docx.Document()
    paragraph = document.add_paragraph("My name ")
    paragraph.add_run("is").bold = True
    paragraph.add_run(" Mich")
    paragraph.add_run("ael")  # in one look, cut as Word does
    path = _saved(document, tmp_path / "a.docx")

    assert texts(formats.extract(path, "docx")) == ["My name ⟦1⟧is⟦/1⟧ Michael"]

    back = docx.Document(str(translated(path, "docx")))
    assert _runs(back.paragraphs[0]) == [("MICHAEL ", None, None), ("IS", True, None), (" NAME MY", None, None)]


def test_runs_links_breaks_and_formulas_come_through(tmp_path: Path) -> None:
    """github.com/python-openxml/python-docx/issues/415 and 1038."""
    document = docx.Document()
    paragraph = document.add_paragraph("Water is H")
    paragraph.add_run("2").font.subscript = True
    paragraph.add_run("O, ")
    red = paragraph.add_run("red words")
    red.italic, red.font.color.rgb = True, RGBColor(255, 0, 0)
    paragraph.add_run(" and\tmore,\nsee ")
    _add_link(document, paragraph, "this page")
    paragraph.add_run(" ⟦1⟧.")
    path = _saved(document, tmp_path / "a.docx")

    found = formats.extract(path, "docx")
    assert texts(found) == ["Water is ⟦x1/⟧, ⟦2⟧red words⟦/2⟧ and⟦x3/⟧more,⟦x4/⟧see ⟦5⟧this page⟦/5⟧ ⟦x6/⟧1⟦x7/⟧."]

    back = docx.Document(str(translated(path, "docx", demo))).paragraphs[0]
    assert back.text == "⟪uk⟫ Water is H2O, red words and\tmore,\nsee this page ⟦1⟧."
    assert [run.text for run in back.runs if run.font.subscript] == ["2"]
    assert [run.text for run in back.runs if run.font.color.rgb == RGBColor(255, 0, 0) and run.italic] == ["red words"]
    assert [(link.text, link.address) for link in back.hyperlinks] == [("this page", "https://example.org/")]


def _add_link(document: Any, paragraph: Any, words: str) -> None:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), document.part.relate_to("https://example.org/", kind, is_external=True))
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = words
    run.append(text)
    link.append(run)
    paragraph._p.append(link)


def _xml(paragraph: Any, inner: str) -> None:
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    extra = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    for child in docx.oxml.parse_xml(f"<w:p {space} {extra}>{inner}</w:p>"):
        paragraph._p.append(child)


_FIELD = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>{}</w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>{}</w:t></w:r>'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
)


@pytest.mark.parametrize(
    ("inner", "source", "protected"),
    [
        (_FIELD.format(" PAGEREF _Toc1 ", "page five"), "Before ⟦x1/⟧ after", len("page five")),
        (_FIELD.format(' HYPERLINK "x" ', "a link"), "Before ⟦x1/⟧a link⟦x2/⟧ after", 0),
        ('<w:fldSimple w:instr="DATE"><w:r><w:t>today</w:t></w:r></w:fldSimple>', "Before ⟦x1/⟧ after", 5),
        ("<w:del><w:r><w:delText>gone</w:delText></w:r></w:del>", "Before  after", 0),
        ("<w:moveFrom><w:r><w:t>gone</w:t></w:r></w:moveFrom>", "Before  after", 4),
        ("<w:ins><w:r><w:t>new</w:t></w:r></w:ins>", "Before ⟦1⟧new⟦/1⟧ after", 0),
        (
            "<w:sdt><w:sdtPr/><w:sdtContent><w:r><w:t>x y</w:t></w:r></w:sdtContent></w:sdt>",
            "Before ⟦1⟧x y⟦/1⟧ after",
            0,
        ),
        (
            '<w:bookmarkStart w:id="1" w:name="b"/><w:r><w:t>it</w:t></w:r><w:bookmarkEnd w:id="1"/>',
            "Before it after",
            0,
        ),
        ("<w:r><w:lastRenderedPageBreak/><w:t>it</w:t></w:r><w:proofErr/>", "Before it after", 0),
    ],
)
def test_what_is_no_text_stays_where_its_words_are(tmp_path: Path, inner: str, source: str, protected: int) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Before ")
    _xml(paragraph, inner)
    paragraph.add_run(" after")
    path = _saved(document, tmp_path / "a.docx")

    found = formats.extract(path, "docx")
    assert (texts(found), found.protected) == ([source], protected)

    with zipfile.ZipFile(translated(path, "docx", demo)) as archive:
        body = archive.read("word/document.xml").decode()
    dropped = {"w:t", "w:r", "w:proofErr", "w:lastRenderedPageBreak"}
    for tag in set(re.findall(r"<(w:\w+)", inner)) - dropped:
        assert len(re.findall(rf"<{tag}\b", body)) == len(re.findall(rf"<{tag}\b", inner)), tag
    assert "⟪uk⟫ Before" in body
    assert formats.extract(tmp_path / "translated.docx", "docx").protected == protected


def test_a_text_box_is_translated_once_and_written_twice(tmp_path: Path) -> None:
    """Older programs show what stands beside the shape: the same words once more, which nobody pays for."""
    box = "<w:r><mc:AlternateContent><mc:Choice>{}</mc:Choice><mc:Fallback>{}</mc:Fallback></mc:AlternateContent></w:r>"
    inside = "<w:txbxContent><w:p><w:r><w:t>In the box</w:t></w:r></w:p></w:txbxContent>"
    document = docx.Document()
    _xml(document.add_paragraph("Around "), box.format(inside, inside))
    path = _saved(document, tmp_path / "a.docx")

    found = formats.extract(path, "docx")
    assert (texts(found), found.characters) == (["Around", "In the box"], len("AroundIn the box"))

    with zipfile.ZipFile(translated(path, "docx", demo)) as archive:
        assert archive.read("word/document.xml").decode().count("⟪uk⟫ In the box") == 2


def test_headers_tables_notes_both_languages_and_the_note(tmp_path: Path) -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "The header"
    document.add_heading("A heading", 1)
    document.add_paragraph("An item", style="List Bullet")
    document.add_table(1, 1).cell(0, 0).text = "A cell"
    document.add_paragraph("3.14")
    path = _saved(document, tmp_path / "a.docx")

    found = formats.extract(path, "docx")
    assert [(one.kind, one.text) for one in found.segments] == [
        ("heading", "A heading"),
        ("item", "An item"),
        ("cell", "A cell"),
        ("paragraph", "The header"),
    ]
    assert found.protected == len("3.14")

    back = docx.Document(str(translated(path, "docx", demo, note="A sample", both=True)))
    assert [one.text for one in back.paragraphs] == [
        "A sample",
        "A heading",
        "⟪uk⟫ A heading",
        "An item",
        "⟪uk⟫ An item",
        "3.14",
    ]
    assert [one.text for one in back.sections[0].header.paragraphs] == ["The header", "⟪uk⟫ The header"]
    assert [one.text for one in back.tables[0].cell(0, 0).paragraphs] == ["A cell", "⟪uk⟫ A cell"]


_WORDS = st.lists(
    st.tuples(st.sampled_from(["one ", "two", " three ", "4", "\t", "\n", " ", "п'ять "]), st.integers(0, 3)),
    max_size=8,
)


@settings(max_examples=12)
@given(_WORDS)
def test_whatever_the_runs_are_each_word_keeps_its_look(tmp_path_factory: pytest.TempPathFactory, words: Any) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph()
    for text, look in words:
        run = paragraph.add_run(text)
        run.bold, run.italic = bool(look & 1) or None, bool(look & 2) or None
    path = _saved(document, tmp_path_factory.mktemp("runs") / "a.docx")

    back = docx.Document(str(translated(path, "docx"))).paragraphs[0]
    assert _letters(back) == _letters(paragraph)
    assert [back.text.count(space) for space in "\t\n"] == [paragraph.text.count(space) for space in "\t\n"]


def _letters(paragraph: Any) -> list[tuple[str, bool | None, bool | None]]:
    """Each letter with its look, whatever the order of the words."""
    return sorted(
        ((char.upper(), run.bold, run.italic) for run in paragraph.runs for char in run.text if not char.isspace()),
        key=repr,
    )


def test_a_paragraph_that_a_reader_forgets_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the inventory: github.com/yihong0618/bilingual_book_maker/issues/440, where lists were skipped."""
    document = docx.Document()
    document.add_paragraph("Seen")
    document.add_paragraph("Forgotten", style="List Bullet")
    path = _saved(document, tmp_path / "a.docx")
    monkeypatch.setattr("translation.formats.ooxml.paragraphs", lambda root: list(root.iter("{*}p"))[:1])

    with pytest.raises(formats.Unreadable, match="inventory"):
        formats.extract(path, "docx")
    with pytest.raises(formats.Unreadable, match="inventory"):
        formats.merge(path, "docx", {}, tmp_path / "b.docx", language="uk")
    assert not (tmp_path / "b.docx").exists()


def test_slides_notes_charts_and_what_only_prompts(tmp_path: Path) -> None:
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text = "The title"
    frame = slide.placeholders[1].text_frame
    frame.text = "Plain and "
    frame.paragraphs[0].add_run().text = "bold"
    frame.paragraphs[0].runs[1].font.bold = True
    slide.notes_slide.notes_text_frame.text = "To be said"
    data = CategoryChartData()  # type: ignore[no-untyped-call]
    data.categories = ["East", "West"]
    data.add_series("Sales", (1, 2))  # type: ignore[no-untyped-call]
    where = (Inches(1), Inches(1), Inches(4), Inches(3))
    chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *where, data).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "A chart"
    path = _saved(show, tmp_path / "a.pptx")

    found = formats.extract(path, "pptx")
    assert [(one.kind, one.text) for one in found.segments] == [
        ("heading", "The title"),
        ("paragraph", "Plain and ⟦1⟧bold⟦/1⟧"),
        ("caption", "A chart"),
        ("paragraph", "To be said"),
    ]

    back = pptx.Presentation(str(translated(path, "pptx", note="A sample"))).slides[0]
    assert back.shapes.title.text == "A sample TITLE THE"
    assert [(run.text, run.font.bold) for run in back.placeholders[1].text_frame.paragraphs[0].runs] == [
        ("BOLD", True),
        (" AND PLAIN", None),
    ]
    assert back.notes_slide.notes_text_frame.text == "SAID BE TO"
    assert _other_parts(path) == _other_parts(tmp_path / "translated.pptx")


def _other_parts(path: Path) -> dict[str, bytes]:
    """All that has no words of the presentation in it."""
    with zipfile.ZipFile(path) as archive:
        changed = re.compile(r"ppt/(slides/slide|notesSlides/notesSlide|charts/chart)\d+\.xml")
        return {name: archive.read(name) for name in archive.namelist() if not changed.fullmatch(name)}


def _book(path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Data"
    sheet.append(["Name", "Value"])
    sheet.append(["A plain cell", 3.5])
    sheet["A3"] = "=SUM(B2:B2)"
    sheet["A2"].comment = Comment("A remark", "somebody")
    sheet["D1"], sheet["D2"], sheet["E1"] = "Head", "inside", "Other"
    sheet.add_table(Table(displayName="T", ref="D1:E3"))
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=2), titles_from_data=True)
    sheet.add_chart(chart, "G2")
    return _saved(book, path)


def test_strings_are_replaced_and_nothing_else_is_written(tmp_path: Path) -> None:
    """github.com/exceljs/exceljs/issues/2607: charts were gone after saving."""
    path = _book(tmp_path / "a.xlsx")

    found = formats.extract(path, "xlsx")
    assert texts(found) == ["Name", "Value", "A plain cell", "inside", "A remark"]
    assert found.warnings == ("table_heads_kept",)

    to = translated(path, "xlsx", demo)
    sheet = openpyxl.load_workbook(to)["Data"]
    assert [sheet[cell].value for cell in ("A1", "A2", "B2", "A3", "D1", "D2", "E1")] == [
        "⟪uk⟫ Name",
        "⟪uk⟫ A plain cell",
        3.5,
        "=SUM(B2:B2)",
        "Head",
        "⟪uk⟫ inside",
        "Other",
    ]
    assert sheet["A2"].comment.text == "⟪uk⟫ A remark"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to) as new:
        assert old.namelist() == new.namelist()
        same = {name for name in old.namelist() if old.read(name) == new.read(name)}
    assert {name for name in new.namelist() if name not in same} == {
        "xl/worksheets/sheet1.xml",  # where openpyxl puts the strings
        "xl/comments/comment1.xml",
    }
    assert "xl/charts/chart1.xml" in same


def test_shared_and_rich_strings_and_a_text_box(tmp_path: Path) -> None:
    """Loaded and saved by openpyxl, the box would be gone."""
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Data")
    sheet.write_rich_string(0, 0, "plain and ", book.add_format({"bold": True}), "bold")
    sheet.write(1, 0, "A cell")
    sheet.insert_textbox(4, 3, "A text box")
    book.close()

    assert texts(formats.extract(path, "xlsx")) == ["plain and ⟦1⟧bold⟦/1⟧", "A cell", "A text box"]

    to = translated(path, "xlsx")
    rich = openpyxl.load_workbook(to, rich_text=True)["Data"]["A1"].value
    assert [(str(part), isinstance(part, TextBlock) and bool(part.font.b)) for part in rich] == [
        ("BOLD", True),
        (" AND PLAIN", False),
    ]
    with zipfile.ZipFile(to) as archive:
        assert b"BOX TEXT A" in archive.read("xl/drawings/drawing1.xml")


def test_both_languages_stand_in_one_cell(tmp_path: Path) -> None:
    to = translated(_book(tmp_path / "a.xlsx"), "xlsx", demo, both=True)
    assert openpyxl.load_workbook(to)["Data"]["A1"].value == "Name\n⟪uk⟫ Name"


def test_a_document_without_words_comes_out_byte_for_byte(tmp_path: Path) -> None:
    path = _saved(docx.Document(), tmp_path / "a.docx")
    to = translated(path, "docx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to) as new:
        assert {name: old.read(name) for name in old.namelist()} == {name: new.read(name) for name in new.namelist()}


def test_translations_that_do_not_fit_lose_no_word(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("One ")
    paragraph.add_run("two").bold = True
    paragraph.add_run("\tthree")
    path = _saved(document, tmp_path / "a.docx")

    back = docx.Document(str(translated(path, "docx", lambda _: "⟦1⟧Один\x00 ⟦x7/⟧два\ud800"))).paragraphs[0]
    assert back.text == "Один два\t"


def test_a_line_of_runs_says_what_it_holds() -> None:
    line: runs.Line[str] = runs.Line([runs.Piece("  42 ", "a", ["r"]), runs.Piece("—", "b", ["s"])])
    assert (line.text, line.whole) == ("", "  42 —")
    assert not base.has_words("3.14 — №")
    assert moved("a ⟦1⟧b⟦/1⟧ ⟦x2/⟧") == "⟦x2/⟧ ⟦1⟧B⟦/1⟧ A"
