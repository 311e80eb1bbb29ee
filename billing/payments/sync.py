"""Reading a customer at the provider, and making it true here.

One function does it, for webhooks, for the repair job and after a change made by us, so no order of events matters.

No transaction is open while the provider is asked (a slow one would keep rows locked), so readers are put in order by
tickets instead of by a lock: a reader takes the next number before it asks; what it read is written, under the
customer's row lock, only if nobody with a later number has written. An event's change happened before its reader took
its number, so a later reader has seen it too.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.services import audit
from billing import notifications
from billing import providers
from billing.errors import UnknownPrice
from billing.metering.tokens import quotas
from billing.models import BillingCustomer
from billing.models import Order
from billing.models import Subscription
from billing.models import TokenQuota
from billing.payments import doubles
from billing.payments import invoices
from billing.payments import prices
from billing.payments.prices import PriceBook
from billing.providers.base import LIVE
from billing.providers.base import Account
from billing.providers.base import Checkout
from billing.providers.base import Subscribed

logger = logging.getLogger(__name__)

_MOST_PAGES = 20
"""Of orders of one customer, looked at in one reading; each is a question to the provider."""

_STATUS = {
    "trialing": Subscription.Status.ACTIVE,
    "active": Subscription.Status.ACTIVE,
    "past_due": Subscription.Status.PAST_DUE,
    "unpaid": Subscription.Status.UNPAID,
    "paused": Subscription.Status.UNPAID,
    "canceled": Subscription.Status.CANCELED,
    "incomplete_expired": Subscription.Status.CANCELED,
}


@dataclass(slots=True)
class SyncOutcome:
    """What a reading changed here, in words, and what could not be made sense of."""

    changes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def refresh(customer: BillingCustomer, *, intent_ids: Sequence[str] = (), dry_run: bool = False) -> SyncOutcome:
    """Read the customer and write what is found; with ``dry_run`` nothing is kept.

    Raises children of PaymentsError when the provider cannot be read, and UnknownPrice, after everything else is
    written, when a price belongs to no plan.
    """
    ticket = _take_ticket(customer)
    account = providers.get(customer.provider).read_account(customer.customer_id, intent_ids=intent_ids)
    book = prices.read(customer.provider, account.subscriptions)
    checkouts = _read_checkouts(customer)
    with transaction.atomic():
        outcome = _write(customer, ticket, account, book, checkouts)
        transaction.set_rollback(dry_run)
    if outcome.problems:
        logger.error("billing.unknown_price", extra={"customer": customer.customer_id, "problems": outcome.problems})
        raise UnknownPrice(" ".join(outcome.problems))
    return outcome


@transaction.atomic
def _take_ticket(customer: BillingCustomer) -> int:
    row = BillingCustomer.objects.select_for_update().get(pk=customer.pk)
    row.reads += 1
    row.save(update_fields=["reads"])
    return int(row.reads)


def _read_checkouts(customer: BillingCustomer) -> dict[UUID, Checkout]:
    """The pages of the user's orders whose end is not known yet: the intent of a page is known from the page only."""
    provider = providers.get(customer.provider)
    pages = Order.objects.filter(user_id=customer.user_id, provider=customer.provider).exclude(checkout_id="")
    found = {}
    for order_id, checkout_id in pages.values_list("pk", "checkout_id")[:_MOST_PAGES]:
        checkout = provider.retrieve_checkout(checkout_id)
        if checkout is not None and checkout.customer_id == customer.customer_id:
            found[order_id] = checkout
    return found


def _write(
    customer: BillingCustomer, ticket: int, account: Account, book: PriceBook, checkouts: dict[UUID, Checkout]
) -> SyncOutcome:
    outcome, now = SyncOutcome(), timezone.now()
    row = BillingCustomer.objects.select_for_update().get(pk=customer.pk)
    # The intents are asked for by name, so a later reader may not have seen them; their states only go forward.
    outcome.changes += invoices.write_intents(row, account.intents)
    outcome.changes += invoices.write_checkouts(row, checkouts)
    if row.applied > ticket or row.customer_id != customer.customer_id:
        return outcome
    outcome.problems = _unknown_prices(book, account)
    own = Subscription.objects.select_for_update().filter(user_id=row.user_id).first()
    ours = [one for one in account.subscriptions if book.tier_of(one.price_id) or _is_of(own, one)]
    too_many = doubles.ids(ours)
    written = invoices.write(row, account, book, doubles=too_many)
    doubles.note(row, too_many)
    outcome.changes += written.changes
    outcome.changes += _write_subscription(row, own, _current(own, ours, account), account, book)
    _entitle(row, opened=written.opens_window(now), now=now)
    row.applied, row.synced_at, row.sync_error = ticket, now, " ".join(outcome.problems)[:500]
    row.mode = providers.get(row.provider).mode
    row.renewing = sum(one.status in LIVE and not one.cancel_at_period_end for one in account.subscriptions)
    row.save(update_fields=["applied", "synced_at", "sync_error", "mode", "renewing", "updated_at"])
    return outcome


