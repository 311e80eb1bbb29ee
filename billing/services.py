"""What staff and operators do to plans and quotas; every act needs a reason and stands in the audit log."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.clients import NOBODY
from accounts.clients import Client
from accounts.models import User
from accounts.services import audit
from billing.authority import authorise
from billing.errors import PlanConflict
from billing.metering import proof
from billing.metering import quotas
from billing.metering.proof import Finding
from billing.models import Subscription
from billing.payments.staff import change_plan_by_staff
from billing.payments.staff import claw_back_tokens
from billing.payments.staff import grant_tokens
from billing.payments.staff import refund_payment
from core.errors import InvalidInput

__all__ = [
    "change_plan_by_staff",
    "claw_back_tokens",
    "grant_plan",
    "grant_tokens",
    "prove_ledger",
    "refund_payment",
    "reset_tokens",
]

logger = logging.getLogger(__name__)


@transaction.atomic
def grant_plan(
    actor: User | None, *, user: User, tier: str, reason: str, client: Client = NOBODY
) -> tuple[Subscription, bool]:
    """Put a user on a plan from now on, without an end; what was used in the window stays used.

    Returns the subscription and whether it changed: granting the present plan again does nothing. ``actor`` is None for
    an operator at the command line. Raises Forbidden, and InvalidInput for an unknown tier or an empty reason,
    and PlanConflict when the user pays for a plan.
    """
    authorise(actor, user, reason)
    if tier not in settings.TIERS:
        raise InvalidInput(details={"tier": [f"Choose one of {', '.join(settings.TIERS)}."]})
    subscription, _ = Subscription.objects.get_or_create(user=user, defaults={"tier": settings.TIERS[0]})
    subscription = Subscription.objects.select_for_update().get(pk=subscription.pk)
    before, status = subscription.effective_tier, subscription.status
    if before == tier and status == Subscription.Status.ACTIVE:
        return subscription, False
    if subscription.is_managed:
        raise PlanConflict("This user pays for a plan: change it at the payment provider.")
    now = timezone.now()
    subscription.tier, subscription.status = tier, Subscription.Status.ACTIVE
    subscription.current_period_start, subscription.current_period_end = now, None
    subscription.cancel_at_period_end = False
    # A subscription that was paid once and has ended says nothing about a present.
    subscription.stripe_subscription_id, subscription.provider, subscription.price_id = None, "", ""
    subscription.pending_plan, subscription.past_due_since, subscription.revoked_until = "", None, None
    subscription.save()
    quotas.change_tier(user.pk, tier, now)
    audit.record("plan.granted", actor=actor, client=client, on=user, before=before, after=tier, reason=reason.strip())
    return subscription, True


@transaction.atomic
def reset_tokens(actor: User | None, *, users: Iterable[User], reason: str, client: Client = NOBODY) -> int:
    """Open a new window for users before its time; returns for how many.

    Users who have used nothing in the running one are left out. What is held stays held. Raises Forbidden, and
    InvalidInput for an empty reason.
    """
    now, count = timezone.now(), 0
    # In one order, so that two staff members with overlapping lists do not wait for each other in a ring.
    for user in sorted(users, key=lambda user: user.pk):
        authorise(actor, user, reason)
        if quotas.open_window(user.pk, now):
            audit.record("tokens.reset", actor=actor, client=client, on=user, reason=reason.strip())
            count += 1
    return count


def prove_ledger() -> list[Finding]:
    """Run the proof and raise an alert in the log for everything that does not add up."""
    findings = proof.check()
    for finding in findings:
        logger.error("metering.ledger_mismatch", extra={"finding": finding.as_dict()})
    return findings
