"""What billing keeps of people: the plan goes with them, the ledger stays and names nobody."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from billing.models import BillingCustomer
from billing.models import DemoObject
from billing.models import Grant
from billing.models import MinuteEntry
from billing.models import MinuteHold
from billing.models import MinuteQuota
from billing.models import Order
from billing.models import OrderPart
from billing.models import Payment
from billing.models import Quote
from billing.models import Refund
from billing.models import Subscription
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from billing.payments import orders
from billing.payments import paying
from billing.payments import plan_pages
from billing.payments import subscriptions
from core.personal import Holding
from core.personal import Work

_LEDGER = "Money adds up for ever; the row names an id, and nothing is left that says whose it was."


def _demo_objects(user_id: UUID) -> QuerySet[DemoObject]:
    customers = BillingCustomer.objects.filter(user_id=user_id, provider="demo")
    return DemoObject.objects.filter(customer_id__in=customers.values("customer_id"))


HOLDINGS = [
    Holding(model="billing.Subscription", rows=lambda user_id: Subscription.objects.filter(user_id=user_id)),
    Holding(model="billing.TokenQuota", rows=lambda user_id: TokenQuota.objects.filter(user_id=user_id)),
    Holding(
        model="billing.TokenHold",
        rows=lambda user_id: TokenHold.objects.filter(user_id=user_id),
        leave_out=("key",),
        ends="kept",
        reason=_LEDGER,
    ),
    Holding(model="billing.MinuteQuota", rows=lambda user_id: MinuteQuota.objects.filter(user_id=user_id)),
    Holding(
        model="billing.MinuteHold",
        rows=lambda user_id: MinuteHold.objects.filter(user_id=user_id),
        leave_out=("key",),
        ends="kept",
        reason=_LEDGER,
    ),
    Holding(
        model="billing.MinuteEntry",
        rows=lambda user_id: MinuteEntry.objects.filter(user_id=user_id),
        ends="kept",
        reason=_LEDGER,
    ),
    Holding(
        model="billing.BillingCustomer",
        rows=lambda user_id: BillingCustomer.objects.filter(user_id=user_id),
        leave_out=("reads", "applied", "sync_error", "mode", "renewing", "checkout_id", "checkout_price", "checkouts"),
    ),
    Holding(
        model="billing.Payment",
        rows=lambda user_id: Payment.objects.filter(user_id=user_id),
        leave_out=("request_key",),
        ends="emptied",
        reason="The books need it: amounts, dates and ids stay, the invoice with its name and address is out of reach.",
    ),
    Holding(
        model="billing.Quote",
        rows=lambda user_id: Quote.objects.filter(user_id=user_id),
        ends="emptied",
        reason="Those that were ordered belong to the order and lose their title; the others are deleted.",
    ),
    Holding(
        model="billing.Order",
        rows=lambda user_id: Order.objects.filter(user_id=user_id),
        leave_out=("checkout_id",),
        ends="kept",
        reason=_LEDGER,
    ),
    Holding(
        model="billing.OrderPart",
        rows=lambda user_id: OrderPart.objects.filter(order__user_id=user_id),
        ends="kept",
        reason=_LEDGER,
    ),
    Holding(
        model="billing.Refund",
        rows=lambda user_id: Refund.objects.filter(payment__user_id=user_id),
        leave_out=("key",),
        ends="emptied",
        reason="Money adds up for ever; why it went back is forgotten.",
    ),
    Holding(
        model="billing.Grant",
        rows=lambda user_id: Grant.objects.filter(user_id=user_id),
        ends="kept",
        reason=_LEDGER,
    ),
    Holding(
        model="billing.DemoObject",
        rows=_demo_objects,
        exported=False,
        reason="What the demo provider would keep at its own place; payments and customer are exported.",
    ),
    Holding(
        model="billing.UsageEntry",
        rows=lambda user_id: UsageEntry.objects.filter(user_id=user_id),
        ends="kept",
        reason=_LEDGER,
    ),
]

NOT_PERSONAL = {
    "billing.PlatformDay": "Sums of all users.",
    "billing.WebhookEvent": "Ids of the provider's own events and objects.",
}


def erase(user_id: UUID, _work: Work) -> None:
    """Nothing is charged any more; plan, running window and customer go. A hold that is open settles all the same, and
    what was paid and not delivered goes back: the refund needs the payment only."""
    going_on = Order.objects.filter(user_id=user_id, state__in=[Order.State.OPEN, Order.State.PAID])
    for pk in going_on.order_by("pk").values_list("pk", flat=True):
        orders.close(pk, reason="The account was deleted.")
        paying.close_pages(pk)
    Quote.objects.filter(user_id=user_id, order=None).delete()
    Quote.objects.filter(user_id=user_id).update(title="")
    Refund.objects.filter(payment__user_id=user_id).update(reason="")
    user = User.objects.filter(pk=user_id).first()
    customer = BillingCustomer.objects.filter(user_id=user_id).first()
    if customer is not None:
        plan_pages.close_page(customer)
    if user is not None:
        subscriptions.end_now(user, reason="The account was deleted.")
    Payment.objects.filter(user_id=user_id).update(invoice_url="", request_key=None)
    _demo_objects(user_id).delete()
    BillingCustomer.objects.filter(user_id=user_id).delete()
    Subscription.objects.filter(user_id=user_id).delete()
    TokenQuota.objects.filter(user_id=user_id).delete()
    MinuteQuota.objects.filter(user_id=user_id).delete()
