"""How a user learns of what happened to their plan and payments: one door, :func:`notify`."""

from __future__ import annotations

from typing import Literal
from typing import cast

from billing import events
from billing.models import Payment
from billing.models import Subscription
from core.realtime import streams
from core.realtime.names import user_stream

Notice = Literal["plan_changed", "plan_lost", "payment_succeeded", "payment_failed", "payment_refunded"]


def notify(notice: Notice, subject: Subscription | Payment) -> None:
    """Tell the owner of a subscription or a payment; inside the transaction of the change.

    For now all their devices hear of it. Mail is to be queued here too, on commit, by ``notice``.
    """
    del notice  # the event shows the state as a whole; a mail needs to know what to say
    told = _of_payment(subject) if isinstance(subject, Payment) else _of_subscription(subject)
    streams.append(user_stream(subject.user_id), told)


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
