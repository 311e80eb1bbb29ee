"""How a user learns of what happened to their plan and payments: one door, :func:`notify`."""

from __future__ import annotations

from functools import partial
from typing import Literal
from typing import cast
from uuid import UUID

from django.db import transaction
from django.utils import translation

from accounts.models import User
from billing import emails
from billing import events
from billing.models import Order
from billing.models import Payment
from billing.models import Subscription
from core import mail
from core.realtime import streams
from core.realtime.names import user_stream

Notification = Literal[
    "plan_changed", "plan_lost", "payment_succeeded", "payment_failed", "payment_refunded", "paid_twice"
]


def notify(notification: Notification, subject: Subscription | Payment) -> None:
    """Tell the owner of a subscription or a payment; inside the transaction of the change.

    All their devices hear of it, and what costs them something comes by mail as well.
    """
    event = _of_payment(subject) if isinstance(subject, Payment) else _of_subscription(subject)
    streams.append(user_stream(subject.user_id), event)
    if notification in emails.OF and mail.can_send():
        _send_email(notification, subject.user_id)


def tell_of_order(order: Order) -> None:
    """Tell the owner on all their devices how an order stands; inside the transaction of the change."""
    event = events.OrderUpdated(
        order_id=order.pk,
        state=cast("events.OrderState", str(order.state)),
        units=order.units,
        delivered=order.delivered,
        amount=order.amount,
        rest=order.rest,
        refunded=order.refunded,
        currency=order.currency,
    )
    streams.append(user_stream(order.user_id), event)


def tell_apps_of_payment(payment: Payment) -> None:
    """Send :data:`billing.events.payment_changed` after the commit."""
    facts = {
        "payment_id": payment.pk,
        "user_id": payment.user_id,
        "purpose": str(payment.purpose),
        "reference": payment.reference,
        "status": str(payment.status),
    }
    transaction.on_commit(partial(events.payment_changed.send_robust, None, **facts), robust=True)


def _send_email(notification: Notification, user_id: UUID) -> None:
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or not user.email:
        return
    with translation.override(user.language):
        letter = emails.OF[notification]()
    mail.send(f"billing.{notification}", letter, to=user.email, language=user.language, user=user)


def _of_subscription(subscription: Subscription) -> events.SubscriptionUpdated:
    return events.SubscriptionUpdated(
        plan=subscription.tier,
        tier=subscription.effective_tier,
        status=cast("events.SubscriptionStatus", str(subscription.status)),
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
