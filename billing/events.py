"""What billing tells clients, and signals to the apps above; those are sent after commit, with plain values."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from typing import ClassVar
from typing import Literal
from uuid import UUID

from django.dispatch import Signal

from core.realtime.events import Event

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
    status: Literal["active", "canceled", "past_due", "unpaid"]
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
    status: Literal["pending", "succeeded", "failed", "canceled", "partially_refunded", "refunded", "disputed"]
    amount: int
    refunded_amount: int
    currency: str
    purpose: Literal["subscription", "document", "other"]


hold_swept = Signal()
"""An abandoned hold was settled at its progress. Arguments: ``key``, ``feature``, ``reference``."""

hold_overrun = Signal()
"""More was used than held. Arguments: ``key``, ``user_id``, ``feature``, ``model``, ``held``, ``charged``."""
