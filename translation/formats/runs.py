"""Pieces of a paragraph that look alike, as a text with markers and back: for whatever consists of runs.

A piece is text in one look or something that is no text. Neighbours of one look are one piece, as programs cut runs
anywhere; the look that most characters have goes without a marker.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from dataclasses import field
from typing import Generic
from typing import TypeVar

from translation import markers
from translation.formats.base import has_words

Node = TypeVar("Node")
_WORD = re.compile(r"\w+")


@dataclass(slots=True, eq=False)
class Piece(Generic[Node]):
    """Text in one look, or (``is_text`` false) something else; ``text`` is then what it protects.

    ``nodes`` are what it is made of, ``path`` the containers that it stands in (a link); ``word`` are the pieces of a
    word that must stay as it is.
    """

    text: str
    look: Hashable
    nodes: list[Node]
    path: tuple[Node, ...] = ()
    word: tuple[Piece[Node], ...] = ()
    is_text: bool = field(default=True, kw_only=True)


@dataclass(frozen=True, slots=True)
class Stretch(Generic[Node]):
    """What shall stand there: text in the look of a piece, or the piece itself where ``text`` is None."""

    piece: Piece[Node]
    text: str | None


class Line(Generic[Node]):
    """The pieces of one paragraph.

    ``text`` is its source with markers, empty if there is nothing to translate; ``whole`` all its characters, which
    are those of ``plain`` and as many as in ``untouched``.
    """

    def __init__(self, pieces: list[Piece[Node]]) -> None:
        pieces = _without_cut_words(_merged(pieces))
        self._head, pieces, self._tail = _peeled(pieces)
        self._usual = _usual(pieces)
        self._by_number: dict[int, Piece[Node]] = {}
        self._brackets: dict[str, tuple[str, Piece[Node]]] = {}
        self.text = self._marked(pieces)
        self.whole = "".join(piece.text for piece in (*self._head, *pieces, *self._tail))
        self.plain = markers.plain(self.text)
        if not has_words(self.plain):
            self.text = self.plain = ""

    @property
    def untouched(self) -> str:
        """So many characters as stay where there is something to translate; which of them does not matter."""
        return self.whole[len(self.plain) :]

    def _marked(self, pieces: list[Piece[Node]]) -> str:
        parts = []
        number = 0
        for piece in pieces:
            if not piece.is_text:
                number += 1
                self._by_number[number] = piece
                parts.append(markers.void(number))
                continue
            is_marked = self._usual is not None and _style(piece) != _style(self._usual) and bool(piece.text.strip())
            if is_marked:
                number += 1
                own = number
                self._by_number[own] = piece
                parts.append(markers.opening(own))
            for part in re.split(r"([⟦⟧])", piece.text):
                if part in {"⟦", "⟧"}:
                    number += 1
                    self._brackets[markers.void(number)] = (part, piece)
                    parts.append(markers.void(number))
                else:
                    parts.append(part)
            if is_marked:
                parts.append(markers.closing(own))
        return "".join(parts)

    def stretches(self, target: str) -> list[Stretch[Node]]:
        """A translation that fits, as what shall stand there instead, with what was around the text."""
        now = [self._usual] if self._usual else []
        made: list[Stretch[Node]] = []
        for part in markers.split(target):
            match = markers.MARKER.fullmatch(part)
            if match is None:
                made.append(Stretch(now[-1], part))
            elif part in self._brackets:
                made.append(Stretch(now[-1], self._brackets[part][0]))
            elif match["void"]:
                made += _as_it_is(self._by_number[int(match["void"])])
            elif match["open"]:
                now.append(self._by_number[int(match["open"])])
            else:
                now.pop()
        head = [stretch for piece in self._head for stretch in _as_it_is(piece)]
        tail = [stretch for piece in self._tail for stretch in _as_it_is(piece)]
        return _joined([*head, *made, *tail])


def _as_it_is(piece: Piece[Node]) -> list[Stretch[Node]]:
    if piece.word:
        return [Stretch(part, part.text) for part in piece.word]
    return [Stretch(piece, piece.text if piece.is_text else None)]


def _style(piece: Piece[Node]) -> tuple[Hashable, tuple[int, ...]]:
    return piece.look, tuple(map(id, piece.path))


def _merged(pieces: list[Piece[Node]]) -> list[Piece[Node]]:
    """Neighbours in one look as one; things that are no text side by side as one; nothing that is empty."""
    merged: list[Piece[Node]] = []
    for piece in pieces:
        last = merged[-1] if merged else None
        if piece.is_text and not piece.text and not piece.nodes:
            continue
        if last and last.is_text == piece.is_text and _same(last, piece):
            merged[-1] = Piece(
                last.text + piece.text, last.look, last.nodes + piece.nodes, last.path, is_text=last.is_text
            )
        else:
            merged.append(piece)
    return merged


def _same(one: Piece[Node], other: Piece[Node]) -> bool:
    return _style(one) == _style(other) if one.is_text else tuple(map(id, one.path)) == tuple(map(id, other.path))


def _without_cut_words(pieces: list[Piece[Node]]) -> list[Piece[Node]]:
    """A word with a formatted bit inside (H₂O) becomes one thing that is no text: no translator keeps its letters."""
    result: list[Piece[Node]] = []
    at = 0
    while at < len(pieces):
        end = _cut_word(pieces, at)
        if end is None:
            result.append(pieces[at])
            at += 1
            continue
        result += _word_of(pieces[at : end + 1])
        # What follows the word in its last piece may begin the next such word.
        rest = result.pop() if result[-1].is_text else None
        pieces = [*pieces[:end], *([rest] if rest else [Piece("", None, [])]), *pieces[end + 1 :]]
        at = end
    return [piece for piece in result if piece.text or piece.nodes]  # a word has its text, a thing its nodes


def _cut_word(pieces: list[Piece[Node]], at: int) -> int | None:
    """The piece in which a word ends that begins in this one and has at least one whole piece inside."""
    if not _ends_in_word(pieces[at]):
        return None
    end = at + 1
    while end < len(pieces) and pieces[end].is_text and pieces[end].text and _WORD.fullmatch(pieces[end].text):
        end += 1
    is_inside = end < len(pieces) and pieces[end].is_text and _WORD.match(pieces[end].text)
    if is_inside:
        return end if end > at + 1 else None
    return end - 1 if end > at + 2 else None


def _ends_in_word(piece: Piece[Node]) -> bool:
    return piece.is_text and bool(piece.text) and bool(_WORD.fullmatch(piece.text[-1]))


def _word_of(pieces: list[Piece[Node]]) -> list[Piece[Node]]:
    """The text before the word, the word, and the text after it."""
    first, *middle, last = pieces
    start = re.search(r"\w+\Z", first.text)
    stop = _WORD.match(last.text)
    if start is None or stop is None:
        return pieces
    before, after = first.text[: start.start()], last.text[stop.end() :]
    inside = [_part(first, start.group()), *middle, _part(last, stop.group())]
    word = Piece("".join(piece.text for piece in inside), None, [], first.path, tuple(inside), is_text=False)
    return [*([_part(first, before)] if before else []), word, *([_part(last, after)] if after else [])]


def _part(piece: Piece[Node], text: str) -> Piece[Node]:
    return Piece(text, piece.look, piece.nodes, piece.path)


def _peeled(pieces: list[Piece[Node]]) -> tuple[list[Piece[Node]], list[Piece[Node]], list[Piece[Node]]]:
    """What is no words at the beginning and at the end; it need not be shown to a translator."""
    start, end = 0, len(pieces)
    while start < end and not _says(pieces[start]):
        start += 1
    while end > start and not _says(pieces[end - 1]):
        end -= 1
    head, middle, tail = pieces[:start], pieces[start:end], pieces[end:]
    if middle:
        first = middle[0]
        cut = len(first.text) - len(first.text.lstrip())
        if cut:
            head, middle[0] = [*head, _part(first, first.text[:cut])], _part(first, first.text[cut:])
        last = middle[-1]
        kept = last.text.rstrip()
        if len(kept) < len(last.text):
            tail, middle[-1] = [_part(last, last.text[len(kept) :]), *tail], _part(last, kept)
    return head, middle, tail


def _says(piece: Piece[Node]) -> bool:
    return piece.is_text and bool(piece.text.strip())


def _usual(pieces: list[Piece[Node]]) -> Piece[Node] | None:
    weights: Counter[Hashable] = Counter()
    for piece in pieces:
        if piece.is_text:
            weights[_style(piece)] += len(piece.text)
    if not weights:
        return None
    style = max(weights, key=lambda found: weights[found])
    return next(piece for piece in pieces if piece.is_text and _style(piece) == style)


def _joined(stretches: list[Stretch[Node]]) -> list[Stretch[Node]]:
    """Texts of one look side by side as one, and no empty ones."""
    joined: list[Stretch[Node]] = []
    for stretch in stretches:
        last = joined[-1] if joined else None
        if stretch.text == "":
            continue
        if last and last.text is not None and stretch.text is not None and _same(last.piece, stretch.piece):
            joined[-1] = Stretch(last.piece, last.text + stretch.text)
        else:
            joined.append(stretch)
    return joined
