"""Which catalogues there are here, and for what each of them is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from django.conf import settings

from documents.sources.base import Provider
from documents.sources.base import Watcher
from documents.sources.crossref import Crossref
from documents.sources.datacite import DataCite
from documents.sources.demo import Demo
from documents.sources.openalex import OpenAlex
from documents.sources.resolving import Resolver
from documents.sources.semantic_scholar import SemanticScholar


@dataclass(frozen=True, slots=True)
class Catalogues:
    """``searched`` for works; ``looked_up`` by a DOI, and ``others`` where none of these has it; ``watchers`` know what
    became of a work."""

    searched: Sequence[Provider]
    looked_up: Sequence[Provider]
    others: Sequence[Provider]
    watchers: Sequence[Watcher]
    resolver: Resolver | None


def there_are() -> Catalogues:
    """The real ones, by the settings. OpenAlex has answered without a key no more since February 2026."""
    ours = settings.DOCUMENTS
    return _made(ours.crossref_mailto, ours.openalex_api_key, ours.semantic_scholar_api_key)


def demo() -> Catalogues:
    """Where a demo writes, nothing real stands behind it either."""
    only = (Demo(),)
    return Catalogues(only, only, (), (), None)


@cache
def _made(mailto: str, openalex_key: str, scholar_key: str) -> Catalogues:
    crossref, openalex = Crossref(mailto=mailto), OpenAlex(key=openalex_key)
    both = (crossref, openalex)
    first = both if openalex_key else (crossref,)
    return Catalogues(
        searched=(*first, SemanticScholar(key=scholar_key)),
        looked_up=both,
        others=(DataCite(),),
        watchers=both,
        resolver=Resolver(),
    )
