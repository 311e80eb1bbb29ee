"""A person has one plan: of two subscriptions the older stays, the newer ends at once and its money goes back.

One page is open at a time, so two are paid only where somebody is quicker than the page can be closed. Which one
stays is told by age alone: whatever else changes between two readings, they never each end the other's.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence

from billing.models import BillingCustomer
from billing.models import Payment
from billing.payments import orders
from billing.providers.base import LIVE
from billing.providers.base import Subscribed
from core import jobs
from core.models import Job

END_DOUBLE = "billing.end_double"

_PAID = [Payment.Status.SUCCEEDED, Payment.Status.PARTIALLY_REFUNDED]


def oldest_first(subscriptions: Iterable[Subscribed]) -> list[Subscribed]:
    """Those that go on; the first of them is the plan, the others are too many."""
    return sorted((one for one in subscriptions if one.status in LIVE), key=lambda one: (one.created, one.id))


def ids(subscriptions: Sequence[Subscribed]) -> set[str]:
    """Those of a customer that are too many, and those that were and have been ended for it."""
    if len(subscriptions) < 2:
        return set()
    ended = Job.objects.filter(kind=END_DOUBLE, key__in=[one.id for one in subscriptions])
    return {one.id for one in oldest_first(subscriptions)[1:]} | {str(job.key) for job in ended.only("key")}


def note(customer: BillingCustomer, doubles: set[str]) -> None:
    """Note down what is to be ended and given back; inside the transaction that writes the customer's payments.

    Each once: a job ends the subscription, and a refund goes under a key of its own.
    """
    for subscription_id in sorted(doubles):
        payload = {"user": str(customer.user_id), "provider": customer.provider, "subscription": subscription_id}
        job = jobs.enqueue(END_DOUBLE, payload=payload, key=subscription_id)
        jobs.retry(job)  # one that gave up, while the provider was away
        paid = Payment.objects.filter(user_id=customer.user_id, subscription_id=subscription_id, status__in=_PAID)
        for payment in paid.exclude(intent_id="").order_by("pk"):
            orders.give_back(
                payment,
                key=f"subscription:{subscription_id}:double:{payment.pk}",
                amount=payment.amount - payment.refunded_amount,
                reason="A plan was paid for already.",
            )
