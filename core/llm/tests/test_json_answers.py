"""JSON as models write it is read, and what cannot be used is asked for again with the reason."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.llm import json_answers
from core.llm.base import Message

pytestmark = pytest.mark.any_stack

_ASKED = [Message("user", "How many?")]


@pytest.mark.parametrize(
    "answer",
    [
        '{"n": 1, "t": "a, ]"}',
        '```json\n{"n": 1, "t": "a, ]"}\n```',
        'Here it is:\n```\n{"n": 1, "t": "a, ]"}\n```\nAsk if you need more.',
        'Sure! {"n": 1, "t": "a, ]"} I hope [this] helps.',
        '<think>{"n": 7}? No.</think>\n{"n": 1, "t": "a, ]"}',
        '{"n": 1, "t": "a, ]",}',
    ],
)
def test_a_document_is_found_in_what_stands_around_it(answer: str) -> None:
    assert json_answers.read(answer) == {"n": 1, "t": "a, ]"}


def test_what_is_no_json_by_the_letter_is_read_too() -> None:
    assert json_answers.read('["a\nb", ["c",],]') == ["a\nb", ["c"]]
    assert json_answers.read(r'{"a\u0000": "b\u0000\ud83d"}') == {"a": "b\ufffd"}


@pytest.mark.parametrize("answer", ["", "I cannot do that.", '{"n": 1', "[" * 100_000, '{"n": NaN}', "1" * 5_000 + "}"])
def test_what_is_none_is_told(answer: str) -> None:
    with pytest.raises(json_answers.NotFit, match="no JSON"):
        json_answers.read(answer)


@given(st.text(max_size=300))
def test_nothing_else_is_ever_raised(answer: str) -> None:
    with contextlib.suppress(json_answers.NotFit):
        json_answers.read(answer)


class _Model:
    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[Sequence[Message]] = []

    def __call__(self, messages: Sequence[Message]) -> str:
        self.asked.append(messages)
        return self.answers.pop(0)


def _count(document: Any) -> int:
    if not isinstance(document, dict) or not isinstance(document.get("n"), int):
        raise json_answers.NotFit("There must be a whole number n.")
    return int(document["n"])


def test_a_model_is_shown_its_answer_and_told_what_is_wrong() -> None:
    model = _Model("three", '{"n": "3"}', '{"n": 3}')
    assert json_answers.asked(_ASKED, model, _count) == 3
    assert model.asked[0] == _ASKED
    assert [message.content for message in model.asked[2]] == [
        "How many?",
        '{"n": "3"}',
        "There must be a whole number n.",
    ]


def test_it_is_asked_no_more_than_twice_again() -> None:
    model = _Model(*['{"n": "3"}'] * 4)
    with pytest.raises(json_answers.NotFit, match="whole number"):
        json_answers.asked(_ASKED, model, _count)
    assert len(model.asked) == 3