def _unknown_prices(book: PriceBook, account: Account) -> list[str]:
    sold = {one.price_id for one in account.subscriptions if one.status in LIVE}
    unknown = sorted(price for price in sold if book.tier_of(price) is None)
    return [f"The price {price} belongs to no plan." for price in unknown]


def _is_of(row: Subscription | None, one: Subscribed) -> bool:
    return row is not None and row.stripe_subscription_id == one.id


def _write_subscription(
    customer: BillingCustomer,
    row: Subscription | None,
    current: Subscribed | None,
    account: Account,
    book: PriceBook,
) -> list[str]:
    """The snapshot. A plan that staff gave is left alone by subscriptions that have ended."""
    if current is None:
        return []
    is_theirs = row is None or any(_is_of(row, one) for one in account.subscriptions)
    if current.status not in LIVE and not is_theirs:
        return []
    row = row or Subscription(user_id=customer.user_id, tier="")
    before = _facts(row)
    _copy(row, current, customer, book)
    row.past_due_since = _past_due_since(row, current, account, timezone.now())
    row.revoked_until = invoices.revoked_until(customer, current.id)
    after = _facts(row)
    if after == before:
        return []
    row.save()
    notifications.notify("plan_changed", row)
    return [f"{name}: {before[name]} → {after[name]}" for name in after if before[name] != after[name]]


def _current(row: Subscription | None, ours: list[Subscribed], account: Account) -> Subscribed | None:
    """The one that counts: the oldest that goes on, as newer ones are ended, otherwise the newest that has ended.

    One whose first payment is not made yet counts for nothing. One of an unknown price gives no plan, but whoever has
    no other is to see that it goes on, and can end it.
    """
    live = doubles.oldest_first(ours)
    if not live and (row is None or row.effective_tier == settings.TIERS[0]):
        live = doubles.oldest_first(account.subscriptions)
    ended = [one for one in ours if one.status == "canceled"]
    return next(iter(live), None) or max(ended, key=lambda one: (one.created, one.id), default=None)


def _copy(row: Subscription, current: Subscribed, customer: BillingCustomer, book: PriceBook) -> None:
    """A price that belongs to no plan leaves the plan as it is, and all else is as the provider says."""
    kept = row.tier if _is_of(row, current) else settings.TIERS[0]
    row.tier = book.tier_of(current.price_id) or kept
    row.stripe_subscription_id, row.provider, row.price_id = current.id, customer.provider, current.price_id
    row.status = _STATUS[current.status]
    row.current_period_start, row.current_period_end = current.period_start, current.period_end
    goes_on = current.status in LIVE
    row.cancel_at_period_end = current.cancel_at_period_end and goes_on
    pending = book.tier_of(current.pending_price_id) if goes_on else None
    row.pending_plan = pending if pending and pending != row.tier else ""


def _past_due_since(row: Subscription, current: Subscribed, account: Account, now: datetime) -> datetime | None:
    if current.status != "past_due":
        return None
    unpaid = [one.created for one in account.invoices if one.subscription_id == current.id and one.status == "open"]
    return min(unpaid, default=row.past_due_since or now)


def _facts(row: Subscription) -> dict[str, object]:
    names = (
        "tier",
        "status",
        "stripe_subscription_id",
        "provider",
        "price_id",
        "current_period_start",
        "current_period_end",
        "cancel_at_period_end",
        "pending_plan",
        "past_due_since",
        "revoked_until",
    )
    return {name: getattr(row, name) for name in names}


def _entitle(customer: BillingCustomer, *, opened: bool, now: datetime) -> None:
    """Move the quota to what the snapshot gives, and open a new window for every period that was paid."""
    row = Subscription.objects.filter(user_id=customer.user_id).first()
    if row is None:
        return
    apply_tier(row, now)
    if opened:
        quotas.open_window(customer.user_id, now)


def apply_tier(row: Subscription, now: datetime) -> bool:
    """Give the user the tier that the subscription stands for at this moment; True when it was another."""
    before = quotas.tier_of(row.user_id)
    after = row.tier_at(now)
    if before == after and TokenQuota.objects.filter(pk=row.user_id).exists():
        return False
    quotas.change_tier(row.user_id, after, now)
    if before != after:
        audit.record("plan.changed", on=row.user, before=before, after=after, reason=f"subscription is {row.status}")
    return before != after


@transaction.atomic
def retire(pk: object, *, reason: str) -> bool:
    """End a plan whose subscription nobody has any more; False for one that is over."""
    row = Subscription.objects.select_for_update().select_related("user").get(pk=pk)
    if not row.is_managed:
        return False
    row.status, row.cancel_at_period_end, row.pending_plan = Subscription.Status.CANCELED, False, ""
    row.save()
    apply_tier(row, timezone.now())
    audit.record("subscription.ended", on=row.user, reason=reason)
    notifications.notify("plan_lost", row)
    return True
