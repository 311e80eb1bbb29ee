"""Finding what a section may cite, and keeping it with the document under keys that stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from core import llm
from documents import drafting
from documents.errors import NotEnoughSources
from documents.errors import SourcesSilent
from documents.models import Document
from documents.models import DocumentRun
from documents.models import DocumentSection
from documents.models import DocumentSource
from documents.services.running.asking import Clerk
from documents.services.sourcing import examined
from documents.services.sourcing import keeping
from documents.services.sourcing import rows
from documents.sources import catalogues
from documents.sources import finding
from documents.sources.works import Author
from documents.sources.works import Work
from documents.writing.sources import Source

MOST_PASSAGES = 3
"""Of one source, in a prompt."""
_QUERY_TOKENS = 400
_PATIENCE = (60.0, 120.0, 300.0, 600.0)
"""Seconds before catalogues that were silent are asked again."""


def sources(clerk: Clerk, section: DocumentSection) -> list[Source]:
    """What the section may cite, the best first, then what its owner has added.

    Raises NotEnoughSources, and SourcesSilent after some patience.
    """
    messages = clerk.prompt(drafting.QUERIES_TASK, {"section": {"title": section.title, "goal": section.goal}})
    queries = clerk.asked("queries", messages, _QUERY_TOKENS, drafting.QUERIES, drafting.read_queries)
    found = _kept(clerk, _looked_up(clerk, section, queries))
    citable = {row.key: row for row in keeping.citable(clerk.desk.document)}
    added = [row for row in citable.values() if row.is_user_added]
    chosen = {row.key: row for row in [*found, *added] if row.key in citable}
    goal = f"{section.title}. {section.goal}"
    return [rows.for_model(row, goal, most=MOST_PASSAGES) for row in chosen.values()]


def look_at(clerk: Clerk, keys: Sequence[str]) -> None:
    """Ask the catalogues about those of these sources that nobody was asked about yet."""
    unknown = DocumentSource.objects.filter(document=clerk.desk.document, key__in=keys, checked_at=None)
    examined.look_at_all(unknown.order_by("id"), clerk.desk.run.check)


def _looked_up(clerk: Clerk, section: DocumentSection, queries: Sequence[str]) -> list[Work]:
    desk = clerk.desk
    # Where a demo writes, nothing real stands behind it either.
    is_demo = llm.catalogue.get(desk.models[0]).is_demo
    providers = (catalogues.demo() if is_demo else catalogues.there_are()).searched
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


def _kept(clerk: Clerk, works: Sequence[Work]) -> list[DocumentSource]:
    """Their rows; a work that the document has already keeps the key that it has."""
    with clerk.desk.writing():
        document = Document.objects.select_for_update(of=("self",)).get(pk=clerk.desk.document.pk)
        kept = [keeping.keep(document, rows.new_row(work, rows.csl_of(work))) for work in works]
    return [row for row in kept if row is not None]
