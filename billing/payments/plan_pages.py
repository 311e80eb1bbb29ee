"""Pages on which a plan is paid for the first time: one is open for a user at a time, whatever they press."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlencode

from django.conf import settings

from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.models import User
from accounts.services import audit
from billing import providers
from billing.errors import PlanConflict
from billing.errors import UnknownPrice
from billing.models import BillingCustomer
from billing.models import Subscription
from billing.payments import customers
from billing.payments import sync
from billing.providers.base import Checkout
from core.errors import InvalidInput
from core.errors import NotFound

_TRIES = 5
"""Of somebody who chooses several plans at the same moment; each ends the page of another."""


def open_page(user: User, *, plan: str, client: ClientInfo = NOBODY) -> Checkout:
    """A page where the plan is paid: the one that is open for it, or a new one, and then a page of another plan closes.

    Raises InvalidInput for a plan that costs nothing, PlanConflict when one is paid for already, or just being paid,
    and children of PaymentsError.
    """
    if plan not in settings.TIERS[1:]:
        raise InvalidInput(details={"plan": [f"Choose one of {', '.join(settings.TIERS[1:])}."]})
    page = customers.asked(user, lambda customer: _the_page(customer, plan))
    audit.record("checkout.started", actor=user, client=client, on=user, plan=plan, provider=providers.active_name())
    return page


def _the_page(customer: BillingCustomer, plan: str) -> Checkout:
    for _ in range(_TRIES):
        if page := _page(customer, plan):
            return page
    raise PlanConflict("Several plans are being chosen at once. Choose one.")


def page_of(user: User, session_id: str) -> Checkout:
    """How a page of the user's stands. Raises NotFound for another's."""
    customer = customers.known(user)
    if customer is None:
        raise NotFound
    checkout = providers.get(customer.provider).retrieve_checkout(session_id)
    if checkout is None or checkout.customer_id != customer.customer_id:
        raise NotFound
    return checkout


def close_page(customer: BillingCustomer) -> None:
    """Close the page that is open for a plan, so that nothing is paid there any more. One that is over stays so."""
    if customer.checkout_id:
        key = f"checkout:{customer.checkout_id}:expire"
        providers.get(customer.provider).expire_checkout(customer.checkout_id, key=key)
        same = BillingCustomer.objects.filter(pk=customer.pk, checkout_id=customer.checkout_id)
        same.update(checkout_id="", checkout_price="")


def _page(customer: BillingCustomer, plan: str) -> Checkout | None:
    """The open page of the plan, or a new one; None when somebody else was quicker with another."""
    provider = providers.get(customer.provider)
    price_id = providers.price_of(customer.provider, plan)
    row = BillingCustomer.objects.get(pk=customer.pk)
    # First the page, then the customer: what was paid before the first look is seen by the second.
    known = provider.retrieve_checkout(row.checkout_id) if row.checkout_id else None
    _require_unpaid(row)
    if known and known.state == "pending" and known.url and row.checkout_price != price_id:
        known = provider.expire_checkout(known.id, key=f"checkout:{known.id}:expire")
        if known and known.state == "paid":
            _require_unpaid(row)
    if known and known.state == "pending" and known.url:
        return known
    if known and known.state == "pending":
        raise PlanConflict("A payment of yours is still on its way. Wait for it, and look again.")
    return _make(row, plan, price_id)


def _make(row: BillingCustomer, plan: str, price_id: str) -> Checkout | None:
    """The next page, under a key that all who ask at once for the same price share; the first of them all stays."""
    provider, number = providers.get(row.provider), row.checkouts + 1
    app = f"{settings.PUBLIC_URL}/app/billing"
    page = provider.create_checkout(
        row.customer_id,
        user_id=row.user_id,
        plan=plan,
        price_id=price_id,
        success_url=f"{app}/return?session_id={{CHECKOUT_SESSION_ID}}",
        cancel_url=f"{app}?{urlencode({'checkout': 'cancelled'})}",
        key=f"checkout:{row.customer_id}:{number}:{price_id}",
    )
    same = BillingCustomer.objects.filter(pk=row.pk)
    mine = same.filter(checkouts=row.checkouts, customer_id=row.customer_id)
    if mine.update(checkouts=number, checkout_id=page.id, checkout_price=price_id):
        return page
    if same.filter(checkout_id=page.id).exists():
        return page
    provider.expire_checkout(page.id, key=f"checkout:{page.id}:expire")
    return None


def _require_unpaid(customer: BillingCustomer) -> None:
    """A plan bought a moment ago, whose notification is still on its way, is not to be paid twice."""
    with suppress(UnknownPrice):
        sync.refresh(customer)
    row = Subscription.objects.filter(user_id=customer.user_id).first()
    if row is not None and row.is_managed:
        raise PlanConflict("You already pay for a plan. Change it instead.")
