"""Documents as they are read."""

from __future__ import annotations

from uuid import UUID

from accounts.models import User
from core.errors import NotFound
from documents.models import DocumentSection
from documents.services import changing


def section(actor: User, document_id: UUID, number: int) -> DocumentSection:
    """A section of one of the actor's documents, with its text. Raises NotFound."""
    document = changing.own(actor, document_id)
    found = DocumentSection.objects.filter(document=document, number=number).first()
    if found is None:
        raise NotFound
    return found
