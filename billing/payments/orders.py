"""Quotes, orders and their parts: what is agreed, paid, delivered and owed. No provider is asked here.

Whoever moves an order locks its row first, before holds, balances and whatever else a transaction takes; a customer's
row alone comes earlier. So a delivery, a refund and a payment of one order come one after the other.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from billing import money
from billing import notifications
from billing.errors import OrderConflict
from billing.errors import OrderNotPaid
from billing.errors import QuoteChanged
from billing.errors import QuoteExpired
from billing.models import Order
from billing.models import OrderPart
from billing.models import Payment
from billing.models import Quote
from billing.models import Refund
from core import jobs

logger = logging.getLogger(__name__)

MAKE_REFUND = "billing.make_refund"
CLOSE_PAGES = "billing.close_pages"
VALID_FOR = timedelta(hours=24)

State = Order.State


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a quote: of ``count`` units ``billed`` are charged, each at ``price`` (dollars, not cents)."""

    unit: str
    count: int
    billed: int
    price: Decimal

    def as_dict(self) -> dict[str, Any]:
        return {"unit": self.unit, "count": self.count, "billed": self.billed, "price": str(self.price)}


def quote(
    user: User,
    *,
    feature: str,
    reference: str,
    title: str,
    lines: Sequence[Line],
    units: int,
    currency: str,
    tokens: int = 0,
    least: int = 0,
    valid_for: timedelta = VALID_FOR,
) -> Quote:
    """What the work costs: the sum of the lines, rounded half up, and ``least`` cents where it costs anything.

    The same terms give the same quote while it is valid and its order is not over; anything else is a new one with a
    digest of its own. Lines, ``units`` (1 or more: the equal shares it is delivered in) and prices are the server's.
    """
    exact = sum((line.billed * line.price for line in lines), Decimal())
    amount = money.in_smallest(exact, currency)
    terms = {
        "title": title[:200],
        "lines": [line.as_dict() for line in lines],
        "units": units,
        "tokens": tokens,
        "amount": max(amount, least) if exact else 0,
        "currency": currency.upper(),
    }
    now = timezone.now()
    # In one statement: who counts later than they look finds the quote of a neighbour, and makes another.
    same_thing = Quote.objects.filter(feature=feature, reference=reference).select_related("order")
    before: list[Quote] = list(same_thing.order_by("-id"))
    if before and _still_good(before[0], user, terms, now):
        return before[0]
    # The number of those before it makes one that returns to earlier terms another quote.
    basis = terms | {"user": str(user.pk), "feature": feature, "reference": reference, "number": len(before)}
    digest = hashlib.sha256(json.dumps(basis, sort_keys=True).encode()).hexdigest()
    row = Quote(
        user=user,
        feature=feature,
        reference=reference,
        digest=digest,
        valid_until=now + valid_for,
        created_at=now,
        **terms,
    )
    # Two that ask at once count the same number and are given the same quote.
    Quote.objects.bulk_create([row], ignore_conflicts=True)
    stored: Quote = Quote.objects.get(feature=feature, reference=reference, digest=digest)
    return stored


def _still_good(known: Quote, user: User, terms: dict[str, Any], now: datetime) -> bool:
    order = getattr(known, "order", None)
    over = order is not None and order.state not in {State.OPEN, State.PAID}
    same = all(getattr(known, name) == value for name, value in terms.items())
    return same and not over and known.user_id == user.pk and known.valid_until > now


@transaction.atomic
def open_order(user: User, *, feature: str, reference: str, digest: str) -> Order:
    """Agree to a quote; the second time the same order is returned. Other open orders of the thing are cancelled.

    Raises QuoteChanged when the digest is not that of the newest quote, and QuoteExpired when it is too late or its
    order is over. What costs nothing has no order: ValueError.
    """
    own = Quote.objects.visible_to(user).filter(feature=feature, reference=reference)
    agreed = own.select_for_update().order_by("-id").first()
    if agreed is None or agreed.digest != digest:
        raise QuoteChanged
    if not agreed.amount:
        raise ValueError("What costs nothing is not ordered.")
    known: Order | None = Order.objects.filter(quote=agreed).first()
    if known and known.state not in {State.OPEN, State.PAID, State.DONE}:
        raise QuoteExpired
    if known and known.state != State.OPEN:
        return known
    if agreed.valid_until <= timezone.now():
        raise QuoteExpired
    for other in Order.objects.filter(quote__in=own, state=State.OPEN).exclude(quote=agreed).order_by("pk"):
        cancel(other.pk)
    if known:
        return known
    order = Order(user=user, quote=agreed, amount=agreed.amount, currency=agreed.currency, units=agreed.units)
    order.save(force_insert=True)
    return order


@transaction.atomic
def deliver(order_id: UUID, *, key: str, units: int = 1) -> bool:
    """Note down that a part was delivered, in the transaction that stores it; True for the one call that did.

    Call it before a hold of the part is settled, as the order is locked before balances are. With the last unit the
    order is done. Raises OrderNotPaid when the order is not paid or has ended: then the part must not be delivered,
    and the caller's transaction ends.
    """
    order = _lock(order_id)
    if OrderPart.objects.filter(order=order, key=key).exists():
        return False
    if order.state != State.PAID:
        raise OrderNotPaid
    if units < 1 or order.delivered + units > order.units:
        raise ValueError(f"{units} of {order.units - order.delivered} units that are left cannot be delivered.")
    now = timezone.now()
    OrderPart.objects.create(order=order, key=key, units=units, delivered_at=now)
    order.delivered += units
    if order.delivered == order.units:
        order.state, order.closed_at = State.DONE, now
        notifications.tell_of_order(order)
    order.save()
    return True


