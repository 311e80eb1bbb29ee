"""Finding text by the words in it: the same words for the index and for the question, on every database.

What is searched is kept folded (:func:`core.text.folded`) in a column of its own. A text matches when it has all words
of the question, anywhere and in any order.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import datetime
from unicodedata import is_normalized
from uuid import UUID

import regex  # type: ignore[import-untyped]
from django.db import connection
from django.db.models import Model
from django.db.models import Q

from core.text import folded

MAX_WORDS = 10
MAX_MARKS = 100
LOOKED_THROUGH = 2_000
"""Characters of a text whose folding is longer or shorter than itself that are marked: that is slow."""

SNIPPET = 160
"""Characters of a text that are shown around what was found."""
_BEFORE = 40
_ELLIPSIS = "…"

_BATCH = 1_000
_WORD = re.compile(r"\w+")
_PART = re.compile(r"\S+|\s+")
_GRAPHEME = regex.compile(r"\X")


def says(field: str, question: str) -> Q:
    """The folded column has all words of the question as they stand, or as whole words without its punctuation."""
    whole = _words(question)
    bare = _WORD.findall(folded(question))[:MAX_WORDS]
    wanted = _every(f"{field}__contains", whole)
    if not bare or bare == whole:
        return wanted
    edge = r"\y" if connection.vendor == "postgresql" else r"\b"
    return wanted | _every(f"{field}__regex", [f"{edge}{word}{edge}" for word in bare])


def _every(condition: str, values: Sequence[str]) -> Q:
    every = Q()
    for value in values:
        every &= Q(**{condition: value})
    return every


def _words(question: str) -> list[str]:
    return folded(question).split()[:MAX_WORDS]


def marks(content: str, question: str) -> list[list[int]]:
    """Where the words stand in a text, as ``[start, end)`` in UTF-16 units (as JavaScript counts), in order, apart."""
    spans = places(content, question)
    far = [at for at, character in enumerate(content) if character > "\uffff"] if not content.isascii() else []
    return [[start + bisect_left(far, start), end + bisect_left(far, end)] for start, end in spans]


def places(content: str, question: str) -> list[tuple[int, int]]:
    """Where the words stand, in code points; at most :data:`MAX_MARKS`."""
    text, origins = _folded_with_origins(content)
    words = _words(question)
    if not all(word in text for word in words):
        words += _WORD.findall(folded(question))[:MAX_WORDS]
    found = []
    for word in set(words):
        for at, end in _occurrences(text, word):
            found.append((at, end) if origins is None else (origins[at][0], origins[end - 1][1]))
    return _joined(sorted(found))[:MAX_MARKS]


def _occurrences(text: str, word: str) -> Iterator[tuple[int, int]]:
    at = text.find(word)
    for _ in range(MAX_MARKS):
        if at < 0:
            return
        yield at, at + len(word)
        at = text.find(word, at + len(word))


def _folded_with_origins(content: str) -> tuple[str, list[tuple[int, int]] | None]:
    """The folded text, and for each of its characters the grapheme it came from; None: each from its own place."""
    text = folded(content)
    if _keeps_places(content, text):
        return text, None
    pieces, origins = [], []
    for part in _PART.finditer(content, endpos=LOOKED_THROUGH):
        word, start = part.group(), part.start()
        if _keeps_places(word, piece := folded(word)):
            pieces.append(piece)
            origins += [(at, at + 1) for at in range(start, part.end())]
            continue
        for grapheme in _GRAPHEME.finditer(word):
            piece = folded(grapheme.group())
            pieces.append(piece)
            origins += [(start + grapheme.start(), start + grapheme.end())] * len(piece)
    return "".join(pieces), origins


def _keeps_places(content: str, text: str) -> bool:
    """Whether folding has made one character of each: folding the case makes more of some, the rest makes fewer."""
    if content.isascii():
        return True
    return len(content) == len(text) == len(content.casefold()) and is_normalized("NFKC", content)


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def snippet(content: str, question: str) -> tuple[str, list[list[int]]]:
    """The piece of a text around the first word that was found, on one line, and where words stand in that piece."""
    first = next(iter(places(content, question)), (0, 0))[0]
    start = max(0, first - _BEFORE)
    if start and (blank := content.find(" ", start, first)) >= 0:
        start = blank + 1
    piece = " ".join(content[start : start + SNIPPET].split())
    begin, end = _ELLIPSIS if start else "", _ELLIPSIS if start + SNIPPET < len(content) else ""
    shown = f"{begin}{piece}{end}"
    return shown, marks(shown, question)


def refold(model: type[Model], columns: Mapping[str, str], *, since: datetime) -> int:
    """Fold anew what a release that folds otherwise has written since then; ``columns``: folded → text.

    For models whose keys are made of the time. Returns how many rows were changed; what was written meanwhile stays.
    """
    changed, after = 0, UUID(int=int(since.timestamp() * 1000) << 80)
    while True:
        rows = model._default_manager.filter(pk__gt=after).order_by("pk")
        found = list(rows.values_list("pk", *columns, *columns.values())[:_BATCH])
        for pk, *values in found:
            before = dict(zip(columns, values, strict=False))
            texts = values[len(columns) :]
            now = {
                name: folded(text)[: model._meta.get_field(name).max_length]  # type: ignore[union-attr]
                for name, text in zip(columns, texts, strict=True)
                if before[name]
            }
            if any(before[name] != now[name] for name in now):
                changed += model._default_manager.filter(pk=pk, **before).update(**now)
        if len(found) < _BATCH:
            return changed
        after = found[-1][0]
