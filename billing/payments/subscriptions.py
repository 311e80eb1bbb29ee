"""What a user does to their plan: buy, change, cancel, resume; done at the provider, then read back from it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings

from accounts.clients import NOBODY
from accounts.clients import Client
from accounts.models import User
from accounts.services import audit
from billing import plans
from billing import providers
from billing.errors import PlanConflict
from billing.models import BillingCustomer
from billing.models import Subscription
from billing.payments import customers
from billing.payments import sync
from billing.providers.base import LIVE
from billing.providers.base import Checkout
from billing.providers.base import Provider
from billing.providers.base import Subscribed
from core.errors import InvalidInput
from core.errors import NotFound
from core.ids import uuid7


def start_checkout(user: User, *, plan: str, key: str = "", client: Client = NOBODY) -> Checkout:
    """A page where the plan is paid; the same ``key`` returns the same page.

    Raises InvalidInput for a plan that costs nothing, PlanConflict when one is paid for already, and children of
    PaymentsError.
    """
    _require_paid_plan(plan)
    provider, customer = providers.active(), customers.of(user)
    # A plan bought a moment ago, whose notification is still on its way, is not to be paid twice.
    sync.refresh(customer)
    if known(user).is_managed:
        raise PlanConflict("You already pay for a plan. Change it instead.")
    app = f"{settings.PUBLIC_URL}/app/billing"
    checkout = provider.create_checkout(
        customer.customer_id,
        user_id=user.pk,
        price_id=providers.price_of(provider.name, plan),
        success_url=f"{app}/return?session_id={{CHECKOUT_SESSION_ID}}",
        cancel_url=f"{app}?{urlencode({'checkout': 'cancelled'})}",
        key=f"checkout:{user.pk}:{plan}:{key or uuid7()}",
    )
    audit.record("checkout.started", actor=user, client=client, on=user, plan=plan, provider=provider.name)
    return checkout


def checkout_of(user: User, session_id: str) -> Checkout:
    """How a checkout of the user's stands. Raises NotFound for another's."""
    customer = customers.known(user)
    if customer is None:
        raise NotFound
    checkout = providers.get(customer.provider).retrieve_checkout(session_id)
    if checkout is None or checkout.customer_id != customer.customer_id:
        raise NotFound
    return checkout


def open_portal(user: User) -> str:
    """The address of the provider's own pages for the user's cards and invoices."""
    provider, customer = providers.active(), customers.of(user)
    return provider.create_portal(
        customer.customer_id, return_url=f"{settings.PUBLIC_URL}/app/billing", key=f"portal:{uuid7()}"
    )


def change_plan(
    user: User, *, plan: str, client: Client = NOBODY, actor: User | None = None
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
    sync.refresh(customer)
    return known(user), changed.payment_url


def cancel(user: User, *, client: Client = NOBODY) -> Subscription:
    """End the plan with the period that is paid. Raises PlanConflict without a paid plan."""
    provider, customer, current = _managed(user)
    if not current.cancel_at_period_end:
        provider.cancel(current, at_once=False, key=f"cancel:{uuid7()}")
        _note("subscription.canceled", user, None, client, plan=known(user).tier)
    sync.refresh(customer)
    return known(user)


def resume(user: User, *, client: Client = NOBODY) -> Subscription:
    """Go on after the period after all, on the present plan. Raises PlanConflict when it is over."""
    provider, customer, current = _managed(user)
    if current.cancel_at_period_end or current.schedule_id or current.pending_price_id:
        provider.keep(current, key=f"resume:{uuid7()}")
        _note("subscription.resumed", user, None, client, plan=known(user).tier)
    sync.refresh(customer)
    return known(user)


def end_now(user: User, *, reason: str, actor: User | None = None, client: Client = NOBODY) -> bool:
    """End a paid plan at once, so that nothing is charged any more (an account that is deleted); False without one."""
    try:
        provider, customer, current = _managed(user)
    except PlanConflict:
        return False
    provider.cancel(current, at_once=True, key=f"end:{uuid7()}")
    _note("subscription.ended", user, actor, client, reason=reason)
    sync.refresh(customer)
    return True


def _managed(user: User) -> tuple[Provider, BillingCustomer, Subscribed]:
    """The provider's subscription as it stands there now. Raises PlanConflict when none goes on."""
    row, customer = known(user), customers.known(user)
    if customer is None or not row.is_managed or not row.stripe_subscription_id:
        raise PlanConflict("You do not pay for a plan.")
    provider = providers.get(row.provider)
    current = provider.retrieve_subscription(row.stripe_subscription_id)
    if current is None or current.status not in LIVE:
        sync.refresh(customer)
        raise PlanConflict("This plan has ended.")
    return provider, customer, current


def known(user: User) -> Subscription:
    """The user's subscription; without one it is basic, and not stored."""
    found: Subscription | None = Subscription.objects.visible_to(user).first()
    return found or Subscription(user=user, tier=settings.TIERS[0])


def _require_paid_plan(plan: str) -> None:
    if plan not in settings.TIERS[1:]:
        raise InvalidInput(details={"plan": [f"Choose one of {', '.join(settings.TIERS[1:])}."]})


def _note(event: str, user: User, actor: User | None, client: Client, **data: str) -> None:
    audit.record(event, actor=actor or user, client=client, on=user, **data)
