"""Texts as they are compared: without differences that no reader sees, and with the way back to what was written."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_SAME = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc\u00b4`", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"'),
}
_SOFT_HYPHEN = "\u00ad"


@dataclass(frozen=True, slots=True)
class Folded:
    """``text`` is compared; ``places[n]`` is where its character ``n`` stood in ``written``."""

    written: str
    text: str
    places: tuple[int, ...]

    def between(self, start: int, end: int) -> str:
        """What was written for ``text[start:end]``."""
        if start >= end:
            return ""
        return self.written[self.places[start] : self.places[end - 1] + 1]


def fold(written: str) -> Folded:
    """Compatibility forms, one kind of hyphen and quotation mark, single blanks, no case, no hyphenation of lines."""
    text: list[str] = []
    places: list[int] = []
    for place, char in enumerate(written):
        if char == _SOFT_HYPHEN or unicodedata.category(char) == "Cf":
            continue
        if char.isspace():
            if text and text[-1] != " ":
                text.append(" ")
                places.append(place)
            continue
        for plain in unicodedata.normalize("NFKC", _SAME.get(char, char)).casefold():
            text.append(_SAME.get(plain, plain))
            places.append(place)
    if text and text[-1] == " ":
        text.pop()
        places.pop()
    return _joined(Folded(written, "".join(text), tuple(places)))


def _joined(folded: Folded) -> Folded:
    """A word that a line end divided ("meas- urement") is one word, as the page of a PDF is read."""
    text, places = folded.text, folded.places
    kept = [
        place
        for place in range(len(text))
        if not (text[place : place + 2] == "- " and _is_inside(text, place, place + 2))
        and not (text[place - 1 : place + 1] == "- " and place > 0 and _is_inside(text, place - 1, place + 1))
    ]
    if len(kept) == len(text):
        return folded
    return Folded(folded.written, "".join(text[place] for place in kept), tuple(places[place] for place in kept))


def _is_inside(text: str, start: int, end: int) -> bool:
    return start > 0 and end < len(text) and text[start - 1].isalpha() and text[end].isalpha()
