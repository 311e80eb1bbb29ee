"""What staff do with money; every act needs a reason, stands in the audit log, and may be repeated."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Sum

from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.models import User
from accounts.services import audit
from billing import providers
from billing.errors import OrderConflict
from billing.models import BillingCustomer
from billing.models import Order
from billing.models import Payment
from billing.models import Refund
from billing.payments import orders
from billing.payments import sync
from billing.services.permissions import authorise
from core.errors import Conflict
from core.errors import InvalidInput

_REFUNDABLE = {Payment.Status.SUCCEEDED, Payment.Status.PARTIALLY_REFUNDED}


def refund_payment(
    actor: User | None, *, payment: Payment, reason: str, amount: int | None = None, client: ClientInfo = NOBODY
) -> Payment:
    """Give a payment back, whole or in part (``amount`` in the smallest unit); what it granted is taken back with it.

    The same refund asked for twice before the first is seen is made once. Raises Forbidden, InvalidInput for an amount
    that is not there, Conflict for a payment that cannot be refunded, and children of PaymentsError. What is left to
    deliver of an order is given back with the order, see :func:`refund_order`; this is for what lies beyond.
    """
    payment = Payment.objects.get(pk=payment.pk)
    user = User.objects.filter(pk=payment.user_id).first()
    authorise(actor, user, reason)
    if payment.status not in _REFUNDABLE or not payment.intent_id:
        raise Conflict("This payment cannot be refunded.")
    if Order.objects.filter(payment=payment, state=Order.State.PAID).exists():
        raise Conflict("An order that goes on was paid with this. Refund the order.")
    promised = Refund.objects.filter(payment=payment, state=Refund.State.ASKED).aggregate(sum=Sum("amount", default=0))
    left = payment.amount - payment.refunded_amount - int(promised["sum"])
    amount = left if amount is None else amount
    if not 0 < amount <= left:
        raise InvalidInput(details={"amount": [f"Choose an amount between 1 and {left}."]})
    key = f"refund:{payment.pk}:{payment.refunded_amount}:{amount}"
    providers.get(payment.provider).refund(payment.intent_id, amount=amount, key=key)
    audit.record(
        "payment.refunded",
        actor=actor,
        client=client,
        on=payment,
        amount=amount,
        currency=payment.currency,
        reason=reason.strip(),
    )
    customer = BillingCustomer.objects.filter(user_id=payment.user_id).first()
    if customer:
        sync.refresh(customer)
    payment.refresh_from_db()
    return payment


@transaction.atomic
def refund_order(actor: User | None, *, order: Order, reason: str, client: ClientInfo = NOBODY) -> Order:
    """End an order for its owner: what was not delivered of a paid one is given back, an open one is cancelled.

    The refund is made by a job, once, whoever else ends the order at the same moment. Raises Forbidden, InvalidInput
    for an empty reason, and OrderConflict for an order that is over.
    """
    authorise(actor, User.objects.filter(pk=order.user_id).first(), reason)
    if not Order.objects.filter(pk=order.pk, state__in=[Order.State.OPEN, Order.State.PAID]).exists():
        raise OrderConflict("This order is over.")
    closed = orders.close(order.pk, reason=reason.strip())
    audit.record(
        "order.closed",
        actor=actor,
        client=client,
        on=closed,
        state=str(closed.state),
        amount=closed.rest,
        currency=closed.currency,
        reason=reason.strip(),
    )
    return closed
