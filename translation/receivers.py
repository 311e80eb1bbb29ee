"""What translation does when somebody else tells of something; connected when the app is ready."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from billing.events import hold_swept
from billing.events import payment_changed
from billing.models import Order
from translation.services.documents import paying
from translation.services.documents import starting
from translation.services.documents import sweeping


@receiver(hold_swept)
def go_on_with_part(*, key: str, feature: str, **_kwargs: Any) -> None:
    """The hold of a part was settled by the sweeper: it is held for again."""
    if feature == paying.FEATURE:
        sweeping.let_go_again(key)


@receiver(payment_changed)
def begin_what_is_paid(*, reference: str, **_kwargs: Any) -> None:
    """A document that waited for its payment begins."""
    order = Order.objects.named(reference).first() if reference else None
    if order is not None:
        starting.go_on(order.pk)
