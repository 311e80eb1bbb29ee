"""How a user learns of what happened to their plan and payments: one door, :func:`notify`."""

from __future__ import annotations

from typing import Literal
from typing import cast
from uuid import UUID

from django.utils import translation

from accounts.models import User
from billing import events
from billing import letters
from billing.models import Payment
from billing.models import Subscription
from core import mail
from core.realtime import streams
from core.realtime.names import user_stream

Notice = Literal["plan_changed", "plan_lost", "payment_succeeded", "payment_failed", "payment_refunded"]


def notify(notice: Notice, subject: Subscription | Payment) -> None:
    """Tell the owner of a subscription or a payment; inside the transaction of the change.

    All their devices hear of it, and what costs them something comes by mail as well.
    """
    told = _of_payment(subject) if isinstance(subject, Payment) else _of_subscription(subject)
    streams.append(user_stream(subject.user_id), told)
    if notice in letters.OF and mail.can_send():
        _write(notice, subject.user_id)


def _write(notice: Notice, user_id: UUID) -> None:
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or not user.email:
        return
    with translation.override(user.language):
        letter = letters.OF[notice]()
    mail.send(f"billing.{notice}", letter, to=user.email, language=user.language, user=user)


def _of_subscription(subscription: Subscription) -> events.SubscriptionUpdated:
    return events.SubscriptionUpdated(
        plan=subscription.tier,
        tier=subscription.effective_tier,
        status=cast("Literal['active', 'canceled', 'past_due', 'unpaid']", str(subscription.status)),
        current_period_end=subscription.current_period_end,
        cancel_at_period_end=subscription.cancel_at_period_end,
        pending_plan=subscription.next_tier,
        grace_ends_at=subscription.grace_ends_at,
    )


def _of_payment(payment: Payment) -> events.PaymentUpdated:
    return events.PaymentUpdated.model_validate(
        {
            "payment_id": payment.pk,
            "status": str(payment.status),
            "amount": payment.amount,
            "refunded_amount": payment.refunded_amount,
            "currency": payment.currency,
            "purpose": str(payment.purpose),
        }
    )
