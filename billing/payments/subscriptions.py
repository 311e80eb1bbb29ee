"""What a user does to their plan: change, cancel, resume; done at the provider, then read back from it."""

from __future__ import annotations

import logging
from contextlib import suppress
from uuid import UUID

from django.conf import settings

from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.models import User
from accounts.services import audit
from billing import notifications
from billing import plans
from billing import providers
from billing.errors import CustomerGone
from billing.errors import PlanConflict
from billing.errors import UnknownPrice
from billing.models import BillingCustomer
from billing.models import Subscription
from billing.payments import customers
from billing.payments import sync
from billing.providers.base import LIVE
from billing.providers.base import UNFINISHED
from billing.providers.base import Due
from billing.providers.base import Provider
from billing.providers.base import Subscribed
from billing.providers.base import SubscriptionStatus
from core.ids import uuid7

logger = logging.getLogger(__name__)


def open_portal(user: User) -> str:
    """The address of the provider's own pages for the user's cards and invoices.

    Raises PlanConflict for somebody the provider does not know, and children of PaymentsError.
    """
    provider, customer = providers.active(), customers.known(user)
    back = f"{settings.PUBLIC_URL}/app/billing"
    try:
        if customer and customers.of(user) == customer:
            return provider.create_portal(customer.customer_id, return_url=back, key=f"portal:{uuid7()}")
    except CustomerGone:
        customers.renewed(user, customers.of(user))
    raise PlanConflict("There is nothing to manage yet: you have not paid for anything here.")


def change_plan(
    user: User, *, plan: str, client: ClientInfo = NOBODY, actor: User | None = None
) -> tuple[Subscription, str]:
    """Up at once, the difference paid now; down at the end of the period; the present plan forgets what was planned.

    Returns the subscription and, when the change waits for a payment that needs the person, where it is made. Raises
    PlanConflict without a paid plan, or with one that is overdue.
    """
    plans.plan(plan)
    provider, customer, current = _managed(user)
    row, key = known(user), f"change:{uuid7()}"
    if plan == settings.TIERS[0]:
        changed = provider.cancel(current, at_once=False, key=key)
    elif plan == row.tier:
        changed = provider.keep(current, key=key)
    elif not plans.tier_allows(row.tier, plan):
        if current.status not in {"active", "trialing"}:
            raise PlanConflict("Pay the open invoice before you move to a larger plan.")
        changed = provider.upgrade(current, price_id=providers.price_of(provider.name, plan), key=key)
    else:
        changed = provider.downgrade(current, price_id=providers.price_of(provider.name, plan), key=key)
    _note("subscription.changed", user, actor, client, before=row.tier, after=plan)
    _read(customer)
    return known(user), changed.payment_url


def upgrade_costs(user: User, *, plan: str) -> Due:
    """What a change to a larger plan would charge now, by the provider's own sum; nothing for one that is not larger.

    Raises PlanConflict without a paid plan, and children of PaymentsError.
    """
    plans.plan(plan)
    provider, _customer, current = _managed(user)
    if plans.tier_allows(known(user).tier, plan):
        return Due(0, settings.PLAN_CURRENCY.upper())
    return provider.upgrade_costs(current, price_id=providers.price_of(provider.name, plan))


def cancel(user: User, *, client: ClientInfo = NOBODY) -> Subscription:
    """End with their period whatever goes on at the provider. Raises PlanConflict when nothing does."""
    customer, going_on = _going_on(user)
    provider = providers.get(customer.provider)
    to_end = [one for one in going_on if not one.cancel_at_period_end]
    for one in to_end:
        provider.cancel(one, at_once=False, key=f"cancel:{uuid7()}")
    if to_end:
        _note("subscription.canceled", user, None, client, plan=known(user).tier)
    _read(customer)
    return known(user)


