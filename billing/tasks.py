"""Scheduled work. All of it may run late, twice, or not at all: the next run finds what is left."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from celery import shared_task

from billing import following
from billing import providers
from billing import services
from billing.metering import quotas
from billing.metering import settlement
from billing.payments import repair
from billing.payments import webhooks
from core import jobs


@shared_task(name="billing.reset_windows", soft_time_limit=240, time_limit=300)
def reset_windows() -> None:
    """Open the next window of every quota whose window is over."""
    quotas.reset_due()


@shared_task(name="billing.sweep_holds", soft_time_limit=240, time_limit=300)
def sweep_holds() -> None:
    """Settle the holds of processes that died."""
    settlement.sweep()


@shared_task(name="billing.prove_ledger", soft_time_limit=540, time_limit=600)
def prove_ledger() -> None:
    """Prove that quotas, ledger and holds agree; what does not is an alert in the log."""
    services.prove_ledger()


@shared_task(name="billing.work_event", soft_time_limit=120, time_limit=150)
def work_event(pk: str) -> None:
    """Work one notification of the payment provider."""
    webhooks.work(UUID(pk))


@shared_task(name="billing.sweep_events", soft_time_limit=50, time_limit=60)
def sweep_events() -> None:
    """Queue the notifications that should have been worked by now."""
    webhooks.sweep()


@shared_task(name="billing.purge_events", soft_time_limit=240, time_limit=300)
def purge_events() -> None:
    """Forget the notifications that were worked long ago."""
    webhooks.purge()


@shared_task(name="billing.reconcile", soft_time_limit=1500, time_limit=1560)
def reconcile() -> None:
    """Read customers at the provider and repair what notifications missed."""
    if providers.active_name() != "none":
        repair.reconcile()


@shared_task(name="billing.end_grace", soft_time_limit=240, time_limit=300)
def end_grace() -> None:
    """Take the plan from those whose renewal stayed unpaid for too long."""
    repair.end_grace()


@jobs.handler(following.KIND, max_attempts=8)
def end_with_account(run: jobs.Run) -> None:
    """End the plan of somebody who is leaving with its period."""
    following.work(run)


@jobs.handler(following.SWEEP)
def end_plans_of_the_leaving(_run: jobs.Run) -> None:
    """End the plans whose owners are leaving, where that was missed."""
    following.sweep()


jobs.periodic(following.SWEEP, every=timedelta(hours=1))
