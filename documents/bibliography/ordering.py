"""The order of a list of references, by the alphabets of its languages, which code points do not follow."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import regex  # type: ignore[import-untyped]

from documents.bibliography.references import Reference

_CYRILLIC = regex.compile(r"\p{Cyrillic}")
_NO_LETTER = regex.compile(r"[^\p{L}\p{N}]+")
_ALPHABET = {letter: place for place, letter in enumerate("абвгґдеєжзиіїйклмнопрстуфхцчшщьюя")}


def is_cyrillic(text: str) -> bool:
    """Whether a Cyrillic letter is anywhere in it."""
    return _CYRILLIC.search(text) is not None


def listed(
    references: Iterable[Reference], *, cyrillic_first: bool, by_year: bool, most_authors: int | None = None
) -> list[Reference]:
    """By authors, or by title where there are none or more than ``most_authors``; then by year and title.

    Not ``by_year``: by title first.
    """

    def order(reference: Reference) -> tuple[bool, tuple[str, ...], int, str, int]:
        authors = reference.authors if most_authors is None or len(reference.authors) <= most_authors else ()
        heads = [name.literal or f"{name.family} {name.given}" for name in authors] or [reference.title]
        return (
            bool(_CYRILLIC.match(heads[0])) is not cyrillic_first,
            tuple(sorted_as(head) for head in heads),
            (reference.year or 0) if by_year else 0,
            sorted_as(reference.title),
            reference.year or 0,
        )

    return sorted(references, key=order)


def sorted_as(text: str) -> str:
    """By the Ukrainian alphabet, in which ґ follows г and і follows и; accents and signs count for nothing."""
    return " ".join(_NO_LETTER.sub(" ", "".join(map(_letter, text.casefold()))).split())


def _letter(char: str) -> str:
    if char in _ALPHABET:
        return chr(0x4E00 + _ALPHABET[char])
    return "".join(part for part in unicodedata.normalize("NFD", char) if not unicodedata.combining(part))
