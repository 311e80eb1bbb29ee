"""What catalogues have answered, kept for everybody: public, and nothing of whoever asked.

Works are believed for a month, searches and what became of a work for a week. That nobody answered is not remembered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from datetime import timedelta
from typing import Any

from django.utils import timezone

from documents.models import ScholarlySearch
from documents.models import ScholarlyWork
from documents.sources import names
from documents.sources.works import Asked
from documents.sources.works import Author
from documents.sources.works import Notice
from documents.sources.works import Work

WORKS = timedelta(days=30)
SEARCHES = timedelta(days=7)
NOTICES = timedelta(days=7)
_ASKED_OF = "notices:{}"
"""The provider of a row that says what became of a work, so that it does not say what the work is."""


def key_of(work: Work) -> str:
    """Its DOI, else what it is known by."""
    return work.doi or names.fingerprint(work.title, work.year, work.first_family)


def searches(provider: str, queries: Sequence[str]) -> dict[str, list[Work]]:
    """By query what was found for it within a week; those that must be asked are missing."""
    hashes = {_hash(query): query for query in queries}
    rows = ScholarlySearch.objects.filter(
        provider=provider, query_hash__in=hashes, fetched_at__gte=timezone.now() - SEARCHES
    )
    kept = {hashes[row.query_hash]: list(row.work_keys) for row in rows}
    works = _works(provider, {key for keys in kept.values() for key in keys})
    return {query: [works[key] for key in keys] for query, keys in kept.items() if all(key in works for key in keys)}


def keep_search(provider: str, query: str, found: Sequence[Work]) -> None:
    """What a provider answered."""
    works = {key_of(work): work for work in found}
    _keep_works(provider, works)
    ScholarlySearch.objects.bulk_create(
        [ScholarlySearch(provider=provider, query_hash=_hash(query), work_keys=list(works), fetched_at=timezone.now())],
        update_conflicts=True,
        unique_fields=["provider", "query_hash"],
        update_fields=["work_keys", "fetched_at"],
    )


def work(provider: str, doi: str) -> tuple[bool, Work | None]:
    """Whether it is known what a provider has under a DOI, and that; None: it has no such work."""
    row = ScholarlyWork.objects.filter(provider=provider, key=doi, fetched_at__gte=timezone.now() - WORKS).first()
    return (row is not None, _read(row) if row is not None else None)


def keep_work(provider: str, doi: str, found: Work | None) -> None:
    """What a provider has under a DOI, or that it has nothing."""
    _keep_works(provider, {doi: found})


def notices(questions: Sequence[str], doi: str) -> list[Asked] | None:
    """The answers to all of these questions within a week; None when one must be asked."""
    rows = ScholarlyWork.objects.filter(
        provider__in=[_ASKED_OF.format(question) for question in questions],
        key=doi,
        notices_at__gte=timezone.now() - NOTICES,
    )
    known = {row.provider: row for row in rows}
    if len(known) < len(questions):
        return None
    return [_answer(question, known[_ASKED_OF.format(question)]) for question in questions]


def keep_notices(doi: str, asked: Iterable[Asked]) -> None:
    """The answers that were given."""
    now = timezone.now()
    ScholarlyWork.objects.bulk_create(
        [
            ScholarlyWork(
                provider=_ASKED_OF.format(one.provider),
                key=doi,
                doi=doi,
                notices=sorted(notice.value for notice in one.notices),
                notices_at=now,
                fetched_at=now,
            )
            for one in sorted(asked, key=lambda one: one.provider)
            if one.is_answered
        ],
        update_conflicts=True,
        unique_fields=["provider", "key"],
        update_fields=["notices", "notices_at", "fetched_at"],
    )


def forget(now: datetime) -> int:
    """Remove what is no longer believed; returns how many rows."""
    old_works, _ = ScholarlyWork.objects.filter(fetched_at__lt=now - WORKS).delete()
    old_searches, _ = ScholarlySearch.objects.filter(fetched_at__lt=now - SEARCHES).delete()
    return old_works + old_searches


def _keep_works(provider: str, works: dict[str, Work | None] | dict[str, Work]) -> None:
    now = timezone.now()
    rows = [
        ScholarlyWork(
            provider=provider,
            key=key,
            doi=one.doi if one else key,
            payload=_written(one) if one else None,
            abstract=one.abstract if one else "",
            fetched_at=now,
        )
        # In one order in all processes: two that keep the same works wait for each other, and never both.
        for key, one in sorted(works.items())
    ]
    ScholarlyWork.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["provider", "key"],
        update_fields=["doi", "payload", "abstract", "fetched_at"],
    )


def _works(provider: str, keys: Iterable[str]) -> dict[str, Work]:
    rows = ScholarlyWork.objects.filter(
        provider=provider, key__in=keys, fetched_at__gte=timezone.now() - WORKS, payload__isnull=False
    )
    return {row.key: found for row in rows if (found := _read(row)) is not None}


def _written(found: Work) -> dict[str, Any]:
    """Its abstract has a column of its own."""
    return {name: value for name, value in asdict(found).items() if name != "abstract"}


def _read(row: ScholarlyWork) -> Work | None:
    if row.payload is None:
        return None
    authors = tuple(Author(**author) for author in row.payload["authors"])
    return Work(**{**row.payload, "authors": authors, "abstract": row.abstract})


def _answer(question: str, row: ScholarlyWork) -> Asked:
    on = row.notices_at.date() if row.notices_at else None
    return Asked(question, is_answered=True, notices=frozenset(map(Notice, row.notices)), on=on)


def _hash(query: str) -> str:
    return hashlib.sha256(query.casefold().encode()).hexdigest()
