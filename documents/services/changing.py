"""Documents: made, changed, deleted."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from core.errors import IdempotencyMismatch
from core.errors import InvalidInput
from core.errors import NotFound
from documents.bibliography.styles import STYLES
from documents.errors import RunRunning
from documents.models import Document
from documents.models import DocumentRun
from documents.services import ending
from documents.services import paying
from documents.services import telling
from documents.services import writers

_FREE = frozenset({"title", "citation_style"})
"""What may be changed while a document is written: no prompt depends on it any more."""
_NOT_LISTED = ("topic", "requirements_text", "additional_requirements", "layout")


def listed(actor: User) -> QuerySet[Document]:
    """The actor's, newest first, without what a list does not show."""
    return Document.objects.visible_to(actor).order_by("-id").defer(*_NOT_LISTED)


def own(actor: User, document_id: UUID) -> Document:
    """One of the actor's. Raises NotFound."""
    found = Document.objects.visible_to(actor).filter(pk=document_id).first()
    if found is None:
        raise NotFound
    return found


def locked(actor: User, document_id: UUID) -> Document:
    """The same, locked until the caller's transaction ends. Raises NotFound."""
    found = Document.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=document_id).first()
    if found is None:
        raise NotFound
    return found


def refuse_while_written(document: Document) -> None:
    """Raises RunRunning. The caller holds the lock of the document."""
    if DocumentRun.objects.live().filter(document=document).exists():
        raise RunRunning


def create(actor: User, values: dict[str, Any], *, client_id: str | None = None) -> Document:
    """A draft. The same ``client_id`` gives the same one.

    Raises IdempotencyMismatch, and for a model UnknownModel, ModelEnded, NoProvider and UpgradeRequired.
    """
    fingerprint = _fingerprint(values) if client_id else ""
    if found := _known(actor, client_id, fingerprint):
        return found
    writers.check(actor, values.get("model", ""))
    _check_style(values)
    try:
        with transaction.atomic():
            made = Document.objects.create(user=actor, client_id=client_id, fingerprint=fingerprint, **values)
            telling.updated(made)
    except IntegrityError:
        if found := _known(actor, client_id, fingerprint):
            return found
        raise
    return made


def change(actor: User, document_id: UUID, values: dict[str, Any]) -> Document:
    """Write these fields. Raises NotFound, RunRunning, and what :func:`create` does for a model."""
    if "model" in values:
        writers.check(actor, values["model"])
    _check_style(values)
    with transaction.atomic():
        found = locked(actor, document_id)
        changed = {name for name, value in values.items() if getattr(found, name) != value}
        if changed - _FREE:
            refuse_while_written(found)
        if changed:
            for name in changed:
                setattr(found, name, values[name])
            found.save(update_fields=[*changed, "updated_at"])
            telling.updated(found)
    return found


def delete(actor: User, document_id: UUID) -> None:
    """Nobody sees it any more, and what is being written of it ends; the rows go later. Raises NotFound."""
    with transaction.atomic():
        found = locked(actor, document_id)
        ending.cancel_live(found)
        paying.give_back_all(found, "The document was deleted.")
        Document.objects.filter(pk=found.pk).update(archived_at=timezone.now(), client_id=None)
        telling.deleted(actor.pk, found.pk)


def _check_style(values: dict[str, Any]) -> None:
    style = values.get("citation_style")
    if style and style not in STYLES:
        raise InvalidInput(details={"citation_style": [f"Use one of {', '.join(sorted(STYLES))}."]})


def _known(actor: User, client_id: str | None, fingerprint: str) -> Document | None:
    if not client_id:
        return None
    found = Document.objects.visible_to(actor).filter(client_id=client_id).first()
    if found and found.fingerprint != fingerprint:
        raise IdempotencyMismatch
    return found


def _fingerprint(values: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
