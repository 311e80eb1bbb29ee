"""What time does to plans, and what lost notifications left undone."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from dataclasses import field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists
from django.db.models import OuterRef
from django.db.models import Q
from django.db.models import QuerySet
from django.utils import timezone

from billing import notifications
from billing import providers
from billing.errors import PaymentsUnavailable
from billing.models import BillingCustomer
from billing.models import Order
from billing.models import Payment
from billing.models import Subscription
from billing.models import TokenQuota
from billing.payments import sync
from core.errors import DomainError

logger = logging.getLogger(__name__)

_FRESH = timedelta(minutes=20)
"""Less than the half hour between two runs, so that each run reads everybody who has something to pay."""
_LOOK_BACK = timedelta(days=40)
"""A month's period, and the days in which its end may still be disputed with us."""
_PENDING_FOR = timedelta(days=3)
"""As long as Stripe repeats a notification: https://docs.stripe.com/webhooks#retries, 2026."""


@dataclass(slots=True)
class Report:
    """How many customers were read, what was put right, and what could not be read, by customer."""

    checked: int = 0
    repaired: dict[str, list[str]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {
            "ok": not self.failed,
            "checked": self.checked,
            "repaired": self.repaired,
            "failed": self.failed,
        }


def reconcile(*, dry_run: bool = False, everybody: bool = False, limit: int = 2000) -> Report:
    """Read customers anew and write what webhooks missed; with ``dry_run`` only say it.

    Those who were read lately are left out, and those who have had nothing to pay for long, unless ``everybody``. The
    longest unread come first, so that a run that is cut short is carried on by the next. It ends early when the
    provider is down.
    """
    report = Report()
    if not dry_run:
        retire_demo_plans()
    for customer in _due(everybody=everybody)[:limit]:
        try:
            outcome = sync.refresh(customer, intent_ids=_waiting_intents(customer), dry_run=dry_run)
        except PaymentsUnavailable as error:
            report.failed[customer.customer_id] = error.sentence
            break
        except DomainError as error:
            report.failed[customer.customer_id] = error.sentence
            BillingCustomer.objects.filter(pk=customer.pk).update(
                synced_at=timezone.now(), sync_error=error.sentence[:500]
            )
        else:
            if outcome.changes:
                report.repaired[customer.customer_id] = outcome.changes
        report.checked += 1
    if report.repaired and not dry_run:
        logger.warning("billing.repaired", extra={"customers": sorted(report.repaired)})
    return report


def _due(*, everybody: bool) -> QuerySet[BillingCustomer]:
    now = timezone.now()
    ours = BillingCustomer.objects.filter(provider=providers.active_name(), mode__in=["", providers.active().mode])
    customers = ours.order_by("synced_at", "pk")
    if everybody:
        return customers
    lives = Subscription.objects.filter(user_id=OuterRef("user_id"), stripe_subscription_id__isnull=False)
    lives = lives.exclude(status=Subscription.Status.CANCELED)
    waits = Payment.objects.filter(
        user_id=OuterRef("user_id"), status=Payment.Status.PENDING, created_at__gte=now - _PENDING_FOR
    )
    is_recent = Q(created_at__gte=now - _LOOK_BACK) | Q(synced_at__gte=now - _LOOK_BACK) | Q(synced_at=None)
    pages = Order.objects.filter(user_id=OuterRef("user_id")).exclude(checkout_id="")
    unread = customers.filter(Q(synced_at=None) | Q(synced_at__lt=now - _FRESH))
    return unread.filter(is_recent | Q(renewing__gt=0) | Exists(lives) | Exists(waits) | Exists(pages))


def _waiting_intents(customer: BillingCustomer) -> list[str]:
    waiting = Payment.objects.filter(
        user_id=customer.user_id,
        provider_id__startswith="pi_",
        status__in=[Payment.Status.PENDING, Payment.Status.FAILED],
        created_at__gte=timezone.now() - _PENDING_FOR,
    )
    return list(waiting.values_list("provider_id", flat=True)[:20])


def end_grace() -> int:
    """Take the plan from everybody whose renewal stayed unpaid through the grace period; returns from how many."""
    now = timezone.now()
    overdue = Subscription.objects.filter(
        status=Subscription.Status.PAST_DUE, past_due_since__lte=now - settings.PAYMENT_GRACE
    )
    keeps = TokenQuota.objects.filter(pk=OuterRef("user_id")).exclude(tier=settings.TIERS[0])
    return sum(_end_grace(row.pk) for row in overdue.filter(Exists(keeps)).order_by("pk"))


@transaction.atomic
def _end_grace(pk: object) -> bool:
    row = Subscription.objects.select_for_update().select_related("user").get(pk=pk)
    lost = row.status == Subscription.Status.PAST_DUE and sync.apply_tier(row, timezone.now())
    if lost:
        notifications.notify("plan_lost", row)
    return lost


def retire_demo_plans() -> int:
    """Once money is taken for real, plans of the demo, and of the provider's test mode, end; returns how many."""
    if providers.active_name() != "stripe":
        return 0
    going_on = Subscription.objects.filter(stripe_subscription_id__isnull=False).exclude(
        status=Subscription.Status.CANCELED
    )
    gone = Q(provider="demo")
    if providers.active().mode == "live":
        tried = BillingCustomer.objects.filter(provider="stripe", mode="test")
        gone |= Q(provider="stripe", user_id__in=tried.values("user_id"))
    return sum(sync.retire(row.pk, reason="No money was taken for it.") for row in going_on.filter(gone))
