"""A book split into parts and joined again: what another library finds in both must be the same."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest

from core.files.children import Children
from core.files.errors import PdfQueueFull
from translation import errors
from translation import paging
from translation.books.parts import even
from translation.tests.books.making import facts
from translation.tests.books.making import make_blank
from translation.tests.books.making import make_book

pytestmark = pytest.mark.any_stack


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_book(tmp_path_factory.mktemp("book") / "book.pdf")


@pytest.mark.parametrize(
    ("pages", "sizes"),
    [(600, [50] * 12), (101, [34, 34, 33]), (50, [50]), (51, [26, 25]), (1, [1]), (0, [])],
)
def test_parts_are_even(pages: int, sizes: list[int]) -> None:
    assert even(pages) == sizes


def test_every_number_of_pages_comes_out_in_as_few_parts_as_may_be() -> None:
    for pages in range(1, 2001):
        sizes = even(pages)
        assert (sum(sizes), max(sizes) <= 50, max(sizes) - min(sizes) <= 1) == (pages, True, True)
        assert (len(sizes) - 1) * 50 < pages


def test_a_book_split_and_joined_leads_where_it_led(book: Path, tmp_path: Path) -> None:
    before = facts(book)
    split = paging.split(book, even(39, 10), tmp_path)
    assert [facts(part)["pages"] for part in split.parts] == [10, 10, 10, 9]
    assert (split.links, len(split.titles), split.warnings) == (24, 24, ("tags_lost",))
    assert paging.merge(split.parts, split.harvest, tmp_path / "whole.pdf") == ("tags_lost",)
    assert facts(tmp_path / "whole.pdf") == before
    assert (before["labels"][2:4], before["outside"]) == (["iii", "1"], 12)


def test_titles_and_language_are_the_translations(book: Path, tmp_path: Path) -> None:
    split = paging.split(book, [39], tmp_path)
    # More than a command line takes.
    titles = {index: f"Назва {index} " + "ї" * 900 for index in range(23)}
    paging.merge(split.parts, split.harvest, tmp_path / "whole.pdf", titles=titles, language="uk")
    found = [title for _, title, _ in facts(tmp_path / "whole.pdf")["outline"]]
    assert found == [*titles.values(), split.titles[23]]
    with pikepdf.open(tmp_path / "whole.pdf") as pdf:
        assert pdf.Root.Lang == "uk"


def test_the_same_parts_give_the_same_bytes(book: Path, tmp_path: Path) -> None:
    """Who was killed before noting what was made makes the same again."""
    made = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        split = paging.split(book, even(39, 20), folder)
        paging.merge(split.parts, split.harvest, folder / "whole.pdf")
        made.append([path.read_bytes() for path in (*split.parts, split.harvest, folder / "whole.pdf")])
    assert made[0] == made[1]


def test_a_part_that_came_back_longer_is_led_into_in_proportion(book: Path, tmp_path: Path) -> None:
    split = paging.split(book, [13, 13, 13], tmp_path)
    longer = tmp_path / "longer.pdf"
    with pikepdf.open(split.parts[1]) as pdf, pikepdf.new() as out:
        for page in pdf.pages:  # every page became two
            out.pages.append(page)
            out.add_blank_page()
        out.save(longer)
    whole = tmp_path / "whole.pdf"
    warnings = paging.merge([split.parts[0], longer, split.parts[2]], split.harvest, whole)
    assert warnings == ("tags_lost", "pages_moved")

    def moved(page: int) -> set[int]:
        """The page itself, or what became of its lower half."""
        if page < 13:
            return {page}
        return {page + 13} if page >= 26 else {13 + 2 * (page - 13), 14 + 2 * (page - 13)}

    before, after = facts(book), facts(whole)
    assert after["pages"] == 52
    assert len(after["links"]) == len(before["links"])
    assert all(
        page in moved(old) for (_, _, old), (_, _, page) in zip(before["outline"], after["outline"], strict=True)
    )
    assert all(target is not None for _, target in after["links"])


def test_links_through_names_are_found_in_both_kinds_of_tables(tmp_path: Path) -> None:
    """By a string in a tree of names, by a name in the old table, straight, and by a number, which some write."""
    source = make_blank(tmp_path / "names.pdf", 6)
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pages = [page.obj for page in pdf.pages]
        tree = pikepdf.NameTree.new(pdf)
        tree["так"] = pikepdf.Dictionary(D=pikepdf.Array([pages[5], pikepdf.Name.XYZ, 0, 100, None]))
        pdf.Root.Names = pikepdf.Dictionary(Dests=tree.obj)
        pdf.Root.Dests = pikepdf.Dictionary(old=pikepdf.Array([pages[4], pikepdf.Name.Fit]))
        goals = [pikepdf.String("так"), pikepdf.Name.old, pikepdf.Array([pages[3], pikepdf.Name.Fit]), None]
        goals += [pikepdf.Array([2, pikepdf.Name.FitH, 9]), pikepdf.String("nowhere"), pikepdf.Array([])]
        pdf.pages[0].obj.Annots = pikepdf.Array(
            [
                pikepdf.Dictionary(
                    Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=pikepdf.Dictionary(S=pikepdf.Name.GoTo, D=goal)
                )
                for goal in goals
                if goal is not None
            ]
        )
        pdf.save(source)
    split = paging.split(source, [3, 3], tmp_path)
    assert split.links == 4
    paging.merge(split.parts, split.harvest, tmp_path / "whole.pdf")
    assert facts(tmp_path / "whole.pdf")["links"] == [(0, 2), (0, 3), (0, 4), (0, 5)]


def test_what_acts_by_itself_does_not_come_through(tmp_path: Path) -> None:
    source = make_blank(tmp_path / "acts.pdf", 2)
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pdf.Root.OpenAction = script
        tree = pikepdf.NameTree.new(pdf)
        tree["a"] = script
        pdf.Root.Names = pikepdf.Dictionary(JavaScript=tree.obj)
        pdf.pages[0].obj.AA = pikepdf.Dictionary(O=script)
        for action in (script, pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("calc.exe"))):
            note = pikepdf.Dictionary(
                Subtype=pikepdf.Name.Text, Rect=[0, 0, 9, 9], A=action, AA=pikepdf.Dictionary(U=script)
            )
            pdf.pages[1].obj.Annots = pikepdf.Array([note])
        pdf.save(source)
    assert paging.inspect(source).warnings == ("has_scripts",)
    split = paging.split(source, [2], tmp_path)
    paging.merge(split.parts, split.harvest, tmp_path / "whole.pdf")
    for made in (*split.parts, tmp_path / "whole.pdf"):
        with pikepdf.open(made) as pdf:
            text = b"".join(bytes(item.unparse(resolved=True)) for item in pdf.objects)
        assert not any(word in text for word in (b"JavaScript", b"alert", b"Launch", b"calc", b"/AA", b"OpenAction"))
        assert b"/Text" in text


def test_a_third_file_waits_and_is_then_told_to_come_again(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = Children("nobody.py", at_once=0, wait=0)
    monkeypatch.setattr(paging, "_children", places)
    with pytest.raises(PdfQueueFull):
        paging.inspect(book)


def test_a_picture_is_a_page(book: Path, tmp_path: Path) -> None:
    paging.picture(book, 3, tmp_path / "page.png")
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="39 pages"):
        paging.picture(book, 39, tmp_path / "none.png")
    (tmp_path / "none.pdf").write_bytes(b"%PDF-1.7 nothing")
    with pytest.raises(errors.FileUnreadable):
        paging.picture(tmp_path / "none.pdf", 0, tmp_path / "none.png")
