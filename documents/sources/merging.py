"""One list of works from what several providers found: each work once, the best first."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import replace

from documents import words
from documents.sources import abstracts
from documents.sources import names
from documents.sources.works import Work

_K1, _B = 1.2, 0.75
"""Of BM25, as Robertson and Zaragoza (2009) recommend."""
_CITED, _WITH_ABSTRACT, _NEW = 0.15, 0.5, 0.02
"""How much citations (their logarithm), an abstract and each year since ``_OLD`` weigh beside the words. Ours."""
_OLD = 1990
_TRUSTED = ("crossref", "openalex", "semantic_scholar")
"""Whose record is kept: publishers write their own, the others collect."""


def merged(found: Iterable[Work]) -> list[Work]:
    """Each work once, with what its records have together; in the order in which they came."""
    works: list[list[Work]] = []
    by_doi: dict[str, list[Work]] = {}
    # Two questions may have brought one record.
    for work in dict.fromkeys(found):
        group = by_doi.get(work.doi) if work.doi else None
        group = group if group is not None else next((one for one in works if _is_same(one, work)), None)
        if group is None:
            group = []
            works.append(group)
        group.append(work)
        if work.doi:
            by_doi.setdefault(work.doi, group)
    return [_together(group) for group in works]


def ranked(works: Sequence[Work], about: str, *, most: int) -> list[Work]:
    """The works that speak of it most; of equals the one that is cited more, newer, and can be read."""
    bodies = [words.telling(f"{work.title} {work.title} {work.abstract}") for work in works]
    wanted = set(words.telling(about))
    counted = Counter(word for body in bodies for word in set(body) if word in wanted)
    usual = sum(map(len, bodies)) / len(bodies) if bodies else 1.0

    def score(place: int) -> float:
        body, work = bodies[place], works[place]
        times = Counter(word for word in body if word in wanted)
        spoken = sum(
            math.log(1 + (len(works) - counted[word] + 0.5) / (counted[word] + 0.5))
            * count
            * (_K1 + 1)
            / (count + _K1 * (1 - _B + _B * len(body) / (usual or 1)))
            for word, count in times.items()
        )
        if not spoken:
            return 0.0
        return (
            spoken
            + _CITED * math.log1p(work.citations or 0)
            + _NEW * max(0, (work.year or _OLD) - _OLD)
            + (_WITH_ABSTRACT if work.abstract else 0)
        )

    scores = [score(place) for place in range(len(works))]
    order = sorted(range(len(works)), key=lambda place: (-scores[place], place))
    return [works[place] for place in order if scores[place]][:most]


def _is_same(group: list[Work], work: Work) -> bool:
    """Without a DOI to tell: title, first author and year. Two DOIs are two works, whatever they are called."""
    if work.doi and any(one.doi for one in group):
        return False
    first = group[0]
    if not first.authors or not work.authors or first.year is None or work.year is None:
        return False
    return (
        abs(first.year - work.year) <= names.YEARS_APART
        and names.is_same_family(first.authors[0].family, work.authors[0].family)
        and names.is_same_title(first.title, work.title)
    )


def _together(group: list[Work]) -> Work:
    best = min(group, key=lambda work: _TRUSTED.index(work.provider) if work.provider in _TRUSTED else len(_TRUSTED))
    return replace(
        best,
        doi=best.doi or next((one.doi for one in group if one.doi), ""),
        abstract=abstracts.fitting(best.title, [(one.provider, one.abstract) for one in (best, *group)]),
        container=best.container or next((one.container for one in group if one.container), ""),
        language=best.language or next((one.language for one in group if one.language), ""),
        citations=max((one.citations for one in group if one.citations is not None), default=None),
    )
