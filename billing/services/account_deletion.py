"""What happens to a paid plan when its owner asks that the account is deleted."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.db.models import Exists
from django.db.models import OuterRef
from django.db.models import Q

from accounts.models import AccountDeletion
from accounts.models import User
from billing.errors import PlanConflict
from billing.models import BillingCustomer
from billing.models import Subscription
from billing.payments import customers
from billing.payments import plan_pages
from billing.payments import subscriptions
from core import jobs

END_PLAN = "billing.end_with_account"
END_MISSED_PLANS = "billing.end_missed_plans"


def schedule(user_id: UUID) -> None:
    """A renewal must not be charged during the days of grace. The provider is asked by a job: it may be away."""
    jobs.enqueue(END_PLAN, payload={"user": str(user_id)})


def sweep() -> int:
    """Find what should have been ended: a process may die before its signal, and a page may be paid after it.

    Returns at how many people it was found.
    """
    leaving = AccountDeletion.objects.filter(finished_at=None).values("user_id")
    paid = Subscription.objects.filter(stripe_subscription_id__isnull=False).exclude(
        status=Subscription.Status.CANCELED
    )
    going_on = paid.filter(user_id=OuterRef("user_id"), cancel_at_period_end=False)
    found = BillingCustomer.objects.filter(user_id__in=leaving).filter(
        Exists(going_on) | Q(renewing__gt=0) | ~Q(checkout_id="")
    )
    keys = [str(user_id) for user_id in found.values_list("user_id", flat=True)]
    for user_id in keys:
        jobs.enqueue(END_PLAN, payload={"user": user_id})
    return len(keys)


def end_plan(user_id: UUID) -> None:
    """End the plan with its period, and close the page where one could be paid.

    Whoever comes back keeps it until then, and decides themselves to go on.
    """
    user = User.objects.filter(pk=user_id, is_active=False).first()
    if user is None:  # back already, or gone
        return
    customer = customers.known(user)
    if customer is not None:
        plan_pages.close_page(customer)
    with suppress(PlanConflict):  # nothing is paid for
        subscriptions.cancel(user)
