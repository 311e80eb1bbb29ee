"""What makes an answer an outline, a plan or a summary; and what of a text is kept."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.llm.json_answers import NotFit
from documents import cleaning
from documents import drafting
from documents import outlining
from documents.drafting import Claim

pytestmark = pytest.mark.any_stack


def entry(words: Any = 300, **more: Any) -> dict[str, Any]:
    return {"title": "Bees", "goal": "Says it.", "words": words, "level": 1, "needs_sources": True} | more


def test_words_that_are_nearly_right_are_made_right() -> None:
    found = outlining.read({"sections": [entry(310), entry(320, needs_sources=False)]}, 2)
    assert (sum(one.words for one in found), found[1].needs_sources) == (600, False)


@given(st.lists(st.integers(outlining.SHORTEST, 900), min_size=1, max_size=20), st.integers(1, 10))
def test_what_is_read_always_fills_the_pages(words: list[int], pages: int) -> None:
    try:
        found = outlining.read({"sections": [entry(one) for one in words]}, pages)
    except NotFit:
        return
    assert sum(one.words for one in found) == pages * 300
    assert all(one.words >= outlining.SHORTEST for one in found)


def test_no_level_is_left_out() -> None:
    levels = [3, 2, 9, 1, 3]
    found = outlining.read({"sections": [entry(120, level=level) for level in levels]}, 2)
    assert [one.level for one in found] == [1, 2, 3, 1, 2]


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ("nothing", "no sections"),
        ({"sections": [entry(300), entry(400)] * 60}, "at most 12"),
        ({"sections": [entry(300)]}, "add up to 300; they must add up to 600"),
        ({"sections": [entry(600, title="<b></b>")]}, 'Section 1 has no "title"'),
        ({"sections": [entry(560), entry("40")]}, 'Section 2 needs "words"'),
        ({"sections": [entry(True)]}, 'Section 1 needs "words"'),
    ],
)
def test_what_is_wrong_is_told(document: Any, says: str) -> None:
    with pytest.raises(NotFit, match=says):
        outlining.read(document, 2)


def test_a_long_document_has_sixty_sections_at_most() -> None:
    with pytest.raises(NotFit, match="These are 61 sections; at most 60"):
        outlining.read({"sections": [entry(300)] * 61}, 61)


def test_a_plan_has_a_claim_for_each_part_and_names_no_source_that_is_not_there() -> None:
    claims = [
        {"part": 2, "claim": "Two", "sources": ["S1", "S9", "S1"]},
        {"part": 1, "claim": "One", "sources": "S1"},
        {"part": 7, "claim": "No such part", "sources": []},
    ]
    found = drafting.read_plan({"claims": claims}, parts=2, keys={"S1"})
    assert found == [Claim(1, "One"), Claim(2, "Two", ("S1",))]
    with pytest.raises(NotFit, match="no claim of part 3"):
        drafting.read_plan({"claims": claims}, parts=3, keys={"S1"})


def test_parts_are_no_longer_than_what_is_written_at_once() -> None:
    assert [drafting.parts_of(words) for words in (50, 700, 701, 2_100)] == [1, 1, 2, 3]


def test_a_summary_that_is_too_long_is_cut() -> None:
    assert len(drafting.read_summary({"summary": "word " * 500}).split()) == 180
    with pytest.raises(NotFit):
        drafting.read_summary({"summary": " "})


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("a < b and c > d", "a < b and c > d"),
        ("<p>One</p>\r\n<script>bad()</script>Two", "One\nTwo"),
        ("<<b>script>bad()</script>", ""),
        ("x <!-- hidden", "x"),
        ("up\x00\x08\u202e down\u2028", "up down"),
        ("Кафе\u0301", "Кафе\u0301"),
    ],
)
def test_markup_is_taken_out_of_texts(given_text: str, kept: str) -> None:
    assert cleaning.plain(given_text) == kept


@given(st.text(max_size=200))
def test_what_was_cleaned_is_clean(text: str) -> None:
    once = cleaning.plain(text)
    assert cleaning.plain(once) == once
