"""What billing tells clients, and signals to the apps above; those are sent after commit, with plain values."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from typing import ClassVar
from typing import Literal
from uuid import UUID

from django.dispatch import Signal

from core.realtime.events import Event

SubscriptionStatus = Literal["active", "canceled", "past_due", "unpaid"]
PaymentStatus = Literal["pending", "succeeded", "failed", "canceled", "partially_refunded", "refunded", "disputed"]
PaymentPurpose = Literal["subscription", "document", "order", "other"]
OrderState = Literal["open", "paid", "done", "refunded", "cancelled"]

_PAYMENT = "01993a3e-7c1d-7b6e-9a53-5a2c8b7e4f10"


class SubscriptionUpdated(Event):
    """Your plan, its status or what it becomes has changed."""

    type: ClassVar[str] = "subscription.updated"
    example: ClassVar[dict[str, Any]] = {
        "plan": "premium_pro",
        "tier": "premium_pro",
        "status": "past_due",
        "current_period_end": "2026-03-01T12:00:00Z",
        "cancel_at_period_end": False,
        "pending_plan": None,
        "grace_ends_at": "2026-02-08T12:00:00Z",
    }

    plan: str
    tier: str
    status: SubscriptionStatus
    current_period_end: datetime | None
    cancel_at_period_end: bool
    pending_plan: str | None
    grace_ends_at: datetime | None


class PaymentUpdated(Event):
    """A payment of yours went through, failed, or was given back."""

    type: ClassVar[str] = "payment.updated"
    example: ClassVar[dict[str, Any]] = {
        "payment_id": _PAYMENT,
        "status": "failed",
        "amount": 2999,
        "refunded_amount": 0,
        "currency": "USD",
        "purpose": "subscription",
    }

    payment_id: UUID
    status: PaymentStatus
    amount: int
    refunded_amount: int
    currency: str
    purpose: PaymentPurpose


minute_hold_swept = Signal()
"""``key: str, reference: str``: a call's hold expired and was charged for what was confirmed of it."""


class OrderUpdated(Event):
    """An order of yours was paid, delivered, given back or cancelled."""

    type: ClassVar[str] = "order.updated"
    example: ClassVar[dict[str, Any]] = {
        "order_id": _PAYMENT,
        "state": "paid",
        "units": 10,
        "delivered": 4,
        "amount": 500,
        "rest": 0,
        "refunded": 0,
        "currency": "EUR",
    }

    order_id: UUID
    state: OrderState
    units: int
    delivered: int
    amount: int
    rest: int
    """What goes back; on its way until ``refunded`` has it"""
    refunded: int
    currency: str


payment_changed = Signal()
"""A payment's status, or what was refunded of it, is another. Arguments: ``payment_id``, ``user_id``, ``purpose``,
``reference`` (of the order it pays, ``order:<id>``, otherwise empty), ``status``. The order has moved with it: whoever
waits for one looks at its state, which also holds when the process died before this was sent."""

hold_swept = Signal()
"""An abandoned hold was settled at its progress. Arguments: ``key``, ``feature``, ``reference``."""

hold_overrun = Signal()
"""More was used than held. Arguments: ``key``, ``user_id``, ``feature``, ``model``, ``held``, ``charged``."""
