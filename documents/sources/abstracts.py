"""Whether an abstract is of the work whose record it stands in: catalogues mix them up.

What is taken for the words of a source is quoted as such, so an abstract in doubt is left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz

from documents import words
from documents.sources import names

FITS = 0.2
"""How much of a title must stand in its abstract. Ours, by trying all pairs of the demo works: each abstract fits its
own title, and one of 20 fits another."""
_ALIKE = 85.0
"""Of 100: two catalogues have one abstract."""


def fitting(title: str, written: Sequence[tuple[str, str]]) -> str:
    """Of abstracts with the names of their providers the first that can be believed; empty when none can.

    It must speak of its title, or two providers must have it alike, as titles may be plays upon words.
    """
    there = [(provider, abstract) for provider, abstract in written if abstract]
    for provider, abstract in there:
        if speaks_of(title, abstract) or any(
            other != provider and fuzz.token_set_ratio(abstract, second) >= _ALIKE for other, second in there
        ):
            return abstract
    return ""


def speaks_of(title: str, abstract: str) -> bool:
    """Whether enough words of a title, or forms of them, stand in an abstract."""
    return words.coverage(names.unmarked(title), abstract, lambda _word: 1.0) >= FITS
