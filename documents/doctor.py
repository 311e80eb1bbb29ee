"""What this app looks at for ``manage.py doctor``."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from core import llm
from core.errors import DomainError
from core.findings import Check
from core.findings import Finding
from core.findings import ok
from core.findings import warn

_MODELS = "models of documents"


def checks() -> Iterator[Check]:
    """In the order in which they are reported."""
    yield Check(_MODELS, models, needs="migrations")


def models() -> Iterator[Finding]:
    """Who writes, and who takes over when that one does not answer."""
    missing = [name for name in settings.DOCUMENTS.models if not _is_offered(name)]
    there = [name for name in settings.DOCUMENTS.models if name not in missing]
    if missing:
        yield warn(
            _MODELS,
            f"DOCUMENT_MODELS names {', '.join(missing)}, which nothing here runs. Correct the name, or enter its "
            "provider's key.",
        )
    elif len(there) == 1:
        yield warn(
            _MODELS,
            f"{there[0]} alone writes documents: when it fails, they wait. Name a second one in DOCUMENT_MODELS, which "
            "also judges what the first has cited.",
        )
    elif there:
        yield ok(_MODELS, f"{there[0]} writes documents; then {', '.join(there[1:])}.")
    else:
        yield ok(_MODELS, "DOCUMENT_MODELS is empty: the default model writes documents.")


def _is_offered(name: str) -> bool:
    try:
        llm.catalogue.require(name)
    except DomainError:
        return False
    return True
