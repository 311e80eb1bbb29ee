"""What happens to a paid plan when its owner asks that the account goes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from accounts import events
from accounts.models import User
from billing.errors import PlanConflict
from billing.payments import subscriptions
from core import jobs

KIND = "billing.end_with_account"


@receiver(events.deletion_scheduled)
def _leaving(user_id: UUID, **_kwargs: Any) -> None:
    """A renewal must not be charged during the days of grace. The provider is asked by a job: it may be away."""
    jobs.enqueue(KIND, payload={"user": str(user_id)})


def work(run: jobs.Run) -> None:
    """End the plan with its period. Whoever comes back keeps it until then, and decides themselves to go on."""
    user = User.objects.filter(pk=run.payload["user"], is_active=False).first()
    if user is None:  # back already, or gone
        return
    try:
        subscriptions.cancel(user)
    except PlanConflict:
        return  # nothing is paid for
