"""Scheduled and queued work. All of it may run late, twice, or not at all: the next run finds what is left."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from celery import shared_task

from billing import metering
from billing import providers
from billing.metering.tokens import quotas
from billing.payments import doubles
from billing.payments import orders
from billing.payments import paying
from billing.payments import refunds
from billing.payments import repair
from billing.payments import subscriptions
from billing.payments import webhooks
from billing.services import account_deletion
from billing.services.metering import prove_ledger
from core import jobs

PROVE_LEDGER = "billing.prove_ledger"
RECONCILE = "billing.reconcile"
END_GRACE = "billing.end_grace"
PURGE_EVENTS = "billing.purge_events"
END_ORDERS = "billing.end_orders"
PURGE_QUOTES = "billing.purge_quotes"


@shared_task(name="billing.reset_windows", soft_time_limit=240, time_limit=300)
def reset_windows() -> None:
    """Open the next window of every quota whose window is over."""
    quotas.reset_due()


@shared_task(name="billing.sweep_holds", soft_time_limit=240, time_limit=300)
def sweep_holds() -> None:
    """Settle the holds of processes that died."""
    metering.sweep()


@shared_task(name=webhooks.WORK_EVENT, soft_time_limit=120, time_limit=150)
def work_event(pk: str) -> None:
    """Work one notification of the payment provider."""
    webhooks.work(UUID(pk))


@shared_task(name="billing.sweep_events", soft_time_limit=50, time_limit=60)
def sweep_events() -> None:
    """Queue the notifications that should have been worked by now."""
    webhooks.sweep()


@jobs.handler(PROVE_LEDGER)
def prove_every_book(_run: jobs.Run) -> None:
    """Prove that quotas, ledgers and holds agree; what does not is an alert in the log."""
    prove_ledger()


@jobs.handler(RECONCILE, timeout=1500)
def reconcile(_run: jobs.Run) -> None:
    """Read customers at the provider and repair what notifications missed."""
    if providers.active_name() != "none":
        repair.reconcile()


@jobs.handler(END_GRACE, timeout=240)
def end_grace(_run: jobs.Run) -> None:
    """Take the plan from those whose renewal stayed unpaid for too long."""
    repair.end_grace()


@jobs.handler(PURGE_EVENTS, timeout=240)
def purge_events(_run: jobs.Run) -> None:
    """Forget the notifications that were worked long ago."""
    webhooks.purge()


@jobs.handler(orders.MAKE_REFUND, max_attempts=12, timeout=240)
def make_refund(run: jobs.Run) -> None:
    """Give the money of an order back that was noted down as owed."""
    refunds.make(UUID(run.payload["refund"]))


@jobs.handler(orders.CLOSE_PAGES, max_attempts=8, timeout=240)
def close_pages(run: jobs.Run) -> None:
    """Close the pages on which an order could be paid once more."""
    paying.close_pages(UUID(run.payload["order"]))


@jobs.handler(END_ORDERS, timeout=240)
def end_orders(_run: jobs.Run) -> None:
    """Cancel the orders nobody paid in time, and ask again for refunds whose job gave up."""
    orders.cancel_overdue()
    refunds.ask_again()


@jobs.handler(PURGE_QUOTES, timeout=240)
def purge_quotes(_run: jobs.Run) -> None:
    """Forget the quotes nobody agreed to."""
    orders.forget_quotes()


@jobs.handler(doubles.END_DOUBLE, max_attempts=12, timeout=240)
def end_double(run: jobs.Run) -> None:
    """End a subscription that somebody has beside their plan; its payment is given back by a job of its own."""
    user_id, subscription_id = UUID(run.payload["user"]), run.payload["subscription"]
    subscriptions.end_double(user_id, provider=run.payload["provider"], subscription_id=subscription_id)
    with run.fenced():
        subscriptions.tell_of_double(user_id, subscription_id)
        run.save(progress=100)


@jobs.handler(account_deletion.END_PLAN, max_attempts=8)
def end_plan(run: jobs.Run) -> None:
    """End the plan of somebody who is leaving with its period."""
    account_deletion.end_plan(UUID(run.payload["user"]))


@jobs.handler(account_deletion.END_MISSED_PLANS)
def end_missed_plans(_run: jobs.Run) -> None:
    """End the plans whose owners are leaving, where that was missed."""
    account_deletion.sweep()


jobs.periodic(END_GRACE, every=timedelta(minutes=10))
jobs.periodic(END_ORDERS, every=timedelta(hours=1))
jobs.periodic(PURGE_QUOTES, every=timedelta(days=1))
jobs.periodic(RECONCILE, every=timedelta(minutes=30))
jobs.periodic(account_deletion.END_MISSED_PLANS, every=timedelta(hours=1))
jobs.periodic(PROVE_LEDGER, every=timedelta(days=1))
jobs.periodic(PURGE_EVENTS, every=timedelta(days=1))
