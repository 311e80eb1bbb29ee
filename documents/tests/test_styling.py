"""The style pass changes words, and none that a reader relies on."""

from __future__ import annotations

import pytest

from core.llm.json_answers import NotFit
from documents import blocks
from documents import styling
from documents.styling import Kept
from documents.styling import Lock

pytestmark = pytest.mark.any_stack

TEXT = blocks.read(
    [
        {"kind": "paragraph", "s": [
            {"t": "It is important to note that bees sleep at night.", "c": [{"s": "S1", "n": 1}]},
            {"t": "In 2019 the city of Kyiv counted 41 species."},
        ]},
        {"kind": "heading", "level": 2, "t": "A heading"},
        {"kind": "list", "items": [[{"t": "The report says “they do not” of wasps.", "c": [{"s": "S2", "n": 2}]}]]},
    ]
)  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "lock"),
    [
        ("It is clear that bees sleep at night.", "Bees sleep at night, clearly.", None),
        ("Bees sleep at night.", "", Lock.EMPTY),
        ("Bees sleep at night.", "Bees.", Lock.LENGTH),
        ("Bees sleep.", "Bees sleep, as everybody who has ever watched them in the garden knows.", Lock.LENGTH),
        ("There were 41 species of bees.", "There were 14 species of bees.", Lock.FIGURES),
        ("There were many species of bees.", "There were 41 species of bees here.", Lock.FIGURES),
        ("He says “they sleep” of the bees.", "He says “they rest” of the bees.", Lock.QUOTATION),
        ("Він каже «сплять» про бджіл.", "Він каже «спочивають» про бджіл.", Lock.QUOTATION),
        ("Many bees of Kyiv sleep at night.", "Many bees of Lviv sleep at night.", Lock.NAMES),
        ("Many bees of the city sleep at night.", "Many bees of Kyiv sleep at night.", Lock.NAMES),
        ("There were three species of bees.", "There were four species of bees.", Lock.FIGURES),
        ("NASA counts the bees that sleep.", "It counts the bees that sleep.", Lock.NAMES),
        ("Kyiv has many bees that sleep.", "Many bees that sleep live in Kyiv.", None),
    ],
)
def test_locks_are_computed(before: str, after: str, lock: Lock | None) -> None:
    assert styling.locked(before, after) == lock


def test_a_sentence_that_breaks_a_lock_keeps_its_words_and_no_citation_moves() -> None:
    said = {1: "Bees sleep at night, which is important.", 2: "In 2018 the city of Kyiv counted 41 species."}
    after, kept = styling.styled(TEXT, said)
    assert [one.text for one in blocks.sentences(after)] == [
        "Bees sleep at night, which is important.",
        "In 2019 the city of Kyiv counted 41 species.",
        "The report says “they do not” of wasps.",
    ]
    assert kept == [Kept(2, Lock.FIGURES)]
    marks = [[mark.source for mark in one.marks] for one in blocks.sentences(after)]
    assert marks == [["S1"], [], ["S2"]]
    assert after[1] == TEXT[1]


def test_only_what_was_asked_for_is_read() -> None:
    document = {"sentences": [{"id": 1, "t": "One <b>two</b>\n"}, {"id": 9, "t": "Nine"}, {"id": 2}, "x"]}
    assert styling.read(document, [1, 2]) == {1: "One two"}
    with pytest.raises(NotFit):
        styling.read("nothing", [1])
