"""Whether a translation can stand: what is wrong with it, as names that a person is shown and a model is told.

It cannot say that a translation is good. It says that something is lost, torn, in another language, or talked around.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import regex  # type: ignore[import-untyped]

from translation import detecting
from translation import languages
from translation import markers

EMPTY = "empty"
UNTRANSLATED = "untranslated"
NUMBERS = "numbers"
PLACEHOLDERS = "placeholders"
LENGTH = "length"
LANGUAGE = "language"
TALK = "talk"
GLOSSARY = "glossary"
MISSING = "missing"
"""No translation came for it at all."""

REASONS: Mapping[str, str] = {
    EMPTY: "there was no text",
    UNTRANSLATED: "it was the source again",
    NUMBERS: "numbers were changed or lost",
    PLACEHOLDERS: "a link, an address or a placeholder such as {name}, %s or $X was changed",
    LENGTH: "it was far too short or too long",
    LANGUAGE: "it was in another language",
    TALK: "there was talk around the translation",
    GLOSSARY: "a word of the glossary was not used",
    MISSING: "its id was not in the answer",
    markers.MISSING: "a marker such as ⟦1⟧ was lost",
    markers.UNKNOWN: "there was a marker that the source does not have",
    markers.REPEATED: "a marker stood there twice",
    markers.CROSSED: "markers were not nested",
    markers.TORN: "there were ⟦ or ⟧ that are no marker",
}

_PLACEHOLDER = regex.compile(
    r"https?://[^\s⟦⟧<>\"']*[^\s⟦⟧<>\"'.,;:!?)]"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|\{\{?\s*[\w.]*\s*\}?\}"
    r"|%(?:\(\w+\)|\d+\$)?[-+#0]*\d*(?:\.\d+)?[sdifguxXeEc](?!\p{L})"
    r"|\$\{?[A-Za-z_]\w*\}?"
)
_NUMBER = regex.compile(r"\d+")
_WORD = regex.compile(r"\p{L}[\p{L}\p{M}'’-]*")
_LETTER = regex.compile(r"\p{L}")
_ABOUT = r"translat|переклад|перевод|übersetz|traduc|traduz|tłumacz|překlad"
_TALK = regex.compile(
    rf"\A[^\n:]{{0,80}}(?:{_ABOUT})[^\n:]{{0,60}}:|\b(?:as an ai|language model)\b|\A```", regex.IGNORECASE
)
_TALKED_OF = regex.compile(rf"{_ABOUT}|\bai\b|language model|```", regex.IGNORECASE)

_SHORT_CHARS = 20
_SHORTEST, _LONGEST = 0.3, 3.5
_DENSE = 4.0
"""Han says in one character what letters say in so many."""
_FEW_WORDS = 3
_TELLING_WORDS = 6
"""From here on a detector may say that it is another language of the same script."""


def verdict(source: str, target: str, *, language: str, glossary: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """What is wrong with ``target``, a translation of ``source`` into ``language``; nothing: it fits."""
    said, asked = markers.plain(target), markers.plain(source)
    problems = list(markers.fits(source, target))
    if _LETTER.search(asked) and not said.strip():
        return (*problems, EMPTY)
    found = {
        UNTRANSLATED: _is_untranslated(asked, said),
        PLACEHOLDERS: _placeholders(asked) != _placeholders(said),
        NUMBERS: _numbers(asked) != _numbers(said),
        LENGTH: not _has_length(asked, said),
        LANGUAGE: not _is_in(language, asked, said),
        TALK: bool(_TALK.search(said)) and not _TALKED_OF.search(asked),
        GLOSSARY: not _keeps_to(glossary or {}, asked, said),
    }
    return (*problems, *(name for name, is_wrong in found.items() if is_wrong))


def lost(source: str, target: str) -> tuple[str, ...]:
    """The part of a verdict that holds for any service, demos too: markers, and that there is something."""
    problems = markers.fits(source, target)
    is_empty = bool(_LETTER.search(markers.plain(source))) and not markers.plain(target).strip()
    return (*problems, EMPTY) if is_empty else problems


def words_of(glossary: Mapping[str, str], text: str) -> dict[str, str]:
    """The entries of a glossary whose words stand in a text."""
    folded = text.casefold()
    return {
        word: rendering
        for word, rendering in glossary.items()
        if word.casefold() in folded
        and regex.search(rf"(?<!\p{{L}}){regex.escape(word.casefold())}(?!\p{{L}})", folded)
    }


def _placeholders(text: str) -> Counter[str]:
    return Counter(_PLACEHOLDER.findall(text))


def _numbers(text: str) -> Counter[str]:
    """Runs of digits: 1,000.5 may become 1 000,5, and a date may be turned around."""
    return Counter(run.lstrip("0") or "0" for run in _NUMBER.findall(_PLACEHOLDER.sub(" ", text)))


def _is_untranslated(source: str, target: str) -> bool:
    return target.split() == source.split() and len(_WORD.findall(_PLACEHOLDER.sub(" ", source))) > _FEW_WORDS


def _has_length(source: str, target: str) -> bool:
    one, other = _weight(source), _weight(target)
    return max(one, other) < _SHORT_CHARS or _SHORTEST * one <= other <= _LONGEST * one


def _weight(text: str) -> float:
    dense = len(regex.findall(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]", text))
    return len(text.strip()) + dense * (_DENSE - 1)


def _is_in(language: str, source: str, target: str) -> bool:
    """By its script, and between languages of one script by a detector that is sure. Names and code may stay."""
    kept = set(_WORD.findall(source))
    words = [word for word in _WORD.findall(_PLACEHOLDER.sub(" ", target)) if word not in kept]
    if len(words) <= _FEW_WORDS:
        return True
    ours = languages.ALL[language]
    letters = "".join(words)
    scripts = "".join(rf"\p{{{script}}}" for script in ours.script.split(","))
    if len(regex.findall(rf"[{scripts}]", letters)) < len(_LETTER.findall(letters)) / 2:
        return False
    if len(words) < _TELLING_WORDS:
        return True
    found = detecting.detect(target)
    return not found.is_sure or _are_kin(found.code, ours.base)


_KIN = tuple(
    map(
        frozenset,
        (
            ("hr", "sr", "bs", "sl"),
            ("da", "nb"),
            ("id", "ms"),
            ("pt", "gl"),
            ("cs", "sk"),
            ("bg", "mk"),
            ("az", "tr"),
            ("ca", "es", "gl"),
        ),
    )
)
"""A detector takes one for the other."""


def _are_kin(found: str, wanted: str) -> bool:
    if found.partition("-")[0] == wanted or not detecting.knows(wanted):
        return True
    return any({found, wanted} <= kin for kin in _KIN)


def _keeps_to(glossary: Mapping[str, str], source: str, target: str) -> bool:
    """Each rendering is there, perhaps with another ending."""
    folded = target.casefold()
    return all(_stem(rendering) in folded for rendering in words_of(glossary, source).values())


def _stem(rendering: str) -> str:
    word = rendering.casefold().split()[0] if rendering.split() else ""
    return word[: max(2, len(word) - max(2, len(word) // 4))]
