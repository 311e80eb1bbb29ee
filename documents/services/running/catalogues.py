"""Which catalogues of scholarly works are asked."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings

from documents.sources.base import Provider
from documents.sources.crossref import Crossref
from documents.sources.demo import Demo
from documents.sources.openalex import OpenAlex
from documents.sources.semantic_scholar import SemanticScholar


def of(*, is_demo: bool) -> Sequence[Provider]:
    """Those for what a real model writes; the demo's own for the demo, which must not pass for anything real."""
    if is_demo:
        return (Demo(),)
    said = settings.DOCUMENTS
    return (
        OpenAlex(key=said.openalex_api_key),
        Crossref(mailto=said.crossref_mailto),
        SemanticScholar(key=said.semantic_scholar_api_key),
    )