@transaction.atomic
def close(order_id: UUID, *, reason: str) -> Order:
    """End an order before all of it is delivered: what is owed goes back once. One that is over stays as it is.

    The amount is fixed here and nothing can be delivered any more; the provider is asked by a job after the commit. An
    open order is cancelled.
    """
    order = _lock(order_id)
    if order.state == State.OPEN:
        return cancel(order_id)
    if order.state != State.PAID:
        return order
    payment = Payment.objects.get(pk=str(order.payment_id))
    # What went back already, or a bank holds, is not there to be given back.
    left = 0 if payment.status == Payment.Status.DISPUTED else payment.amount - payment.refunded_amount
    order.rest = min(order.amount - order.earned, left)
    order.state, order.closed_at = State.REFUNDED, timezone.now()
    order.save()
    notifications.tell_of_order(order)
    give_back(payment, key=f"{order.reference}:rest", amount=order.rest, reason=reason, order=order)
    return order


@transaction.atomic
def cancel(order_id: UUID) -> Order:
    """Give up an order that is not paid; its pages are closed by a job. One that is cancelled stays so.

    Raises OrderConflict for one that is paid or over.
    """
    order = _lock(order_id)
    if order.state == State.CANCELLED:
        return order
    if order.state != State.OPEN:
        raise OrderConflict("This order is paid already.")
    order.state, order.closed_at = State.CANCELLED, timezone.now()
    order.save()
    notifications.tell_of_order(order)
    _close_pages(order)
    return order


def paid(payment: Payment) -> None:
    """The money of an order is here; inside the transaction that writes the payment.

    Money that comes for an order that is paid otherwise, or cancelled, goes back whole.
    """
    if payment.order_id is None:
        return
    order = _lock(payment.order_id)
    if order.payment_id == payment.pk:
        return
    fits = (payment.amount, payment.currency) == (order.amount, order.currency)
    if order.state == State.OPEN and fits:
        order.state, order.payment, order.paid_at = State.PAID, payment, payment.paid_at or timezone.now()
        order.save()
        notifications.tell_of_order(order)
        _close_pages(order)
        return
    logger.warning("billing.paid_for_nothing", extra={"order": str(order.pk), "payment": str(payment.pk)})
    key = f"{order.reference}:extra:{payment.pk}"
    reason = "The order was paid or cancelled already."
    left = payment.amount - payment.refunded_amount
    give_back(payment, key=key, amount=left, reason=reason, order=order)


def money_moved(payment: Payment) -> None:
    """A payment was refunded or disputed, by whomever: an order whose money is gone is not worked on any more."""
    if payment.order_id is None:
        return
    order = _lock(payment.order_id)
    if order.payment_id != payment.pk:
        return
    order.refunded = min(payment.refunded_amount, order.amount)
    if order.state == State.PAID and payment.status in {Payment.Status.REFUNDED, Payment.Status.DISPUTED}:
        order.state, order.closed_at = State.REFUNDED, timezone.now()
    order.save()
    notifications.tell_of_order(order)


def cancel_overdue() -> int:
    """Cancel what nobody paid while its quote was valid; returns how many."""
    overdue = Order.objects.filter(state=State.OPEN, quote__valid_until__lte=timezone.now()).order_by("pk")
    keys = list(overdue.values_list("pk", flat=True)[:1000])
    for pk in keys:
        try:
            cancel(pk)
        except OrderConflict:  # paid just now
            continue
    return len(keys)


def forget_quotes() -> int:
    """Delete the quotes that nobody agreed to, a day after they expired; returns how many."""
    old = Quote.objects.filter(order=None, valid_until__lt=timezone.now() - VALID_FOR)
    return int(old.delete()[0])


def _lock(order_id: UUID) -> Order:
    order: Order = Order.objects.select_for_update().get(pk=order_id)
    return order


def give_back(payment: Payment, *, key: str, amount: int, reason: str, order: Order | None = None) -> None:
    """Note down a refund and have it made after the commit; once under its key. A plan's payment has no order."""
    if amount < 1:
        return
    row = Refund(key=key, order=order, payment=payment, amount=amount, reason=reason[:500], asked_at=timezone.now())
    Refund.objects.bulk_create([row], ignore_conflicts=True)
    stored = Refund.objects.get(key=key)
    jobs.enqueue(MAKE_REFUND, payload={"refund": str(stored.pk)}, key=key)


def _close_pages(order: Order) -> None:
    """What is paid or cancelled must not be paid on a page that is still open."""
    if order.checkout_id or order.payments.filter(status__in=[Payment.Status.PENDING, Payment.Status.FAILED]).exists():
        jobs.enqueue(CLOSE_PAGES, payload={"order": str(order.pk)}, key=f"{order.reference}:{order.state}")
