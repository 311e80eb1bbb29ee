"""Quotes are found as a reader would find them, and only there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.checks import figures
from documents.checks import quoting
from documents.checks.folding import fold

pytestmark = pytest.mark.any_stack

_SOURCE = (
    "In the spring of 1998 the co\u00adoperative measured soil mois-\nture at four sites. "
    "\u201cDry soils\u201d \u2014 the authors write \u2014 \u201close carbon faster\u201d, "
    "and the \ufb01rst rains did not bring it back."
)


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("measured soil moisture at four sites", "measured soil mois-\nture at four sites"),
        ('"Dry soils" - the authors write', "\u201cDry soils\u201d \u2014 the authors write"),
        ("the first rains  did not bring it back", "the \ufb01rst rains did not bring it back"),
        ("THE COOPERATIVE MEASURED", "the co\u00adoperative measured"),
    ],
)
def test_what_no_reader_sees_makes_no_difference(quote: str, found: str) -> None:
    assert quoting.find(quote, _SOURCE) == quoting.Quote(found, True)


def test_a_slip_is_mended_by_the_words_of_the_source() -> None:
    assert quoting.find("the first rains did not bring them back", _SOURCE) == quoting.Quote(
        "the \ufb01rst rains did not bring it back.", False
    )


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "soils",
        "wet soils gain carbon slower and the last snow took it",
        "the authors write that nothing can be said about it",
        _SOURCE * 3,
    ],
)
def test_what_does_not_stand_there_is_not_found(quote: str) -> None:
    assert quoting.find(quote, _SOURCE) is None


@given(st.text(max_size=200))
def test_every_place_of_a_folded_text_is_one_of_what_was_written(written: str) -> None:
    folded = fold(written)
    assert len(folded.text) == len(folded.places)
    assert list(folded.places) == sorted(folded.places)
    assert all(0 <= place < len(written) for place in folded.places)


@given(st.text(min_size=40, max_size=200), st.integers(0, 20), st.integers(21, 39))
def test_a_part_of_a_text_is_found_in_it(written: str, start: int, end: int) -> None:
    part = written[start:end]
    if len(fold(part).text) >= quoting.SHORTEST and fold(part).text in fold(written).text:
        assert quoting.find(part, written) is not None


@pytest.mark.parametrize(
    ("claim", "quote", "missing"),
    [
        ("in 1998", "in 1999", ["1998"]),
        ("12.5 percent", "12,5 %", []),
        ("1,200 people", "1200 people", []),
        ("1 200 people", "1200 people", []),
        ("1.2 million", "1,200,000", []),
        ("1,2 млн", "1 200 000", []),
        ("3 sites", "three sites", []),
        ("33 percent", "a third", []),
        ("50 percent", "half of them", []),
        ("0.123", "0,123", []),
        ("5 of 7", "7 in all", ["5"]),
        ("COVID19 spread", "the virus spread", []),
        ("COVID-19 spread", "the virus spread", []),
        ("19 patients", "COVID-19 patients", ["19"]),
        ("mid-1990 prices", "prices of the time", ["1990"]),
        ("1.5 million", "1.5", ["1.5 million"]),
    ],
)
def test_figures_however_they_are_written(claim: str, quote: str, missing: list[str]) -> None:
    assert figures.missing(claim, quote) == missing
