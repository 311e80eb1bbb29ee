"""What is said of a PDF before anybody pays: and of hostile ones, a sentence."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest

from translation import errors
from translation import paging
from translation.books.inspecting import is_garbled
from translation.tests.books.making import make_blank
from translation.tests.books.making import set_pages

pytestmark = pytest.mark.any_stack


def test_pages_and_characters_are_counted(tmp_path: Path) -> None:
    """Code points: a letter outside the first plane is one."""
    path = set_pages(tmp_path / "a.pdf", "Добрий день.\n\n𝛼 = 1\n#pagebreak()\n#pagebreak()\nOne two  three.")
    seen = paging.inspect(path)
    assert (seen.pages, seen.by_page, seen.characters) == (3, (18, 0, 14), 32)
    assert (seen.empty_pages, seen.has_text, seen.is_garbled, seen.warnings) == (
        1,
        True,
        False,
        ("pages_without_text",),
    )
    assert seen.sample.startswith("Добрий день.")


def test_pages_that_are_pictures_have_no_text(tmp_path: Path) -> None:
    seen = paging.inspect(make_blank(tmp_path / "scan.pdf", 3))
    assert (seen.has_text, seen.characters, seen.empty_pages, seen.sample) == (False, 0, 3, "")


def _without_tables(path: Path) -> Path:
    """The same pages, whose fonts no longer say which letters they draw."""
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        for item in pdf.objects:
            if isinstance(item, pikepdf.Dictionary) and "/ToUnicode" in item:
                del item["/ToUnicode"]
        pdf.save(path)
    return path


def test_a_text_without_tables_of_letters_is_garbled(tmp_path: Path) -> None:
    path = set_pages(tmp_path / "a.pdf", "Це текст, який видно, але скопіювати його не можна. " * 20)
    assert not paging.inspect(path).is_garbled
    assert paging.inspect(_without_tables(path)).is_garbled


@pytest.mark.parametrize(
    ("text", "garbled"),
    [
        ("Звичайний текст з іменами NASA та Kyiv і числом 3,14.", False),
        ("Où êtes-vous ? À l'école, là-bas, déjà très tôt, hélas.", False),
        ("Được rồi, tôi sẽ đến đó vào ngày mai nếu trời không mưa.", False),
        ("x² + y² = z², ∀ε>0 ∃δ: |f(x) − f(a)| < ε", False),
        ("Äîáðèé äåíü, øàíîâíà ïàí³! Öå ëèñò â³ä áàíêó.", True),
        ("Пpивeт, кaк дeлa? Этo плoxoй тeкcт c лaтинскими буквaми", True),
        ("\ue001\ue002\ue003\ue004 \ue005\ue006 \ue007\ue008", True),
        ("!\"#$ %&'( )*+, -./: ;<=> " * 12, True),
        ("1 234,50 12.10.2026 №4 (56) 7/8", False),
        ("", False),
    ],
)
def test_garbled_texts_are_told_from_strange_ones(text: str, garbled: bool) -> None:
    assert is_garbled(text) is garbled


def test_a_password_is_asked_for_only_where_one_is_needed(tmp_path: Path) -> None:
    path = set_pages(tmp_path / "a.pdf", "Words.")
    with pikepdf.open(path) as pdf:
        pdf.save(tmp_path / "locked.pdf", encryption=pikepdf.Encryption(owner="o", user="u"))
        pdf.save(tmp_path / "printing.pdf", encryption=pikepdf.Encryption(owner="o", user=""))
    for call in (paging.inspect, lambda path: paging.split(path, [1], tmp_path)):
        with pytest.raises(errors.PasswordProtected):
            call(tmp_path / "locked.pdf")
    seen = paging.inspect(tmp_path / "printing.pdf")
    assert (seen.is_encrypted, seen.characters) == (True, 6)
    part = paging.split(tmp_path / "printing.pdf", [1], tmp_path).parts[0]
    assert not paging.inspect(part).is_encrypted


def test_a_torn_file_is_repaired_or_refused(tmp_path: Path) -> None:
    whole = set_pages(tmp_path / "a.pdf", "Words that stay.").read_bytes()
    (tmp_path / "torn.pdf").write_bytes(whole[: whole.rindex(b"startxref")] + b"startxref\n7\n%%EOF")
    seen = paging.inspect(tmp_path / "torn.pdf")
    assert (seen.is_repaired, seen.characters, "repaired" in seen.warnings) == (True, 16, True)
    for name, content in {"half": whole[: len(whole) // 3], "empty": b"", "words": b"no PDF at all" * 99}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(errors.FileUnreadable):
            paging.inspect(tmp_path / name)


def _nested(path: Path) -> None:
    opens, closes = b"[" * 300_000, b"]" * 300_000
    body = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R/Names " + opens + closes + b">>endobj\n"
    path.write_bytes(body + b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF")


def _cyclic_pages(path: Path) -> None:
    path.write_bytes(
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Pages/Kids[2 0 R]/Count 1>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF"
    )


@pytest.mark.parametrize("make", [_nested, _cyclic_pages])
def test_trees_without_an_end_are_refused(make: object, tmp_path: Path) -> None:
    make(tmp_path / "a.pdf")  # type: ignore[operator]
    with pytest.raises(errors.FileUnreadable):
        paging.inspect(tmp_path / "a.pdf")


def test_ten_thousand_pages_are_too_many(tmp_path: Path) -> None:
    path = make_blank(tmp_path / "long.pdf", 10_000)
    for call in (paging.inspect, lambda path: paging.split(path, [50] * 200, tmp_path)):
        with pytest.raises(errors.TooManyPages) as caught:
            call(path)
        assert caught.value.context == {"pages": 10_000, "limit": 2000}


def test_an_outline_that_leads_back_to_itself_ends(tmp_path: Path) -> None:
    path = make_blank(tmp_path / "a.pdf", 2)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        one = pdf.make_indirect(pikepdf.Dictionary(Title="one", Dest=[pdf.pages[0].obj, pikepdf.Name.Fit]))
        two = pdf.make_indirect(pikepdf.Dictionary(Title="two", Next=one, First=one))
        one.Next, one.First = two, two
        pdf.Root.Outlines = pdf.make_indirect(pikepdf.Dictionary(First=one, Last=two))
        pdf.save(path)
    split = paging.split(path, [1, 1], tmp_path)
    assert split.titles == ("one", "two")
    assert paging.merge(split.parts, split.harvest, tmp_path / "whole.pdf") == ()


def test_a_picture_of_a_terapixel_takes_no_memory(tmp_path: Path) -> None:
    """Its size is a word in the file, and its content a few bytes."""
    path = make_blank(tmp_path / "a.pdf", 1)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        picture = pikepdf.Stream(pdf, b"\x00" * 100)
        picture.update(
            {"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image, "/Width": 10**6, "/Height": 10**6}
        )
        picture.ColorSpace, picture.BitsPerComponent = pikepdf.Name.DeviceRGB, 8
        pdf.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=picture))
        pdf.pages[0].Contents = pdf.make_stream(b"q 200 0 0 200 0 0 cm /P Do Q")
        pdf.save(path)
    assert paging.inspect(path).pages == 1
    split = paging.split(path, [1], tmp_path)
    paging.merge(split.parts, split.harvest, tmp_path / "whole.pdf")
    paging.picture(path, 0, tmp_path / "a.png")
