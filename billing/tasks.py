"""Scheduled work. All of it may run late, twice, or not at all: the next run finds what is left."""

from __future__ import annotations

from celery import shared_task

from billing import services
from billing.metering import quotas
from billing.metering import settlement


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
