"""What a payment provider must be able to do, and the shapes of what it answers.

Amounts are in the smallest unit of their currency. Every call that creates or changes takes a ``key``: the same key
does the thing once, however often the call is made. All raise children of :class:`billing.errors.PaymentsError`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from typing import Any
from typing import Literal
from typing import Protocol
from uuid import UUID

Name = Literal["stripe", "demo"]
CheckoutState = Literal["paid", "pending", "failed", "expired"]
SubscriptionStatus = Literal[
    "incomplete", "incomplete_expired", "trialing", "active", "past_due", "canceled", "unpaid", "paused"
]
"""Stripe's words: https://docs.stripe.com/api/subscriptions/object#subscription_object-status, 2026."""

LIVE: frozenset[SubscriptionStatus] = frozenset({"trialing", "active", "past_due", "unpaid", "paused"})
"""Of a subscription that goes on, paid or not."""
UNFINISHED: frozenset[SubscriptionStatus] = frozenset({"incomplete"})
"""Of one whose first payment may still be made."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A page on which a subscription is paid for the first time, or an order; the last three are an order's."""

    id: str
    url: str
    state: CheckoutState
    customer_id: str
    intent_id: str = ""
    amount: int = 0
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription as it stands at the provider."""

    id: str
    customer_id: str
    status: SubscriptionStatus
    price_id: str
    created: datetime
    period_start: datetime | None
    period_end: datetime | None
    cancel_at_period_end: bool
    pending_price_id: str = ""
    product_id: str = ""
    plan: str = ""
    """The plan that was sold at this very price, as we wrote it down there."""
    item_id: str = ""
    schedule_id: str = ""
    payment_url: str = ""
    """Where a change that waits for its payment is paid."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an invoice."""

    id: str
    price_id: str
    amount: int
    period_start: datetime
    period_end: datetime
    is_proration: bool


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice; ``status`` is draft, open, paid, void or uncollectible."""

    id: str
    customer_id: str
    subscription_id: str
    status: str
    amount: int
    currency: str
    created: datetime
    paid_at: datetime | None
    attempted: bool
    url: str
    intent_id: str
    lines: Sequence[Line] = ()


@dataclass(frozen=True, slots=True)
class Intent:
    """A single payment; ``status`` is pending, succeeded, failed or canceled."""

    id: str
    customer_id: str
    status: str
    amount: int
    currency: str
    client_secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Charged:
    """Money taken for an intent, and how much of it went back; ``disputed`` while a bank holds it, or took it."""

    intent_id: str
    amount: int
    refunded: int
    disputed: bool


@dataclass(frozen=True, slots=True)
class Account:
    """Everything the provider knows of a customer that matters here, read together."""

    subscriptions: Sequence[Subscribed]
    invoices: Sequence[Invoice]
    charges: Sequence[Charged]
    intents: Sequence[Intent] = ()


@dataclass(frozen=True, slots=True)
class Priced:
    """A price as the provider has it; ``amount`` in the smallest unit, ``currency`` in capitals."""

    amount: int
    currency: str
    is_active: bool
    is_monthly: bool
    product_id: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """What would be charged; ``amount`` in the smallest unit, ``currency`` in capitals."""

    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class Event:
    """A notification, verified. ``payload`` holds ids only: what it is about is read again at the provider."""

    id: str
    type: str
    created: datetime
    customer_id: str
    payload: dict[str, Any] = field(default_factory=dict)


class Provider(Protocol):
    """One payment provider."""

    name: Name
    mode: Literal["test", "live", "demo"]
    """The provider's world that the key opens: what is made in one is not known in another."""

    def create_customer(self, user_id: UUID, *, email: str, key: str) -> str:
        """Introduce a user; returns the customer's id."""

    def create_checkout(
        self, customer_id: str, *, user_id: UUID, plan: str, price_id: str, success_url: str, cancel_url: str, key: str
    ) -> Checkout:
        """A page to subscribe to a plan at a price; ``{CHECKOUT_SESSION_ID}`` in the URLs becomes its id."""

    def create_order_checkout(
        self,
        customer_id: str,
        *,
        title: str,
        amount: int,
        currency: str,
        reference: str,
        success_url: str,
        cancel_url: str,
        key: str,
    ) -> Checkout:
        """A page to pay an amount once; ``title`` says for what."""

    def expire_checkout(self, session_id: str, *, key: str) -> Checkout | None:
        """Close a page, so that nothing can be paid there; one that is over stays as it is. Returns what it is now."""

    def retrieve_checkout(self, session_id: str) -> Checkout | None:
        """How it stands; None for an unknown id."""

    def create_portal(self, customer_id: str, *, return_url: str, key: str) -> str:
        """A page to manage cards, invoices and the plan; returns its address, which is a credential."""

    def subscriptions_of(self, customer_id: str) -> Sequence[Subscribed]:
        """All of a customer's, those that have ended too, as far back as one list goes."""

    def retrieve_subscription(self, subscription_id: str) -> Subscribed | None:
        """As it stands now; None for an unknown id."""

    def upgrade(self, subscription: Subscribed, *, price_id: str, key: str) -> Subscribed:
        """Change the price at once, the difference paid now; until it is paid the old price stays."""

    def upgrade_costs(self, subscription: Subscribed, *, price_id: str) -> Due:
        """What :meth:`upgrade` would charge at this moment; changes nothing."""

    def downgrade(self, subscription: Subscribed, *, price_id: str, key: str) -> Subscribed:
        """Change the price at the end of the period."""

    def keep(self, subscription: Subscribed, *, key: str) -> Subscribed:
        """Forget what was to happen at the end of the period: a downgrade, a cancellation."""

    def cancel(self, subscription: Subscribed, *, at_once: bool, key: str) -> Subscribed:
        """End it, at the end of the period or at once."""

    def read_account(self, customer_id: str, *, intent_ids: Sequence[str] = ()) -> Account:
        """Read a customer anew: subscriptions, the last invoices and charges, and the intents that are named."""

    def retrieve_invoice(self, invoice_id: str) -> Invoice | None:
        """As it stands now; None for an unknown id."""

    def create_intent(self, customer_id: str, *, amount: int, currency: str, reference: str, key: str) -> Intent:
        """Prepare a single payment."""

    def retrieve_intent(self, intent_id: str) -> Intent | None:
        """As it stands now; None for an unknown id."""

    def cancel_intent(self, intent_id: str, *, key: str) -> None:
        """Have a single payment that waits not be made any more; one that is over stays as it is."""

    def refund(self, intent_id: str, *, amount: int, key: str) -> None:
        """Give money back: once under its key, however long ago the first call was."""

    def retrieve_price(self, price_id: str) -> Priced | None:
        """What a plan costs there; None for an unknown price."""

    def parse_event(self, body: bytes, signature: str) -> Event:
        """A notification's raw body, once its signature is proven. Raises InvalidSignature."""
