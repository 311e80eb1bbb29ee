"""Sources that the owner of a document brings: by a DOI, by a description, or as a PDF."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db import transaction

from accounts.models import User
from core.errors import NotFound
from core.files import services as files
from core.models import StoredFile
from documents import cleaning
from documents import errors
from documents.files import SOURCE
from documents.models import DocumentSource
from documents.services import changing
from documents.services import telling
from documents.services.sourcing import examined
from documents.services.sourcing import keeping
from documents.services.sourcing import rows
from documents.sources import base
from documents.sources import catalogues
from documents.sources import demo
from documents.sources import passages
from documents.sources.base import Provider
from documents.sources.base import Unanswered
from documents.sources.base import bare_doi
from documents.sources.merging import merged
from documents.sources.works import Work

OWNER = "owner"
"""The provider of what no catalogue has said."""
PATIENCE_SECONDS = 10.0


def by_doi(actor: User, document_id: UUID, doi: str) -> DocumentSource:
    """The work that catalogues have under a DOI.

    Raises NotFound, DoiInvalid, SourceUnknown when nobody has it, SourcesSilent when nobody answered, TooManySources.
    """
    document = changing.own(actor, document_id)
    work = _named(doi)
    return _added(actor, document.pk, rows.new_row(work, rows.csl_of(work)))


def by_csl(actor: User, document_id: UUID, csl: dict[str, Any]) -> DocumentSource:
    """A work as its reader describes it. Raises NotFound, SourceInvalid without a title, TooManySources."""
    clean = rows.clean_csl(csl)
    if not clean:
        raise errors.SourceInvalid
    return _added(actor, document_id, rows.new_row(rows.work_of_csl(clean, provider=OWNER), clean))


def by_file(
    actor: User, document_id: UUID, file_id: UUID, csl: dict[str, Any], *, doi: str | None = None
) -> DocumentSource:
    """The owner's own PDF, whose words may be quoted; a source of the same work is given them.

    What it is stands in ``csl``, or is asked of catalogues by its ``doi``. Raises NotFound for a document or a file,
    SourceInvalid without a title, SourceUnreadable for pages without text, TooManySources, and as :func:`by_doi` does.
    """
    changing.own(actor, document_id)
    file = StoredFile.objects.visible_to(actor).filter(pk=file_id, purpose=SOURCE).first()
    if file is None:
        raise NotFound
    clean = rows.csl_of(_named(doi)) if doi is not None else rows.clean_csl(csl)
    if not clean:
        raise errors.SourceInvalid
    parts = passages.cut(cleaning.plain(files.read_text(file)))
    if not parts:
        raise errors.SourceUnreadable
    row = rows.new_row(rows.work_of_csl(clean, provider=OWNER), clean)

    def with_text(kept: DocumentSource) -> None:
        kept.passages = [*rows.new_row(rows.work_of(kept), kept.csl).passages, *map(rows.passage, parts)]
        kept.file = file
        kept.save(update_fields=["passages", "file"])

    return _added(actor, document_id, row, with_text)


def exclude(actor: User, document_id: UUID, source_id: UUID, *, is_excluded: bool) -> DocumentSource:
    """It is cited no more, or may be again. Raises NotFound."""
    with transaction.atomic():
        document = changing.locked(actor, document_id)
        row = keeping.listed(document).filter(pk=source_id).first()
        if row is None:
            raise NotFound
        if row.is_excluded != is_excluded:
            row.is_excluded = is_excluded
            row.save(update_fields=["is_excluded"])
            telling.updated(document)
    return row


def _named(doi: str) -> Work:
    plain = bare_doi(doi)
    if not plain:
        raise errors.DoiInvalid
    return _looked_up(plain, catalogues.demo() if plain.startswith(demo.DOI_PREFIX) else catalogues.there_are())


def _looked_up(doi: str, where: catalogues.Catalogues) -> Work:
    """All that they have of it together. Who is silent may have it, so nobody has it only when all have said so."""
    found: list[Work] = []
    silent = False
    with base.patient(PATIENCE_SECONDS):
        for group in (where.looked_up, where.others):
            if found:
                break
            for provider in group:
                try:
                    found += _records(provider, doi)
                except Unanswered:
                    silent = True
    if not found:
        raise errors.SourcesSilent if silent else errors.SourceUnknown
    return merged(found)[0]


def _records(provider: Provider, doi: str) -> list[Work]:
    work = provider.look_up(doi)
    return [work] if work is not None else []


def _added(
    actor: User, document_id: UUID, row: DocumentSource, then: Callable[[DocumentSource], None] = lambda _row: None
) -> DocumentSource:
    """The row, examined. Being examined may take some seconds, and changes nothing about that it was added."""
    row.is_user_added = True
    try:
        kept = _kept(actor, document_id, row, then)
    except IntegrityError:
        # A run has found something meanwhile, and given it the key.
        row.pk = None
        kept = _kept(actor, document_id, row, then)
    examined.look_at(kept)
    return kept


def _kept(
    actor: User, document_id: UUID, row: DocumentSource, then: Callable[[DocumentSource], None]
) -> DocumentSource:
    with transaction.atomic():
        document = changing.locked(actor, document_id)
        kept = keeping.keep(document, row)
        if kept is None:
            raise errors.TooManySources
        if not kept.is_user_added or kept.is_excluded:
            kept.is_user_added, kept.is_excluded = True, False
            kept.save(update_fields=["is_user_added", "is_excluded"])
        then(kept)
        telling.updated(document)
    return kept
