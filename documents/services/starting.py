"""Starting to write: an outline, a section, or all that is missing, each as one job."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError
from django.db import transaction

from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.models import User
from billing import orders
from billing.models import Order
from billing.models import Quote
from core import jobs
from core.errors import DomainError
from core.errors import IdempotencyMismatch
from core.errors import NotFound
from documents import limits
from documents.errors import NothingToWrite
from documents.errors import OutlineMissing
from documents.errors import RunRunning
from documents.errors import SectionWritten
from documents.errors import TooManyRuns
from documents.models import Document
from documents.models import DocumentRun
from documents.models import DocumentSection
from documents.services import changing
from documents.services import ending
from documents.services import outlines
from documents.services import paying
from documents.services import quoting
from documents.services import telling
from documents.services import writers

GENERATE = "documents.generate"


def outline(actor: User, document_id: UUID, *, requirements: str | None = None) -> DocumentRun:
    """Plan the sections anew. Raises NotFound, RunRunning, SectionWritten, TooManyRuns, ModelsUnavailable."""
    with transaction.atomic():
        document = _ready(actor, document_id, requirements)
        outlines.refuse_written(document)
        return _begin(actor, document, DocumentRun.Kind.OUTLINE)


def section(
    actor: User, document_id: UUID, index: int, *, title: str | None = None, requirements: str | None = None
) -> DocumentRun:
    """Write the section of this number, from 1. Raises as :func:`outline` does, and OutlineMissing.

    A ``title`` is its new one. One that is written is refused: SectionWritten.
    """
    with transaction.atomic():
        document = _ready(actor, document_id, requirements)
        _require_outline(document)
        found = DocumentSection.objects.filter(document=document, number=index).first()
        if found is None:
            raise NotFound
        if found.status == DocumentSection.Status.COMPLETED:
            raise SectionWritten(section=index)
        if title:
            DocumentSection.objects.filter(pk=found.pk).update(title=title)
        return _begin(actor, document, DocumentRun.Kind.SECTION, section_now=index)


def quote(actor: User, document_id: UUID) -> Quote:
    """What it costs to write what is not written. Raises NotFound, OutlineMissing, NothingToWrite."""
    return quoting.current(actor, changing.own(actor, document_id))


def whole(
    actor: User,
    document_id: UUID,
    *,
    model: str | None = None,
    requirements: str | None = None,
    client_id: str | None = None,
    digest: str | None = None,
    client: ClientInfo = NOBODY,
) -> DocumentRun:
    """Write all sections that are not written. The same ``client_id`` gives the same run.

    Where pages are sold, ``digest`` is of the quote that was seen. Raises as :func:`section` does, NothingToWrite,
    IdempotencyMismatch, what a model is refused with, QuoteChanged, QuoteExpired, and PaymentRequired with the ways to
    pay: as soon as that is done it begins by itself, and asking again gives that run.
    """
    writers.check(actor, model or "")
    if known := _known(actor, document_id, client_id) or _bought(actor, document_id, digest):
        return known
    with transaction.atomic():
        document = _ready(actor, document_id, requirements)
        _require_outline(document)
        if not quoting.is_sold():
            quoting.unwritten(document)
            return _begin(actor, document, DocumentRun.Kind.FULL, model=model or "", client_id=client_id or None)
        if model and model != document.model:
            document.model = model  # what begins by itself asks nobody
            document.save(update_fields=["model", "updated_at"])
        order = paying.agree(actor, document, digest)
    # The provider is asked outside any transaction.
    orders.require_paid(actor, order.pk, client=client)
    begun = go_on(order.pk, client_id=client_id)
    if begun is None:
        raise RunRunning
    return begun


def go_on(order_id: UUID, *, client_id: str | None = None) -> DocumentRun | None:
    """An order was paid: what it is for begins, once, or its money goes back. May be called for any order, and again.

    None when nothing can begin now.
    """
    order = Order.objects.filter(pk=order_id, quote__feature=quoting.FEATURE).select_related("quote", "user").first()
    if order is None:
        return None
    with transaction.atomic():
        rows = Document.objects.select_for_update(of=("self",)).filter(user_id=order.user_id)
        document = rows.filter(pk=order.quote.reference).first()
        if begun := DocumentRun.objects.filter(order_id=order.pk).first():
            return begun
        order.refresh_from_db(fields=["state"])
        if order.state != Order.State.PAID or document is None:
            return None
        if document.archived_at is not None:
            orders.close(order.pk, reason="The document was deleted.")
            return None
        if DocumentRun.objects.live().filter(document=document).exists():
            return None
        if quoting.pages_of(quoting.unwritten(document)) != order.units:
            orders.close(order.pk, reason="The plan was changed after it was paid.")
            return None
        return _begin(
            order.user,
            document,
            DocumentRun.Kind.FULL,
            client_id=client_id or None,
            order_id=order.pk,
            sold=paying.sold(order, document),
        )


def begin_paid() -> int:
    """Begin what is paid and was not begun, as the process that heard of it died or was busy; returns how much."""
    count = 0
    for order in paying.waiting():
        if not Document.objects.filter(pk=order.quote.reference).exists():
            orders.close(order.pk, reason="The document was deleted.")
            continue
        try:
            count += go_on(order.pk) is not None
        except NothingToWrite:
            orders.close(order.pk, reason="Everything is written already.")
        except DomainError:
            continue  # too many runs, no model: the next time
    return count


def _known(actor: User, document_id: UUID, client_id: str | None) -> DocumentRun | None:
    if not client_id:
        return None
    found = DocumentRun.objects.visible_to(actor).filter(client_id=client_id).first()
    if found is not None and found.document_id != document_id:
        raise IdempotencyMismatch
    return found


def _bought(actor: User, document_id: UUID, digest: str | None) -> DocumentRun | None:
    """What is being written for this quote."""
    if not digest:
        return None
    ordered = Order.objects.filter(user_id=actor.pk, quote__feature=quoting.FEATURE, quote__digest=digest)
    live = DocumentRun.objects.visible_to(actor).live().filter(document_id=document_id)
    return live.filter(order_id__in=ordered.values("pk")).first()


def _ready(actor: User, document_id: UUID, requirements: str | None) -> Document:
    """The document, locked, of which nothing is being written."""
    document = changing.locked(actor, document_id)
    changing.refuse_while_written(document)
    if requirements is not None and requirements != document.additional_requirements:
        document.additional_requirements = requirements
        document.save(update_fields=["additional_requirements", "updated_at"])
    return document


def _require_outline(document: Document) -> None:
    if not document.outline_version or not DocumentSection.objects.filter(document=document).exists():
        raise OutlineMissing


def _begin(actor: User, document: Document, kind: DocumentRun.Kind, **fields: object) -> DocumentRun:
    writers.of(actor, str(fields.get("model", "")), document.model)
    # The user's row is locked, so that many who start at once are counted one after the other.
    User.objects.select_for_update().get(pk=actor.pk)
    if DocumentRun.objects.live().filter(user_id=actor.pk).count() >= limits.LIVE_RUNS:
        raise TooManyRuns
    try:
        with transaction.atomic():
            row = DocumentRun.objects.create(document=document, user=actor, kind=kind, **fields)
    except IntegrityError:
        raise RunRunning from None
    job = jobs.enqueue(GENERATE, payload={"run": str(row.pk)}, owner=actor)
    row.job_id = job.pk
    row.save(update_fields=["job_id"])
    ending.document_follows(row)
    telling.started(row)
    return row
