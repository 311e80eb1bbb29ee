"""Making the refunds that were noted down: the provider is asked outside of any transaction, once under their key."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.services import audit
from billing import providers
from billing.errors import UnknownPrice
from billing.models import BillingCustomer
from billing.models import Refund
from billing.payments import orders
from billing.payments import sync
from core import jobs

OVERDUE = timedelta(hours=1)
"""After so long somebody should look why a refund is not made."""


def make(refund_id: UUID) -> bool:
    """Give the money back; True for the call that noted it down as made.

    May run any number of times, also at once: the provider does it once under the refund's key, however late the
    repetition comes. Raises children of PaymentsError; then it is still to be made.
    """
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.state == Refund.State.MADE:
        return False
    payment = refund.payment
    providers.get(payment.provider).refund(payment.intent_id, amount=refund.amount, key=refund.key)
    is_first = _note(refund_id)
    customer = BillingCustomer.objects.filter(user_id=payment.user_id, provider=payment.provider).first()
    if customer:
        with suppress(UnknownPrice):
            sync.refresh(customer)
    return is_first


def ask_again() -> int:
    """Queue the refunds whose job is over and that are not made; returns how many."""
    waiting = Refund.objects.filter(state=Refund.State.ASKED, asked_at__lte=timezone.now() - OVERDUE)
    keys = [str(pk) for pk in waiting.order_by("asked_at").values_list("pk", flat=True)[:500]]
    for pk in keys:
        jobs.enqueue(orders.MAKE_REFUND, payload={"refund": pk})
    return len(keys)


@transaction.atomic
def _note(refund_id: UUID) -> bool:
    open_ones = Refund.objects.filter(pk=refund_id, state=Refund.State.ASKED)
    if not open_ones.update(state=Refund.State.MADE, made_at=timezone.now()):
        return False
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    audit.record(
        "payment.refunded",
        on=refund.payment,
        amount=refund.amount,
        currency=refund.payment.currency,
        reason=refund.reason,
        key=refund.key,
    )
    return True
