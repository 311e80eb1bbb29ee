"""What billing does when somebody else tells of something; connected when the app is ready."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from accounts.events import deletion_scheduled
from billing.payments import webhooks
from billing.providers.base import Event
from billing.providers.demo.objects import demo_notified
from billing.services import account_deletion


@receiver(deletion_scheduled)
def end_plan_with_account(user_id: UUID, **_kwargs: Any) -> None:
    """The plan of somebody who is leaving ends with its period."""
    account_deletion.schedule(user_id)


@receiver(demo_notified)
def receive_from_demo(event: Event, **_kwargs: Any) -> None:
    """The demo's notifications take the way of every provider's."""
    webhooks.receive("demo", event)
