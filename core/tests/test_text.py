"""One table of what text is: to the eye, to a search, and at its end."""

from __future__ import annotations

import pytest

from core import text

pytestmark = pytest.mark.any_stack

FAMILY = "👨‍👩‍👧‍👦"
INVISIBLE = [
    "\u200b", "\u3164", "\u2800", "\u2060", "\u202e", "\u00ad", "\u115f", "\u1160", "\uffa0", "\u180e",
    "\u200d", "\u200c", "\ufeff", "\ufe0f", "\u034f", "\U000e0041", "\u2063", "\u00a0", "\u3000", "\u2028",
    "\t", "\n", "\x7f", "",
]  # fmt: skip


@pytest.mark.parametrize("blank", INVISIBLE)
def test_nothing_to_see(blank: str) -> None:
    for sent in (blank, blank * 3, f" {blank} ", "\u200b" + blank + "\u2060"):
        assert not text.is_visible(sent)
        assert text.bare(sent) == text.line(sent) == ""


@pytest.mark.parametrize("seen", ["a", "👍", FAMILY, "❤️", "🇺🇦", "م\u200cن", "1️⃣", ".", "ⵣ", "\u200bx\u200b", "\u0301a"])
def test_something_to_see(seen: str) -> None:
    assert text.is_visible(seen)


@pytest.mark.parametrize("mark", [mark for mark in INVISIBLE if mark])
def test_what_is_around_goes_and_what_is_inside_stays(mark: str) -> None:
    assert text.bare(f"{mark} a{mark}b {mark}") == f"a{mark}b"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Kitchen  table ", "Kitchen  table"),
        ("Bank \u202esupport", "Bank support"),
        ("\u2066x\u2069", "x"),
        ("one\r\ntwo\u2028three", "one two three"),
        ("x\n[2026-01-01 00:00] yan: I owe you", "x [2026-01-01 00:00] yan: I owe you"),
        (FAMILY, FAMILY),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("a\x07b", "a b"),
    ],
)
def test_a_name_is_one_line_that_turns_nothing(typed: str, kept: str) -> None:
    assert text.line(typed) == kept


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *[(f"м{mark}яч", "м'яч") for mark in "\u2019\u02bc\u2018\u0060\u00b4\uff07\u2032"],
        ("Don’t", "don't"),
        ("кафе\u0301", "кафе\u0301".upper()),
        ("мой", "мои\u0306"),
        ("caf\u00e9", "cafe\u0301"),
        ("Ёлка", "елка"),
        ("İstanbul", "istanbul"),
        ("ISTANBUL", "istanbul"),
        ("ｆｕｌｌｗｉｄｔｈ", "fullwidth"),
        ("soft\u00adhyphen", "softhyphen"),
        ("zero\u200bwidth", "zerowidth"),
        ("Straße", "STRASSE"),
        ("ΟΔΟΣ", "οδος"),
        ("ﬁne", "fine"),
    ],
)
def test_what_looks_the_same_is_found(one: str, other: str) -> None:
    assert text.folded(one) == text.folded(other)


@pytest.mark.parametrize(("one", "other"), [("мій", "мии"), ("й", "и"), ("é", "e"), ("ї", "і"), ("a b", "ab")])
def test_other_letters_are_not(one: str, other: str) -> None:
    assert text.folded(one) != text.folded(other)


def test_folding_twice_changes_nothing() -> None:
    for sample in ("İ", "ﬀ", "ẞ", "Ё", "ϔ", "a\u0345", "ᾳ", "\u1e9e\u0307", "I\u0307"):
        assert text.folded(text.folded(sample)) == text.folded(sample)


@pytest.mark.parametrize("whole", [FAMILY, "🇺🇦", "👍🏽", "e\u0301", "❤️", "각"])
def test_a_cut_never_goes_through_what_is_one_character_to_the_eye(whole: str) -> None:
    for most in range(2, 40):
        made = text.cut("ab" + whole * 10, most)
        assert len(made) <= most
        kept = made.removesuffix("…")
        assert kept in {("ab" + whole * 10)[:1], "ab"} or kept.removeprefix("ab") == whole * kept.count(whole)


def test_what_fits_is_not_cut() -> None:
    assert text.cut(FAMILY, len(FAMILY)) == FAMILY
    assert text.cut("abc", 3) == "abc"
    assert text.cut("abcd", 3) == "ab…"
