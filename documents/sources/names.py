"""Names and titles as catalogues write them: without accents, in Latin letters, in one case."""

from __future__ import annotations

import hashlib
import unicodedata

import regex  # type: ignore[import-untyped]
from rapidfuzz import fuzz

ALIKE = 90.0
"""Of 100 (``rapidfuzz.fuzz``): names of one thing as two catalogues write them. Ours, by trying it."""
YEARS_APART = 1
"""Printed and online are often of two years."""
# Ukrainian by decree No. 55 of the Cabinet of Ministers, 2010-01-27; Russian letters it does not have by BGN/PCGN.
_LATIN = {
    "а": "a", "б": "b", "в": "v", "г": "h", "ґ": "g", "д": "d", "е": "e", "є": "ie", "ж": "zh", "з": "z", "и": "y",
    "і": "i", "ї": "i", "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s",
    "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ь": "", "ю": "iu",
    "я": "ia", "ё": "e", "ъ": "", "ы": "y", "э": "e", "'": "", "\u2019": "", "\u02bc": "",
}  # fmt: skip
_BARE = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
_LOOSE = [("ie", "e"), ("ye", "e"), ("iu", "u"), ("yu", "u"), ("ju", "u"), ("ia", "a"), ("ya", "a"), ("ja", "a"),
          ("y", "i"), ("j", "i"), ("kh", "h"), ("g", "h"), ("ii", "i"), ("oe", "o"), ("ue", "u"), ("ae", "a"),
          ("w", "v")]  # fmt: skip
_TAG = regex.compile(r"<[^<>]{1,40}>")
_MARK = regex.compile(
    r"\A\s*(?:retracted|withdrawn|removed|retraction)(?: article| paper)?\s*[:.]\s*", regex.IGNORECASE
)
"""What catalogues put before the title of what was taken back."""
_SPLIT = regex.compile(r"[^\p{L}\p{N}]+")


def latin(text: str) -> str:
    """In small Latin letters without accents; other scripts stay as they are."""
    found = []
    for char in text.casefold():
        if char in _LATIN:
            found.append(_LATIN[char])
            continue
        for part in unicodedata.normalize("NFKD", _BARE.get(char, char)):
            if unicodedata.combining(part):
                continue
            found.append(_LATIN.get(part, part))
    return "".join(found)


def plain(title: str) -> str:
    """Words of a title with single blanks; the marks that catalogues leave in titles go."""
    return " ".join(part for part in _SPLIT.split(latin(_TAG.sub("", unmarked(title)))) if part)


def unmarked(title: str) -> str:
    """Without "RETRACTED:" before it, which a heading of the title would otherwise end at."""
    return str(_MARK.sub("", title))


def is_same_family(one: str, other: str) -> bool:
    """Whether two writings are of one family name: "Müller" and "Mueller", "Шевченко" and "Shevchenko"."""
    mine, theirs = _parts(one), _parts(other)
    if not mine or not theirs:
        return False
    # Particles and second family names are left out here and there; the last part is kept everywhere.
    return mine == theirs or mine[-1] == theirs[-1] or (mine[0] == theirs[0] and min(len(mine), len(theirs)) == 1)


def is_same_title(one: str, other: str) -> bool:
    """The same words, perhaps without what stands after the colon."""
    mine, theirs = plain(one), plain(other)
    if not mine or not theirs:
        return False
    if fuzz.token_sort_ratio(mine, theirs) >= ALIKE:
        return True
    heads = [plain(unmarked(title).split(":", 1)[0].split(". ", 1)[0]) for title in (one, other)]
    # One catalogue has the subtitle and the other has not; of both having one, both must be alike.
    has_one = [head != whole for head, whole in zip(heads, (mine, theirs), strict=True)]
    return has_one.count(True) == 1 and len(heads[0].split()) > 1 and fuzz.token_sort_ratio(*heads) >= ALIKE


def fingerprint(title: str, year: int | None, family: str) -> str:
    """By which a work without a DOI is known: its title, its year and its first author."""
    told = "|".join([" ".join(title.casefold().split()), str(year or ""), family.casefold()])
    return hashlib.sha256(told.encode()).hexdigest()


def _parts(name: str) -> list[str]:
    return [_loose(part) for part in plain(name).split()]


def _loose(word: str) -> str:
    for written, same in _LOOSE:
        word = word.replace(written, same)
    return word
