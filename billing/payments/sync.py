"""Reading a customer at the provider, and making it true here.

One function does it, for webhooks, for the repair job and after a change made by us, so no order of events matters.

No transaction is open while the provider is asked (a slow provider would hold rows), so readers are put in order by
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

from django.db import transaction
from django.utils import timezone

from accounts.services import audit
from billing import notices
from billing import providers
from billing.errors import UnknownPrice
from billing.metering import quotas
from billing.models import BillingCustomer
from billing.models import Subscription
from billing.models import TokenQuota
from billing.payments import invoices
from billing.providers.base import LIVE
from billing.providers.base import Account
from billing.providers.base import Subscribed

logger = logging.getLogger(__name__)

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
class Outcome:
    """What a reading changed here, in words, and what could not be made sense of."""

    changes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def refresh(customer: BillingCustomer, *, intent_ids: Sequence[str] = (), dry_run: bool = False) -> Outcome:
    """Read the customer and write what is found; with ``dry_run`` nothing is kept.

    Raises children of PaymentsError when the provider cannot be read, and UnknownPrice, after everything else is
    written, when a price belongs to no plan.
    """
    ticket = _take_ticket(customer)
    account = providers.get(customer.provider).read_account(customer.customer_id, intent_ids=intent_ids)
    with transaction.atomic():
        outcome = _write(customer, ticket, account)
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


def _write(customer: BillingCustomer, ticket: int, account: Account) -> Outcome:
    outcome, now = Outcome(), timezone.now()
    row = BillingCustomer.objects.select_for_update().get(pk=customer.pk)
    # The intents are asked for by name, so a later reader may not have seen them; their states only go forward.
    outcome.changes += invoices.write_intents(row, account.intents)
    if row.applied > ticket or row.customer_id != customer.customer_id:
        return outcome
    outcome.problems = _unknown_prices(row, account)
    written = invoices.write(row, account)
    outcome.changes += written.changes
    outcome.changes += _write_subscription(row, account, now)
    _entitle(row, opened=written.opens_window(now), now=now)
    row.applied, row.synced_at, row.sync_error = ticket, now, " ".join(outcome.problems)[:500]
    row.save(update_fields=["applied", "synced_at", "sync_error", "updated_at"])
    return outcome


def _unknown_prices(customer: BillingCustomer, account: Account) -> list[str]:
    sold = {one.price_id for one in account.subscriptions if one.status in LIVE}
    unknown = sorted(price for price in sold if providers.tier_of(customer.provider, price) is None)
    return [f"The price {price} belongs to no plan." for price in unknown]


def _write_subscription(customer: BillingCustomer, account: Account, now: datetime) -> list[str]:
    """The snapshot. A plan that staff gave is left alone by subscriptions that have ended."""
    ours = [one for one in account.subscriptions if providers.tier_of(customer.provider, one.price_id)]
    current = _current(customer, ours)
    if current is None:
        return []
    row = Subscription.objects.select_for_update().filter(user_id=customer.user_id).first()
    is_theirs = row is None or row.stripe_subscription_id in {one.id for one in account.subscriptions}
    if current.status not in LIVE and not is_theirs:
        return []
    row = row or Subscription(user_id=customer.user_id, tier="")
    before = _facts(row)
    _copy(row, current, customer)
    row.past_due_since = _past_due_since(row, current, account, now)
    row.revoked_until = invoices.revoked_until(customer, current.id)
    after = _facts(row)
    if after == before:
        return []
    row.save()
    notices.notify("plan_changed", row)
    return [f"{name}: {before[name]} → {after[name]}" for name in after if before[name] != after[name]]


def _current(customer: BillingCustomer, ours: list[Subscribed]) -> Subscribed | None:
    """The one that counts: one that goes on before one that has ended, a larger plan before a smaller, then the newest.

    One whose first payment is not made yet counts for nothing.
    """
    live = [one for one in ours if one.status in LIVE]
    if len(live) > 1:
        facts = {"customer": customer.customer_id, "subscriptions": [one.id for one in live]}
        logger.error("billing.two_subscriptions", extra=facts)
    candidates = live or [one for one in ours if one.status == "canceled"]

    def rank(one: Subscribed) -> tuple[bool, int, datetime, str]:
        tier = providers.tier_of(customer.provider, one.price_id) or ""
        is_paid = one.status in {"active", "trialing", "past_due"}
        return is_paid, providers.rank_of(tier) if live else 0, one.created, one.id

    return max(candidates, key=rank, default=None)


def _copy(row: Subscription, current: Subscribed, customer: BillingCustomer) -> None:
    row.stripe_subscription_id, row.provider, row.price_id = current.id, customer.provider, current.price_id
    row.tier = providers.tier_of(customer.provider, current.price_id) or row.tier
    row.status = _STATUS[current.status]
    row.current_period_start, row.current_period_end = current.period_start, current.period_end
    goes_on = current.status in LIVE
    row.cancel_at_period_end = current.cancel_at_period_end and goes_on
    pending = providers.tier_of(customer.provider, current.pending_price_id) if goes_on else None
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
    settle_tier(row, now)
    if opened:
        quotas.open_window(customer.user_id, now)


def settle_tier(row: Subscription, now: datetime) -> bool:
    """Give the user the tier that the subscription stands for at this moment; True when it was another."""
    before = quotas.tier_of(row.user_id)
    after = row.tier_at(now)
    if before == after and TokenQuota.objects.filter(pk=row.user_id).exists():
        return False
    quotas.change_tier(row.user_id, after, now)
    if before != after:
        audit.record("plan.changed", on=row.user, before=before, after=after, reason=f"subscription is {row.status}")
    return before != after
