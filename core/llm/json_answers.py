"""Answers that are wanted as JSON: read as models write it, and asked for again with what was wrong.

``schema=`` of ``llm.stream`` holds a model to a shape where its row says that it can be held; all others are told by
the prompt alone, and some of those talk around the document, fence it, or leave a comma behind its last entry.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any
from typing import TypeVar

import regex  # type: ignore[import-untyped]

from core.llm.base import Message

MOST_REPAIRS = 2
"""Times that a model is asked again; a third one brings little and is paid for as well."""
_THOUGHT = regex.compile(r"\A\s*<think(?:ing)?>.*?</think(?:ing)?>", regex.DOTALL)
_FENCED = regex.compile(r"```(?:json)?[^\S\n]*\n(.*?)\n?\s*```", regex.DOTALL)
_STRING_OR_COMMA = regex.compile(r'("(?:[^"\\]|\\.)*+")|,(?=\s*[}\]])', regex.DOTALL)
_HALF = regex.compile(r"[\ud800-\udfff]")

T = TypeVar("T")


class NotFit(ValueError):
    """No JSON, or not the JSON that was asked for; the message is what the model is told of it."""


def read(answer: str) -> Any:
    """The document in an answer, also in a fence, between words or after a thought. Raises NotFit.

    Its texts hold nothing that a database refuses: no NUL and no half letters.
    """
    for candidate in _candidates(answer):
        try:
            return _clean(json.loads(candidate, strict=False, parse_constant=_refuse))
        except (ValueError, RecursionError):
            continue
    raise NotFit("The answer is no JSON. Answer with one JSON object and nothing else.")


def asked(
    messages: Sequence[Message],
    ask: Callable[[Sequence[Message]], str],
    fit: Callable[[Any], T],
    *,
    repairs: int = MOST_REPAIRS,
) -> T:
    """What ``fit`` makes of the document that ``ask`` was answered with.

    ``fit`` raises NotFit for what cannot be used; the model is then shown its answer and the reason. Raises the last
    NotFit when nothing fits after so many repairs, and whatever ``ask`` raises.
    """
    conversation = list(messages)
    while True:
        answer = ask(conversation)
        try:
            return fit(read(answer))
        except NotFit as error:
            if repairs <= 0:
                raise
            repairs -= 1
            conversation = [*messages, Message("assistant", answer), Message("user", str(error))]


def _candidates(answer: str) -> Iterator[str]:
    """What may be the document, the likeliest first."""
    text = _THOUGHT.sub("", answer)
    found = [text, *(match[1] for match in _FENCED.finditer(text))]
    found += [text[text.find(first) : text.rfind(last) + 1] for first, last in ("{}", "[]") if first in text]
    for candidate in found:
        yield candidate
        yield _STRING_OR_COMMA.sub(lambda match: match[1] or "", candidate)


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _HALF.sub("\ufffd", value.replace("\x00", ""))
    if isinstance(value, list):
        return [_clean(one) for one in value]
    if isinstance(value, dict):
        return {_clean(key): _clean(one) for key, one in value.items()}
    return value
