"""What billing keeps of people: the plan goes with them, the ledger stays and names nobody."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from billing.models import BillingCustomer
from billing.models import DemoObject
from billing.models import Grant
from billing.models import Payment
from billing.models import Subscription
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
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
    Holding(
        model="billing.BillingCustomer",
        rows=lambda user_id: BillingCustomer.objects.filter(user_id=user_id),
        leave_out=("reads", "applied", "sync_error"),
    ),
    Holding(
        model="billing.Payment",
        rows=lambda user_id: Payment.objects.filter(user_id=user_id),
        leave_out=("request_key",),
        ends="emptied",
        reason="The books need it: amounts, dates and ids stay, the invoice with its name and address is out of reach.",
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
    """Nothing is charged any more; plan, running window and customer go. A hold that is open settles all the same."""
    user = User.objects.filter(pk=user_id).first()
    if user is not None:
        subscriptions.end_now(user, reason="The account was deleted.")
    Payment.objects.filter(user_id=user_id).update(invoice_url="", request_key=None)
    _demo_objects(user_id).delete()
    BillingCustomer.objects.filter(user_id=user_id).delete()
    Subscription.objects.filter(user_id=user_id).delete()
    TokenQuota.objects.filter(user_id=user_id).delete()
