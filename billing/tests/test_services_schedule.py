"""What beat pokes: names that exist, times that fit."""

from __future__ import annotations

import pytest
from celery.schedules import crontab
from django.utils import timezone

from accounts.models import User
from billing import tasks
from billing.apps import BillingConfig
from billing.models import TokenHold
from billing.tests.factories import held
from billing.tests.factories import later
from billing.tests.factories import run_scheduled
from core.jobs import registry
from kintsugi.celery import app


@pytest.mark.parametrize("name", list(BillingConfig.beat_schedule))
def test_every_entry_names_a_task(name: str) -> None:
    app.loader.import_default_modules()
    task = app.tasks[BillingConfig.beat_schedule[name]["task"]]
    assert task.time_limit


def test_windows_are_looked_at_on_every_boundary_and_holds_every_half_minute() -> None:
    schedule = BillingConfig.beat_schedule
    assert schedule["billing-reset-windows"]["schedule"] == crontab(minute="*")
    assert schedule["billing-sweep-holds"]["schedule"] == 30


@pytest.mark.parametrize("kind", [tasks.PROVE_LEDGER, tasks.RECONCILE, tasks.END_GRACE, tasks.PURGE_EVENTS])
def test_scheduled_work_is_a_job(kind: str, db: None) -> None:
    assert kind in registry.windows(timezone.now())
    run_scheduled(kind)


def test_the_sweeper_sweeps(alice: User) -> None:
    held(alice)
    TokenHold.objects.update(expires_at=later(seconds=-1))
    tasks.sweep_holds.delay()
    tasks.sweep_holds.delay()
    assert TokenHold.objects.get().state == "settled"
