"""The money of a run: agreed to before it begins, delivered by the section, and given back for what was not written."""

from __future__ import annotations

from django.db.models import Exists
from django.db.models import OuterRef
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from billing import orders
from billing.errors import QuoteChanged
from billing.models import Order
from billing.models.orders import reference_of
from documents import limits
from documents.models import Document
from documents.models import DocumentRun
from documents.models import DocumentSection
from documents.services import quoting


def agree(actor: User, document: Document, digest: str | None) -> Order:
    """The order of a quote that its owner has seen, open or paid. The caller holds the lock of the document.

    Raises QuoteChanged when it is not what writing costs now, QuoteExpired, and what :func:`quoting.current` raises.
    """
    quote = quoting.current(actor, document)
    if quote.digest != digest:
        raise QuoteChanged
    return orders.open_order(actor, feature=quoting.FEATURE, reference=str(document.pk), digest=quote.digest)


def sold(order: Order, document: Document) -> dict[str, int]:
    """Which of its sections are delivered for how many of the pages that were paid, by their ids."""
    return quoting.shares({str(row.pk): row.target_words for row in quoting.unwritten(document)}, order.units)


def funded_by(row: DocumentRun, section: DocumentSection | None) -> str:
    """What pays for the tokens of a section, in place of its owner's: the order in which it was sold."""
    if row.order_id is None or section is None or str(section.pk) not in row.sold:
        return ""
    return reference_of(row.order_id)


def deliver(row: DocumentRun, section: DocumentSection) -> None:
    """A section is written; in the transaction that stores it. Raises OrderNotPaid when the money went back."""
    pages = row.sold.get(str(section.pk), 0)
    if row.order_id is not None and pages:
        orders.deliver(row.order_id, key=str(section.pk), units=pages)


def give_back(row: DocumentRun, reason: str) -> None:
    """Nothing more is delivered: what was paid for the rest goes back, once. In the caller's transaction."""
    if row.order_id is not None:
        orders.close(row.order_id, reason=reason)


def drop(document: Document) -> None:
    """What was agreed to and is not paid is off: the plan has changed, or there is no document any more."""
    for pk in _orders_of(document).filter(state=Order.State.OPEN).values_list("pk", flat=True):
        orders.cancel(pk)


def give_back_all(document: Document, reason: str) -> None:
    """The document is gone."""
    drop(document)
    for pk in _orders_of(document).filter(state=Order.State.PAID).values_list("pk", flat=True):
        orders.close(pk, reason=reason)


def waiting() -> list[Order]:
    """Orders that are paid and for which nothing was begun: the process that heard of it died, or was busy."""
    begun = DocumentRun.objects.filter(order_id=OuterRef("pk"))
    paid = Order.objects.filter(quote__feature=quoting.FEATURE, state=Order.State.PAID)
    return list(paid.filter(~Exists(begun)).select_related("quote").order_by("pk")[: limits.ORDERS_A_SWEEP])


def give_back_forgotten() -> int:
    """Refund the rest of runs that failed so long ago that nobody goes on with them; returns how many."""
    before = timezone.now() - limits.GIVEN_UP_AFTER
    failed = DocumentRun.objects.filter(status=DocumentRun.Status.FAILED, finished_at__lt=before)
    paid = Order.objects.filter(quote__feature=quoting.FEATURE, state=Order.State.PAID)
    rows = failed.filter(order_id__in=paid.values("pk"))
    count = 0
    for row in rows[: limits.ORDERS_A_SWEEP]:
        give_back(row, "It failed, and nobody went on with it.")
        count += 1
    return count


def _orders_of(document: Document) -> QuerySet[Order]:
    own = Order.objects.filter(user_id=document.user_id, quote__feature=quoting.FEATURE)
    return own.filter(quote__reference=str(document.pk)).order_by("pk")
