"""Finding what a section may cite, and keeping it with the document under keys that stay."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.utils import timezone

from core import llm
from documents import drafting
from documents.checks import records
from documents.errors import NotEnoughSources
from documents.errors import SourcesSilent
from documents.models import DocumentRun
from documents.models import DocumentSection
from documents.models import DocumentSource
from documents.services.running import catalogues
from documents.services.running.asking import Clerk
from documents.sources import finding
from documents.sources.works import Author
from documents.sources.works import Work
from documents.writing.sources import Passage
from documents.writing.sources import Source

_QUERY_TOKENS = 400
_PATIENCE = (60.0, 120.0, 300.0, 600.0)
"""Seconds before catalogues that were silent are asked again."""


def sources(clerk: Clerk, section: DocumentSection) -> list[Source]:
    """What the section may cite, the best first. Raises NotEnoughSources, and SourcesSilent after some patience."""
    messages = clerk.prompt(drafting.QUERIES_TASK, {"section": {"title": section.title, "goal": section.goal}})
    queries = clerk.asked("queries", messages, _QUERY_TOKENS, drafting.QUERIES, drafting.read_queries)
    works = _looked_up(clerk, section, queries)
    keys = _kept(clerk, works)
    rows = DocumentSource.objects.filter(document=clerk.desk.document, key__in=keys, is_excluded=False)
    by_key = {row.key: row for row in rows}
    return [source_of(by_key[key]) for key in keys if key in by_key]


def source_of(row: DocumentSource) -> Source:
    """As a model is shown it."""
    issued = row.csl.get("issued", {}).get("date-parts", [[None]])[0][0]
    names = ", ".join(author.get("family", "") for author in row.csl.get("author", [])[:3])
    passages = tuple(Passage(one["text"], one.get("locator", "")) for one in row.passages)
    return Source(row.key, row.csl.get("title", ""), names, issued, passages)


def _looked_up(clerk: Clerk, section: DocumentSection, queries: Sequence[str]) -> list[Work]:
    desk = clerk.desk
    providers = catalogues.of(is_demo=llm.catalogue.get(desk.models[0]).is_demo)
    asked = [list(queries), section.goal, sorted(provider.name for provider in providers)]

    def do() -> list[dict[str, Any]]:
        found = finding.find(queries, f"{section.title}. {section.goal}", providers, check=desk.run.check)
        if not found.works:
            raise SourcesSilent if found.unanswered else NotEnoughSources
        return [asdict(work) for work in found.works]

    try:
        stored = clerk.steps.look_up("research", section, asked, do)
    except SourcesSilent:
        tries = clerk.steps.tries("research", section)
        if tries > len(_PATIENCE):
            raise
        desk.wait(DocumentRun.Pause.PROVIDER, _PATIENCE[tries - 1])
    return [_work(one) for one in stored]


def _work(stored: dict[str, Any]) -> Work:
    return Work(**(stored | {"authors": tuple(Author(**author) for author in stored["authors"])}))


def _kept(clerk: Clerk, works: Iterable[Work]) -> list[str]:
    """Keys of the works in their order; one that the document has already keeps the key that it has."""
    desk, keys = clerk.desk, list[str]()
    with desk.writing():
        rows = DocumentSource.objects.select_for_update(of=("self",)).filter(document=desk.document)
        present = list(rows.only("key", "doi", "fingerprint", "document_id"))
        by_doi = {row.doi: row.key for row in present if row.doi}
        by_print = {row.fingerprint: row.key for row in present}
        number = max((int(row.key[1:]) for row in present), default=0)
        for work in works:
            known = by_doi.get(work.doi) or by_print.get(fingerprint(work))
            if known is None:
                number += 1
                known = f"S{number}"
                DocumentSource.objects.create(document=desk.document, key=known, **_fields(work))
                by_print[fingerprint(work)] = known
                by_doi |= {work.doi: known} if work.doi else {}
            keys.append(known)
    return list(dict.fromkeys(keys))


def fingerprint(work: Work) -> str:
    """Of title, year and first author."""
    first = work.authors[0].family if work.authors else ""
    told = "|".join([" ".join(work.title.casefold().split()), str(work.year or ""), first.casefold()])
    return hashlib.sha256(told.encode()).hexdigest()


def _fields(work: Work) -> dict[str, Any]:
    passages = [{"text": work.abstract, "locator": ""}] if work.abstract else []
    return {
        "provider": work.provider,
        "doi": work.doi,
        "csl": _csl(work),
        "abstract": work.abstract,
        "passages": passages,
        "language": work.language[:12],
        "fingerprint": fingerprint(work),
        "is_demo": work.is_demo,
        "lamps": _lamps(work),
    }


def _csl(work: Work) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": "article-journal",
        "title": work.title,
        "author": [{"family": one.family, "given": one.given} for one in work.authors],
    }
    made |= {"issued": {"date-parts": [[work.year]]}} if work.year else {}
    made |= {"container-title": work.container} if work.container else {}
    made |= {"DOI": work.doi} if work.doi else {}
    return made | ({"language": work.language} if work.language else {})


def _lamps(work: Work) -> dict[str, Any]:
    """That there is one record of it. Who else has it, and what became of it, was not asked yet."""
    found = {
        "exists": records.exists(work, [work], unanswered=0),
        "metadata": records.described(work, None),
        "retraction": records.stands(work, [], today=timezone.now().date()),
    }
    return {name: {"lamp": one.lamp, "reasons": list(one.faults)} for name, one in found.items()}
