"""What documents do when somebody else tells of something; connected when the app is ready."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from billing.events import hold_swept
from billing.events import payment_changed
from billing.models import Order
from documents.services import starting
from documents.services.running import sweeping
from documents.services.running.steps import FEATURE


@receiver(hold_swept)
def step_was_lost(*, key: str, feature: str, **_kwargs: Any) -> None:
    """The hold of a step was settled by the sweeper."""
    if feature == FEATURE:
        sweeping.hold_swept(key)


@receiver(payment_changed)
def begin_what_is_paid(*, reference: str, **_kwargs: Any) -> None:
    """A document that waited for its payment begins."""
    order = Order.objects.named(reference).first() if reference else None
    if order is not None:
        starting.go_on(order.pk)
