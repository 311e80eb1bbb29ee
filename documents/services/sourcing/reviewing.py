"""Citations in their author's hands: read, let stand, asked about again."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.errors import NotFound
from documents import words
from documents.checks import lamps
from documents.checks import support
from documents.checks.support import Method
from documents.errors import CitationWrong
from documents.models import Document
from documents.models import DocumentCitation
from documents.services import changing
from documents.services import telling
from documents.services.sourcing import citations
from documents.services.sourcing import examined
from documents.services.sourcing import keeping


def override(actor: User, document_id: UUID, citation_id: UUID, reason: str) -> DocumentCitation:
    """It stands, for this reason. Raises NotFound."""
    with transaction.atomic():
        document = changing.locked(actor, document_id)
        row = _own(document, citation_id)
        citations.override(row, reason)
        telling.updated(document)
    return row


def confirm(actor: User, document_id: UUID, citation_id: UUID) -> DocumentCitation:
    """The actor has read the source. Raises NotFound, and CitationWrong where a veto speaks."""
    with transaction.atomic():
        document = changing.locked(actor, document_id)
        row = _own(document, citation_id)
        if not citations.confirm(row, actor.display_name or actor.username or ""):
            raise CitationWrong
        telling.updated(document)
    return row


def recheck(actor: User, document_id: UUID, citation_id: UUID) -> DocumentCitation:
    """Catalogues are asked anew, outside of any transaction, and words are compared. Raises NotFound."""
    document = changing.own(actor, document_id)
    row = _own(document, citation_id)
    examined.look_at(row.source)
    with transaction.atomic():
        document = changing.locked(actor, document_id)
        row = _own(document, citation_id)
        _compare(document, row)
        telling.updated(document)
    return row


def _compare(document: Document, row: DocumentCitation) -> None:
    """What can be computed; a reading of this sentence by a model or a person is worth more."""
    if row.lamps[lamps.SUPPORT]["method"] != Method.COMPUTED or not row.quote:
        return
    texts = [part["text"] for source in keeping.listed(document) for part in source.passages]
    passage = "\n".join(part["text"] for part in row.source.passages)
    found = support.computed(row.claim or row.sentence, row.quote, passage, words.rarity(texts))
    row.lamps = row.lamps | {lamps.SUPPORT: lamps.of_support(found, now=timezone.now())}
    row.save(update_fields=["lamps"])


def _own(document: Document, citation_id: UUID) -> DocumentCitation:
    row = citations.of_document(document).filter(pk=citation_id).first()
    if row is None:
        raise NotFound
    return row
