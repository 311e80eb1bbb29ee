"""Words that carry what a sentence says, and how much of one text stands in another."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterable
from functools import lru_cache

import regex  # type: ignore[import-untyped]
from rapidfuzz import fuzz

_WORD = regex.compile(r"\p{L}+(?:'\p{L}+)?")
_EMPTY_WORDS = """
a an and are as at be been being but by can could did do does for from had has have he her his how if in into
is it its may might more most must not no nor of on one or other our out over she should so some such than
that the their them then there these they this those through to under upon was we were what when where which
while who will with within without would you your also both each all any between among during after before
about against however study studies paper authors author found find finds finding findings show shows showed
shown result results suggest suggests suggested report reports reported according і й та а але або чи що як у
в на з із зі до від для про при по за над під через між без не ні це цей ця ці той ті його її їх їхній який
яка яке які був була було були є бути може можуть також тільки лише вже ще більш менш після перед час млн млрд
тис мільйон мільйонів тисяч відсотків відсотки відсоток percent million billion thousand дослідження автори
автор результати показали показує показало виявили згідно
"""
_EMPTY = frozenset(_EMPTY_WORDS.split())
_NEAR = 84.0
"""Of 100: inflected forms of one word (``rapidfuzz.fuzz.ratio``). Ours, by trying it."""
_SHORTEST = 3
_STEM = 4
_ENDING = 2
"""Letters in which forms of a word may differ, as "місто" and "місті" do."""
_ENDINGS = (
    "izations", "ization", "ations", "ation", "ities", "ments", "ment", "ness", "ings", "ing", "ies", "ity", "ives",
    "ive", "ers", "er", "ed", "es", "ly", "al", "s",
)  # fmt: skip

Rarity = Callable[[str], float]
"""How much a word tells: the less, the more of the sources have it."""


def words(text: str) -> list[str]:
    """All words of a text, folded."""
    return [match.group() for match in _WORD.finditer(text.casefold().replace("\u2019", "'"))]


def telling(text: str) -> list[str]:
    """Stems of the words that carry something."""
    return [stem(word) for word in words(text) if len(word) >= _SHORTEST and word not in _EMPTY]


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Without the commonest endings of English; other languages keep theirs, and are compared by likeness."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _STEM:
            return word[: -len(ending)]
    return word


def rarity(texts: Iterable[str]) -> Rarity:
    """Of the words in these texts (inverse document frequency, smoothed); for a word of none of them the highest."""
    counted: Counter[str] = Counter()
    size = 0
    for text in texts:
        counted.update(set(telling(text)))
        size += 1
    return lambda word: math.log((size + 1) / (counted.get(word, 0) + 0.5)) + 0.1


def coverage(claim: str, quote: str, rarity: Rarity) -> float:
    """0 to 1: how much of what a claim says stands in a quote, rare words counting more."""
    wanted, there = set(telling(claim)), telling(quote)
    whole = sum(max(rarity(word), 0.1) for word in wanted)
    if not whole:
        return 1.0
    return sum(max(rarity(word), 0.1) for word in wanted if stands_in(word, there)) / whole


def stands_in(word: str, there: Iterable[str]) -> bool:
    """The word or another form of it."""
    return any(word == other or _is_form(word, other) for other in there)


def _is_form(one: str, other: str) -> bool:
    shorter = min(len(one), len(other))
    if shorter < _STEM:
        return False
    begins_alike = one[:_STEM] == other[:_STEM]
    common = max(_STEM, shorter - _ENDING)
    return begins_alike and (fuzz.ratio(one, other) >= _NEAR or one[:common] == other[:common])
