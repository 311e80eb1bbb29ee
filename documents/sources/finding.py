"""Finding works for a section: all catalogues are asked at once, and whoever gave no answer is told by name."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from enum import StrEnum

from django.db import connections

from documents.sources import base
from documents.sources import memory
from documents.sources.base import Provider
from documents.sources.base import Unanswered
from documents.sources.merging import merged
from documents.sources.merging import ranked
from documents.sources.works import Work

MOST_QUERIES = 4
QUERY_CHARS = 300
PER_QUERY = 20
"""Works of one answer."""
MOST_KEPT = 20
PATIENCE_SECONDS = 20.0
"""For the turns of one search of all catalogues; a job can come back later."""


class Trouble(StrEnum):
    """Why somebody gave no answer."""

    AWAY = "away"
    KEY = "key"
    BUDGET = "budget"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Search:
    """One question to one provider; ``found`` counts works, ``again_at`` is when it may be asked again."""

    provider: str
    query: str
    found: int = 0
    trouble: Trouble | None = None
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Each work once, the best first, and all that was asked for it."""

    works: tuple[Work, ...]
    searches: tuple[Search, ...]

    @property
    def unanswered(self) -> tuple[Search, ...]:
        """The questions that got no answer: these works may not be all there are."""
        return tuple(one for one in self.searches if one.trouble)


def find(
    queries: Sequence[str],
    goal: str,
    providers: Sequence[Provider],
    *,
    most: int = MOST_KEPT,
    check: Callable[[], object] = lambda: None,
) -> Found:
    """Works about ``goal``, which ``queries`` say in the words of a search, in English and the document's language.

    Scarce providers are asked only while the others have not brought ``most`` works that can be read; nobody is asked
    what they have answered within a week. Nobody's silence is raised; ``check`` is called while waiting for a turn, and
    what it raises is.
    """
    asked = list(dict.fromkeys(" ".join(query.split())[:QUERY_CHARS] for query in queries if query.strip()))
    about = " ".join([goal, *asked])
    works: list[Work] = []
    searches: list[Search] = []
    for group in ([one for one in providers if not one.is_scarce], [one for one in providers if one.is_scarce]):
        if sum(bool(work.abstract) for work in ranked(merged(works), about, most=most)) >= most:
            break
        for answer in _answers(group, asked[:MOST_QUERIES], check):
            searches += [search for search, _ in answer]
            works += [work for _, found in answer for work in found]
    return Found(tuple(ranked(merged(works), about, most=most)), tuple(searches))


_Answers = list[tuple[Search, Sequence[Work]]]


def _remembered(provider: Provider, queries: Sequence[str]) -> dict[str, list[Work]]:
    return {} if provider.is_demo else memory.searches(provider.name, queries)


def _answers(providers: Sequence[Provider], queries: Sequence[str], check: Callable[[], object]) -> Iterator[_Answers]:
    """Of each provider: what is remembered of it, and what it says to the other queries."""
    known = [_remembered(provider, queries) for provider in providers]
    left = [[query for query in queries if query not in one] for one in known]
    for provider, remembered, asked in zip(providers, known, _at_once(providers, left, check), strict=True):
        for search, works in asked:
            if not search.trouble and not provider.is_demo:
                memory.keep_search(provider.name, search.query, works)
        yield [(Search(provider.name, query, len(works)), works) for query, works in remembered.items()] + asked


def _at_once(
    providers: Sequence[Provider], queries: Sequence[Sequence[str]], check: Callable[[], object]
) -> list[_Answers]:
    """No provider waits for another."""
    if not any(queries):
        return [[] for _ in providers]
    with base.patient(PATIENCE_SECONDS, check), ThreadPoolExecutor(len(providers), "sources") as pool:
        running = [
            pool.submit(contextvars.copy_context().run, _in_thread, provider, own)
            for provider, own in zip(providers, queries, strict=True)
        ]
        return [one.result() for one in running]


def _in_thread(provider: Provider, queries: Sequence[str]) -> _Answers:
    try:
        return _asked(provider, queries)
    finally:
        connections.close_all()  # of whatever ``check`` looks at, as this thread ends


def _asked(provider: Provider, queries: Sequence[str]) -> _Answers:
    answers: _Answers = []
    for place, query in enumerate(queries):
        try:
            found = provider.search(query, most=PER_QUERY)
        except Unanswered as error:
            # It would answer the next ones no better, and asking costs its patience and ours.
            answers += [(_silent(provider, other, error), ()) for other in queries[place:]]
            break
        answers.append((Search(provider.name, query, len(found)), found))
    return answers


def _silent(provider: Provider, query: str, error: Unanswered) -> Search:
    again_at = datetime.now(UTC) + timedelta(seconds=error.retry_after)
    return Search(provider.name, query, trouble=_trouble(error), again_at=again_at)


def _trouble(error: Unanswered) -> Trouble:
    match error:
        case base.KeyRejected():
            return Trouble.KEY
        case base.BudgetSpent():
            return Trouble.BUDGET
        case base.NotOurTurn():
            return Trouble.BUSY
    return Trouble.AWAY