def resume(user: User, *, client: ClientInfo = NOBODY) -> Subscription:
    """Go on after the period after all, on the present plan. Raises PlanConflict when it is over."""
    provider, customer, current = _managed(user)
    if current.cancel_at_period_end or current.schedule_id or current.pending_price_id:
        provider.keep(current, key=f"resume:{uuid7()}")
        _note("subscription.resumed", user, None, client, plan=known(user).tier)
    _read(customer)
    return known(user)


def end_now(user: User, *, reason: str, actor: User | None = None, client: ClientInfo = NOBODY) -> bool:
    """End at once whatever goes on, so that nothing is charged any more (an account that is deleted); False without."""
    try:
        customer, going_on = _going_on(user, also=UNFINISHED)
    except PlanConflict:
        return False
    provider = providers.get(customer.provider)
    for one in going_on:
        provider.cancel(one, at_once=True, key=f"end:{uuid7()}")
    _note("subscription.ended", user, actor, client, reason=reason)
    _read(customer)
    return True


def end_double(user_id: UUID, *, provider: str, subscription_id: str) -> None:
    """End a subscription that is too many, see :mod:`billing.payments.doubles`; one that is over stays so."""
    found = providers.get(provider).retrieve_subscription(subscription_id)
    if found and found.status in LIVE:
        providers.get(provider).cancel(found, at_once=True, key=f"double:{subscription_id}")
    customer = BillingCustomer.objects.filter(user_id=user_id, provider=provider).first()
    if customer:
        _read(customer)


def tell_of_double(user_id: UUID, subscription_id: str) -> None:
    """Tell the user, and whoever reads the log; inside the transaction that makes it once."""
    logger.warning("billing.two_subscriptions", extra={"user": str(user_id), "subscription": subscription_id})
    row = Subscription.objects.select_related("user").filter(user_id=user_id).first()
    if row is not None:
        audit.record("subscription.double_ended", on=row.user, subscription=subscription_id)
        notifications.notify("paid_twice", row)


def _going_on(
    user: User, *, also: frozenset[SubscriptionStatus] = frozenset()
) -> tuple[BillingCustomer, list[Subscribed]]:
    """All that goes on at the provider, whatever the snapshot here says. Raises PlanConflict when nothing does."""
    customer = customers.known(user)
    if customer is None:
        raise PlanConflict("You do not pay for a plan.")
    try:
        subscriptions = providers.get(customer.provider).subscriptions_of(customer.customer_id)
    except CustomerGone:
        customers.renewed(user, customer)
        raise PlanConflict("This plan has ended.") from None
    going_on = [one for one in subscriptions if one.status in LIVE | also]
    if not going_on:
        was_managed = known(user).is_managed
        _read(customer)
        raise PlanConflict("This plan has ended." if was_managed else "You do not pay for a plan.")
    return customer, going_on


def _read(customer: BillingCustomer) -> None:
    """After a change: a price that is not known is told to the operator, and is no reason to refuse what was done."""
    with suppress(UnknownPrice):
        sync.refresh(customer)


def _managed(user: User) -> tuple[Provider, BillingCustomer, Subscribed]:
    """The provider's subscription as it stands there now. Raises PlanConflict when none goes on."""
    row, customer = known(user), customers.known(user)
    if customer is None or not row.is_managed or not row.stripe_subscription_id:
        raise PlanConflict("You do not pay for a plan.")
    provider = providers.get(row.provider)
    current = provider.retrieve_subscription(row.stripe_subscription_id)
    if current is None or current.status not in LIVE:
        customers.asked(user, _read)
        raise PlanConflict("This plan has ended.")
    return provider, customer, current


def known(user: User) -> Subscription:
    """The user's subscription; without one it is basic, and not stored."""
    found: Subscription | None = Subscription.objects.visible_to(user).first()
    return found or Subscription(user=user, tier=settings.TIERS[0])


def _note(event: str, user: User, actor: User | None, client: ClientInfo, **data: str) -> None:
    audit.record(event, actor=actor or user, client=client, on=user, **data)
