"""The difference of two sentences has both of them whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.differing import diff

pytestmark = pytest.mark.any_stack


def test_a_difference_is_told_word_by_word() -> None:
    assert [(piece.kind, piece.text) for piece in diff("Роса вночі випадає.", "Вода випадає.")] == [
        ("removed", "Роса вночі"),
        ("added", "Вода"),
        ("same", " випадає."),
    ]


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_difference_has_both_sentences_whole(before: str, after: str) -> None:
    pieces = diff(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "added") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == after
