"""What happens to a paid plan when its owner asks that the account goes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from accounts import events
from accounts.models import AccountDeletion
from accounts.models import User
from billing.errors import PlanConflict
from billing.models import Subscription
from billing.payments import subscriptions
from core import jobs

KIND = "billing.end_with_account"
SWEEP = "billing.end_missed_plans"


@receiver(events.deletion_scheduled)
def _leaving(user_id: UUID, **_kwargs: Any) -> None:
    """A renewal must not be charged during the days of grace. The provider is asked by a job: it may be away."""
    jobs.enqueue(KIND, payload={"user": str(user_id)})


def sweep() -> int:
    """Find the plans that should have been ended: a process may die before its signal. Returns how many were found."""
    leaving = AccountDeletion.objects.filter(finished_at=None).values("user_id")
    paid = Subscription.objects.filter(stripe_subscription_id__isnull=False).exclude(
        status=Subscription.Status.CANCELED
    )
    going_on = paid.filter(user_id__in=leaving, cancel_at_period_end=False)
    found = [str(user_id) for user_id in going_on.values_list("user_id", flat=True)]
    for user_id in found:
        jobs.enqueue(KIND, payload={"user": user_id})
    return len(found)


def work(run: jobs.Run) -> None:
    """End the plan with its period. Whoever comes back keeps it until then, and decides themselves to go on."""
    user = User.objects.filter(pk=run.payload["user"], is_active=False).first()
    if user is None:  # back already, or gone
        return
    try:
        subscriptions.cancel(user)
    except PlanConflict:
        return  # nothing is paid for
