"""The style pass changes words, and none that a reader relies on."""

from __future__ import annotations

import pytest

from core.llm.json_answers import NotFit
from documents import blocks
from documents import styling
from documents.checks.style import Lock

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


def test_a_sentence_that_breaks_a_lock_keeps_its_words_and_no_citation_moves() -> None:
    said = {1: "Bees sleep at night, which is important.", 2: "In 2018 the city of Kyiv counted 41 species."}
    found = styling.styled(TEXT, said)
    after = found.content
    assert [one.text for one in blocks.sentences(after)] == [
        "Bees sleep at night, which is important.",
        "In 2019 the city of Kyiv counted 41 species.",
        "The report says “they do not” of wasps.",
    ]
    assert [(change.number, change.lock) for change in found.changes] == [(0, None), (1, Lock.FIGURES)]
    marks = [[mark.source for mark in one.marks] for one in blocks.sentences(after)]
    assert marks == [["S1"], [], ["S2"]]
    assert after[1] == TEXT[1]


def test_only_what_was_asked_for_is_read() -> None:
    document = {"sentences": [{"id": 1, "t": "One <b>two</b>\n"}, {"id": 9, "t": "Nine"}, {"id": 2}, "x"]}
    assert styling.read(document, [1, 2]) == {1: "One two"}
    with pytest.raises(NotFit):
        styling.read("nothing", [1])
