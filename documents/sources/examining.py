"""What catalogues say of one work: who has it, as what, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass

from documents.sources import base
from documents.sources import memory
from documents.sources import names
from documents.sources.base import Provider
from documents.sources.base import Unanswered
from documents.sources.base import Watcher
from documents.sources.catalogues import Catalogues
from documents.sources.works import Asked
from documents.sources.works import Work

PATIENCE_SECONDS = 30.0
_PER_TITLE = 5


@dataclass(frozen=True, slots=True)
class Examined:
    """``records`` are those of providers that have this very work, ``nearest`` the one that it is compared with, which
    may be of another author. ``unanswered`` counts the providers that could not be asked."""

    records: tuple[Work, ...] = ()
    nearest: Work | None = None
    unanswered: int = 0
    resolves: bool = False
    asked: tuple[Asked, ...] = ()


def examine(cited: Work, catalogues: Catalogues, check: Callable[[], object] = lambda: None) -> Examined:
    """Ask all that is asked of a reference. Nobody's silence is raised; ``check`` is called while waiting."""
    if cited.is_demo:
        return Examined()
    with base.patient(PATIENCE_SECONDS, check):
        return _by_doi(cited.doi, catalogues) if cited.doi else _by_title(cited, catalogues.searched)


def notices(doi: str, watchers: Sequence[Watcher]) -> tuple[Asked, ...]:
    """What became of a work, by each question; who has answered within a week is not asked again."""
    found: list[Asked] = []
    for watcher in watchers:
        known = memory.notices(watcher.questions, doi)
        if known is None:
            known = list(watcher.notices(doi))
            memory.keep_notices(doi, known)
        found += known
    return tuple(found)


def _by_doi(doi: str, catalogues: Catalogues) -> Examined:
    records, silent = _looked_up(doi, catalogues.looked_up)
    if not records and not silent:
        more, silent = _looked_up(doi, catalogues.others)
        records += more
    resolves = len(records) == 1 and _resolves(doi, catalogues)
    nearest = records[0] if records else None
    return Examined(tuple(records), nearest, silent, resolves, notices(doi, catalogues.watchers))


def _looked_up(doi: str, providers: Sequence[Provider]) -> tuple[list[Work], int]:
    """Their records, and how many of them gave no answer."""
    records: list[Work] = []
    silent = 0
    for provider in providers:
        try:
            found = _look_up(provider, doi)
        except Unanswered:
            silent += 1
            continue
        records += [found] if found is not None else []
    return records, silent


def _look_up(provider: Provider, doi: str) -> Work | None:
    is_known, found = memory.work(provider.name, doi)
    if not is_known:
        found = provider.look_up(doi)
        memory.keep_work(provider.name, doi, found)
    return found


def _resolves(doi: str, catalogues: Catalogues) -> bool:
    try:
        return catalogues.resolver is not None and catalogues.resolver.leads_somewhere(doi)
    except Unanswered:
        return False


def _by_title(cited: Work, providers: Sequence[Provider]) -> Examined:
    """Without a DOI: the same title of the same author. The title alone may be another one's work."""
    records: list[Work] = []
    nearest: Work | None = None
    silent = 0
    for provider in providers:
        try:
            alike = list(_titled(cited, provider))
        except Unanswered:
            silent += 1
            continue
        same = [work for work in alike if names.is_same_family(cited.first_family, work.first_family)]
        records += same[:1]
        nearest = nearest or next(iter([*same, *alike]), None)
    return Examined(tuple(records), records[0] if records else nearest, silent)


def _titled(cited: Work, provider: Provider) -> Iterator[Work]:
    query = f"{cited.title} {cited.first_family}".strip()
    known = memory.searches(provider.name, [query]).get(query)
    if known is None:
        known = list(provider.search(query, most=_PER_TITLE))
        memory.keep_search(provider.name, query, known)
    return (work for work in known if names.is_same_title(cited.title, work.title))
