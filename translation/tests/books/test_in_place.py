"""A PDF translated where its words stand, read back by another library."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from translation import markers
from translation import paging
from translation.books.blocks import clean
from translation.tests.books.making import facts
from translation.tests.books.making import make_blank
from translation.tests.books.making import make_book
from translation.tests.books.making import set_pages

pytestmark = pytest.mark.any_stack

PAGE = """
= Long ago
The *bold* fox and the _quiet_ dog went `home` over the hills, and nobody who saw them that day could say what they
were looking for, or whether they had found it at last.

#rect(fill: red, width: 30pt, height: 20pt)
#table(columns: 2, [Name], [Value], [Anna], [3.50])
#rotate(90deg)[Sideways]
"""


def _text(path: Path, page: int = 0) -> str:
    with pypdfium2.PdfDocument(path) as document:
        return " ".join(document[page].get_textpage().get_text_range().split())


def _objects(path: Path, page: int = 0) -> dict[str, int]:
    """How many paths and pictures are drawn on a page."""
    with pikepdf.open(path) as pdf:
        names = [str(item.operator) for item in pikepdf.parse_content_stream(pdf.pages[page])]
    return {name: names.count(name) for name in ("f", "re", "S", "l")}


def test_words_change_and_the_rest_stays(tmp_path: Path) -> None:
    source = set_pages(tmp_path / "a.pdf", PAGE)
    found = paging.extract(source)
    texts = {segment.text: segment for segment in found.segments if segment.kind != "title"}
    sentence = next(text for text in texts if "fox" in text)
    assert sentence.startswith("The ⟦1⟧bold⟦/1⟧ fox and the ⟦2⟧quiet⟦/2⟧ dog went ⟦3⟧home⟦/3⟧ over the hills")
    assert {segment.kind for text, segment in texts.items() if "Long" in text} == {"heading"}
    assert "Sideways" not in "".join(texts)
    targets = {
        segment.number: "Давно колись" if "Long" in text else "Ганна" if text == "Anna" else text
        for text, segment in texts.items()
    }
    targets[texts[sentence].number] = "⟦2⟧Тихий⟦/2⟧ пес та ⟦1⟧сміливий⟦/1⟧ лис пішли ⟦3⟧додому⟦/3⟧ через гори."
    paging.fill(source, targets, tmp_path / "b.pdf", language="uk", note="Demo.")
    after = _text(tmp_path / "b.pdf")
    for words in ("Давно колись", "Тихий пес та сміливий лис пішли додому через гори.", "Ганна", "Demo."):
        assert words in after
    assert not any(word in after for word in ("Long", "fox", "hills", "Anna"))
    assert "3.50" in after
    assert _objects(tmp_path / "b.pdf") == _objects(source)
    with pikepdf.open(tmp_path / "b.pdf") as pdf:
        assert pdf.Root.Lang == "uk"


def test_what_is_not_translated_is_drawn_as_it_was(tmp_path: Path) -> None:
    source = set_pages(tmp_path / "a.pdf", PAGE)
    paging.fill(source, {}, tmp_path / "b.pdf", language="uk")
    assert _text(tmp_path / "b.pdf") == _text(source)


def test_a_line_of_contents_keeps_its_number_and_its_page(tmp_path: Path) -> None:
    body = '#outline()\n#set heading(numbering: "1.1")\n#pagebreak()\n= First things\n#pagebreak()\n= Last things\n'
    source = set_pages(tmp_path / "a.pdf", body)
    found = paging.extract(source)
    assert [segment.text for segment in found.segments if segment.place == "page 1"] == [
        "Contents",
        "First things",
        "Last things",
    ]
    targets = {segment.number: segment.text.replace("things", "речі") for segment in found.segments}
    paging.fill(source, targets, tmp_path / "b.pdf", language="uk")
    text = _text(tmp_path / "b.pdf")
    first, last = text.index("First речі"), text.index("Last речі")
    assert ".." in text[first:last].replace(" ", "") and "2" in text[first:last] and "3" in text[last:]


def test_a_book_keeps_links_outline_and_labels_and_its_titles_are_translated(tmp_path: Path) -> None:
    source = make_book(tmp_path / "book.pdf", chapters=18)  # more than one part
    found = paging.extract(source)
    assert len(found.segments) == found.segments[-1].number
    targets = {segment.number: segment.text.replace("Розділ", "Глава") for segment in found.segments}
    paging.fill(source, targets, tmp_path / "b.pdf", language="uk")
    before, after = facts(source), facts(tmp_path / "b.pdf")
    assert after["outline"] == [
        (level, title.replace("Розділ", "Глава"), page) for level, title, page in before["outline"]
    ]
    assert {name: after[name] for name in after if name != "outline"} == {
        name: before[name] for name in before if name != "outline"
    }
    assert "Глава 18" in _text(tmp_path / "b.pdf", 3 + 17 * 3)


def test_a_text_twice_as_long_is_smaller_and_whole(tmp_path: Path) -> None:
    source = set_pages(
        tmp_path / "a.pdf", "Short words here, and some more of them, so that there are two lines of them."
    )
    segment = paging.extract(source).segments[0]
    longer = "Дуже довгий переклад коротких слів. " * 4
    paging.fill(source, {segment.number: longer}, tmp_path / "b.pdf", language="uk")
    assert _text(tmp_path / "b.pdf").replace("- ", "") == longer.strip()


def test_a_turned_page_is_set_upright(tmp_path: Path) -> None:
    source = set_pages(tmp_path / "a.pdf", "Words that are turned.")
    for turn in (90, 180, 270):
        with pikepdf.open(source) as pdf:
            pdf.pages[0].obj.Rotate = turn
            pdf.save(tmp_path / "turned.pdf")
        segments = paging.extract(tmp_path / "turned.pdf").segments
        assert segments == ()  # its letters stand sideways to who reads, and stay so


def test_hidden_text_under_a_scan_is_left_alone(tmp_path: Path) -> None:
    source = set_pages(tmp_path / "a.pdf", "Recognised words.")
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        picture = pikepdf.Stream(pdf, b"\x80")
        picture.update({"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image, "/Width": 1, "/Height": 1})
        picture.ColorSpace, picture.BitsPerComponent = pikepdf.Name.DeviceGray, 8
        page = pdf.pages[0]
        page.add_resource(picture, pikepdf.Name.XObject, pikepdf.Name.Scan)
        page.contents_add(b"q 420 0 0 595 0 0 cm /Scan Do Q", prepend=True)
        pdf.save(source)
    found = paging.extract(source)
    assert (found.segments, found.warnings) == ((), ("pages_are_pictures",))


@pytest.mark.parametrize(
    "text",
    [
        "\u202eback\u0301\u2028ward\u202c",
        "nul \x00 and \ud800 half",
        '"quoted" \\ #let x = read("/etc/passwd")',
        "ﬁ ⟦9⟧torn⟦/8⟧ ⟦x7/⟧",
        "\ufffe\uffff" * 20,
        "слово" * 400,
        "",
    ],
)
def test_no_text_ends_the_process(text: str, tmp_path: Path) -> None:
    """A right-to-left override beside an accent and the end of a line makes typst end itself."""
    source = set_pages(tmp_path / "a.pdf", "Some words to be replaced.")
    target = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    warnings = paging.fill(source, {1: target}, tmp_path / "b.pdf", language="uk")
    assert warnings == ("tags_lost",)
    shown = "".join(_text(tmp_path / "b.pdf").split()).replace("\ufffe", "")
    assert "passwd:" not in shown
    assert "replaced" not in shown


def test_cleaning_drops_what_has_no_shape() -> None:
    assert clean("a\u202eb\u0301\u2028\x00\ud800\ufeffc") == "ab\u0301c"
    assert clean("e\u0301") == "é"


def test_a_script_without_a_font_is_named(tmp_path: Path) -> None:
    source = set_pages(tmp_path / "a.pdf", "Some words.")
    number = paging.extract(source).segments[0].number
    assert "letters_without_font" in paging.fill(source, {number: "漢字"}, tmp_path / "b.pdf", language="zh")
    assert "both_left_out" in paging.fill(source, {number: "Слова."}, tmp_path / "b.pdf", language="uk", both=True)


def test_blank_pages_are_no_obstacle(tmp_path: Path) -> None:
    source = make_blank(tmp_path / "a.pdf", 2)
    assert paging.extract(source).segments == ()
    assert paging.fill(source, {}, tmp_path / "b.pdf", language="uk") == ()
    assert facts(tmp_path / "b.pdf")["pages"] == 2
    assert markers.fits("", "") == ()
