"""What staff and operators do to plans; every act needs a reason and stands in the audit log."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.models import User
from accounts.services import audit
from billing.errors import PlanConflict
from billing.metering.tokens import quotas
from billing.models import Subscription
from billing.payments import subscriptions
from billing.services.permissions import authorise
from core.errors import InvalidInput


@transaction.atomic
def grant_plan(
    actor: User | None, *, user: User, tier: str, reason: str, client: ClientInfo = NOBODY
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


def change_plan_by_staff(
    actor: User | None, *, user: User, tier: str, reason: str, client: ClientInfo = NOBODY
) -> tuple[bool, str]:
    """Move a user to another plan: at the provider when they pay for one, otherwise as a present.

    Returns whether something changed and, when the change waits for the user's payment, where it is made.
    """
    authorise(actor, user, reason)
    own = subscriptions.known(user)
    if not own.is_managed:
        return grant_plan(actor, user=user, tier=tier, reason=reason, client=client)[1], ""
    before = (own.tier, own.pending_plan, own.cancel_at_period_end)
    row, payment_url = subscriptions.change_plan(user, plan=tier, client=client, actor=actor)
    audit.record("plan.changed_by_staff", actor=actor, client=client, on=user, after=tier, reason=reason.strip())
    return before != (row.tier, row.pending_plan, row.cancel_at_period_end), payment_url
