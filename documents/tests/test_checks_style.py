"""The locks of a sentence, one by one, an editor who swaps words, and the difference of two sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents import blocks
from documents.blocks import Mark
from documents.blocks import Sentence
from documents.checks import style
from documents.checks.style import Lock

pytestmark = pytest.mark.any_stack

_CITED = (Mark(source="S1", number=1), Mark(source="S2", number=2))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("It is important to note that dew falls at night.", "Dew falls at night, it should be noted."),
        ("In 2020 the yield in Poltava rose by 12 %.", "The yield in Poltava rose by 12 % in 2020."),
        ("Слід зазначити, що роса випадає вночі.", "Роса, слід зазначити, випадає вночі."),
        ("Miller says: “dew is water”.", "As Miller says, “dew is water”."),
        ("NASA measured three meadows.", "The meadows that NASA measured were three."),
        ("Коваль вивчала степ у Каховці.", "Степ у Каховці вивчала Коваль."),
    ],
)
def test_words_may_be_put_otherwise(before: str, after: str) -> None:
    assert style.broken(Sentence(text=before, marks=_CITED), Sentence(text=after, marks=_CITED)) is None


@pytest.mark.parametrize(
    ("before", "after", "lock"),
    [
        ("The yield rose by 12 %.", "The yield rose by 21 %.", Lock.FIGURES),
        ("The yield rose by 12 %.", "The yield rose by 12 % and 3 t.", Lock.FIGURES),
        ("The yield of three fields rose.", "The yield of four fields rose.", Lock.FIGURES),
        ("The yield rose from 3 to 5.", "The yield rose by a lot.", Lock.FIGURES),
        ("He calls dew «сльози степу».", "He calls dew «сльози лугу».", Lock.QUOTATIONS),
        ("He calls dew “tears”.", "He calls dew tears.", Lock.QUOTATIONS),
        ("The yield in Poltava rose.", "The yield in Odesa rose.", Lock.NAMES),
        ("The yield in Poltava rose.", "The yield rose there.", Lock.NAMES),
        ("The yield rose last year.", "The yield rose after Miller.", Lock.NAMES),
        ("Урожай у Полтаві зріс торік.", "Урожай у Києві зріс торік.", Lock.NAMES),
        ("The yield of the field rose.", "NASA says the field rose.", Lock.NAMES),
        ("The yield of all the fields that we saw rose.", "The yield rose.", Lock.LENGTH),
        ("It rose.", "It rose, and rose, and rose again.", Lock.LENGTH),
        ("It rose.", " ", Lock.LENGTH),
    ],
)
def test_a_lock_that_is_broken_is_named(before: str, after: str, lock: Lock) -> None:
    assert style.broken(Sentence(text=before), Sentence(text=after)) is lock


@pytest.mark.parametrize("marks", [(), _CITED[:1], _CITED[::-1], (*_CITED, Mark(source="S3", number=3))])
def test_citations_stay_as_they_are_and_in_their_order(marks: tuple[Mark, ...]) -> None:
    assert (
        style.broken(Sentence(text="It rose.", marks=_CITED), Sentence(text="It rose.", marks=marks)) is Lock.CITATIONS
    )


def test_a_note_of_the_authors_stays() -> None:
    assert style.broken(Sentence(text="It rose.", note="See."), Sentence(text="It rose.")) is Lock.CITATIONS


_TEXT = blocks.read(
    [
        {"kind": "paragraph", "s": [{"t": "Dew falls in Poltava.", "c": [{"s": "S1", "n": 1}]}, {"t": "It is wet."}]},
        {"kind": "table", "header": ["Year"], "rows": [["2020"]]},
        {"kind": "list", "items": [[{"t": "Grass grows."}], [{"t": "Rain comes."}]]},
    ]
)


def test_an_editor_who_swaps_words_changes_nothing_that_is_locked() -> None:
    first, second, third, fourth = blocks.sentences(_TEXT)
    found = style.styled(
        _TEXT,
        {
            0: first.model_copy(update={"text": "Dew falls in Odesa."}),
            1: second.model_copy(update={"text": "Wet it is."}),
            2: third,
            3: fourth.model_copy(update={"text": "Then comes rain."}),
            9: fourth,
        },
    )
    assert [sentence.text for sentence in blocks.sentences(found.content)] == [
        "Dew falls in Poltava.",
        "Wet it is.",
        "Grass grows.",
        "Then comes rain.",
    ]
    assert [(change.number, change.lock) for change in found.changes] == [(0, Lock.NAMES), (1, None), (3, None)]
    assert found.content[1] == _TEXT[1]
    assert style.replaced(found.content, {1: second, 3: fourth}) == _TEXT  # taken back


@given(st.text(min_size=1, max_size=60))
def test_the_same_sentence_breaks_no_lock(text: str) -> None:
    if text.strip():
        assert style.broken(Sentence(text=text), Sentence(text=text)) is None
