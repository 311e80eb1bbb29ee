"""The tables of billing."""

from __future__ import annotations

from billing.models.bases import OwnedQuerySet
from billing.models.metering import PlatformDay
from billing.models.metering import TokenHold
from billing.models.metering import TokenQuota
from billing.models.metering import UsageEntry
from billing.models.minutes import MinuteEntry
from billing.models.minutes import MinuteHold
from billing.models.minutes import MinuteQuota
from billing.models.orders import Order
from billing.models.orders import OrderPart
from billing.models.orders import Quote
from billing.models.orders import Refund
from billing.models.payments import BillingCustomer
from billing.models.payments import DemoObject
from billing.models.payments import Payment
from billing.models.plans import Grant
from billing.models.plans import Subscription
from billing.models.webhooks import WebhookEvent

__all__ = [
    "BillingCustomer",
    "DemoObject",
    "Grant",
    "MinuteEntry",
    "MinuteHold",
    "MinuteQuota",
    "Order",
    "OrderPart",
    "OwnedQuerySet",
    "Payment",
    "PlatformDay",
    "Quote",
    "Refund",
    "Subscription",
    "TokenHold",
    "TokenQuota",
    "UsageEntry",
    "WebhookEvent",
]
