"""What the endpoints of billing take and answer."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from typing import Any
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy
from pydantic import AfterValidator
from pydantic import Field
from pydantic import WithJsonSchema

from billing import models
from billing import plans
from billing import providers
from billing import reports
from billing.events import OrderState
from billing.events import PaymentPurpose
from billing.events import PaymentStatus
from billing.events import SubscriptionStatus
from billing.metering.minutes import balances
from billing.providers.base import CheckoutState as StateOfCheckout
from billing.providers.base import Name
from core.shapes import Body
from core.shapes import Filled
from core.shapes import Page
from core.shapes import Shape
from core.shapes import checked_by
from core.shapes import refusal

_LEAST_AMOUNT = 50
"""Cents that Stripe charges at least for US dollars; other currencies have other minimums, which Stripe itself checks
(https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts, 2026)."""

_LARGEST_AMOUNT = 99_999_999
"""Eight digits, the most that Stripe takes at once in any currency (the same page)."""

_ISO_4217 = r"^[A-Za-z]{3}$"
_MOST_DAYS = 366


def _known_tier(value: str) -> str:
    if value not in settings.TIERS:
        raise refusal(gettext('"{input}" is not a valid choice.').format(input=value))
    return value


_TIERS = WithJsonSchema({"type": "string", "enum": list(settings.TIERS)})
Tier = Annotated[str, _TIERS]
"""The id of a plan."""
ChosenTier = Annotated[str, AfterValidator(_known_tier), _TIERS]
"""One that is asked for; it must exist."""
Currency = Annotated[
    Filled,
    checked_by(RegexValidator(_ISO_4217, gettext_lazy("This value does not match the required pattern."))),
    Field(json_schema_extra={"pattern": _ISO_4217}),
]


# Plans and what was used ------------------------------------------------------------------------------------------


class Subscription(Shape):
    """``plan`` is what was subscribed to, ``tier`` what it gives now: an unpaid plan gives basic."""

    plan: Tier
    tier: Tier
    status: SubscriptionStatus
    current_period_start: dt.datetime | None
    current_period_end: dt.datetime | None
    cancel_at_period_end: bool
    pending_plan: Tier | None
    """What it becomes at the end of the period"""
    grace_ends_at: dt.datetime | None
    """Only while past_due: when the plan is lost unless it is paid"""
    is_managed: bool
    """It is paid for: it can be changed, canceled and resumed"""
    provider: Literal["stripe", "demo", "none"]
    """Who takes payments; demo takes no money, none is off"""


class ChangedSubscription(Subscription):
    """The subscription after a change. With ``payment_url`` the change waits until the invoice there is paid."""

    payment_url: Annotated[str, Field(json_schema_extra={"format": "uri"})] | None


class ChangePrice(Shape):
    """What would be charged now; the moment of the change decides, so it may be some cents less then."""

    amount: int
    """In the currency's smallest unit"""
    currency: str


class Plan(Shape):
    """A plan; -1 tokens, call minutes or agents mean without limit."""

    id: Tier
    name: str
    price_cents: int
    """A month, in hundredths of the currency"""
    currency: str
    tokens_limit: int
    """For each window; -1 without limit"""
    reset_interval_seconds: int
    call_minutes: int
    """A month; -1 without limit"""
    agents: int
    """Of one's own; -1 without limit"""
    features: list[str]


class PlanList(Page[Plan]):
    """All plans on one page."""


class UsageQuery(Body):
    """How far to look back."""

    days: Annotated[int, Field(ge=1, le=_MOST_DAYS)] = 30


class FeatureUsage(Shape):
    """One feature over the period."""

    feature: str
    tokens: int
    requests: int


class DayUsage(Shape):
    """One UTC day."""

    date: dt.date
    total: int
    features: dict[str, int]


class MinuteUsage(Shape):
    """The running month's call minutes."""

    limit: int
    """-1 without limit"""
    used: int
    held: int
    """Set aside for calls that are running"""
    reset_at: dt.datetime


class Usage(Shape):
    """The running window, and the period by feature and by day (every day, the oldest first)."""

    tokens_used: int
    tokens_held: int
    tokens_limit: int
    """-1 without limit"""
    tokens_bonus: int
    """Granted on top of the limit; kept until it is used"""
    reset_at: dt.datetime
    is_unlimited: bool
    call_minutes: MinuteUsage
    by_feature: list[FeatureUsage]
    by_day: list[DayUsage]


# Payments ---------------------------------------------------------------------------------------------------------

Url = Annotated[str, Field(json_schema_extra={"format": "uri"})]


class PlanChoiceRequest(Body):
    """Which plan."""

    plan: ChosenTier


class Checkout(Shape):
    """Where the payment is made."""

    url: Url
    session_id: str


class CheckoutState(Shape):
    """How a checkout stands; the plan itself follows the payment's event and shows in ``GET /api/subscription``."""

    state: StateOfCheckout


class Portal(Shape):
    """Where cards, invoices and the plan are managed; short-lived."""

    url: Url


class Payment(Shape):
    """One payment; amounts in the smallest unit of the currency (cents, kopiykas, yen)."""

    id: UUID
    amount: int
    refunded_amount: int
    currency: str
    """ISO 4217"""
    status: PaymentStatus
    purpose: PaymentPurpose
    plan: Tier | None
    provider: Name
    invoice_url: str
    """The invoice at the provider; empty without one"""
    document_id: UUID | None
    order_id: UUID | None
    """The order that it pays"""
    created_at: dt.datetime
    paid_at: dt.datetime | None


class PaginatedPaymentList(Page[Payment]):
    """Payments, the newest first."""


class IntentRequest(Body):
    """A payment to prepare for an open order: the one that is named, that of the document, or the newest of this
    amount. ``amount`` and ``currency`` are what you expect; they must be the order's."""

    amount: Annotated[int, Field(ge=_LEAST_AMOUNT, le=_LARGEST_AMOUNT)]
    """In the smallest unit of the currency"""
    currency: Currency
    """ISO 4217"""
    document_id: UUID | None = None
    order: UUID | None = None


class Intent(Shape):
    """What the payment form needs."""

    client_secret: str
    payment_intent_id: str
    payment_id: UUID
    """For GET /api/payment/{id}"""
    amount: int
    currency: str


# Orders -----------------------------------------------------------------------------------------------------------


class QuoteLine(Shape):
    """Of ``count`` units ``billed`` are charged, each at ``price``."""

    unit: str
    count: int
    billed: int
    price: str
    """A decimal, in units of the currency"""


class Order(Shape):
    """Work that is paid by the piece; amounts in the smallest unit of the currency.

    ``open`` waits to be paid until ``expires_at``; ``done``: all of it was delivered; ``refunded``: it ended before,
    and ``rest`` goes back, or is back when ``refunded`` has it.
    """

    id: UUID
    feature: str
    reference: str
    """What it is about, as the feature names it"""
    title: str
    lines: list[QuoteLine]
    state: OrderState
    units: int
    """Equal shares it is delivered in"""
    delivered: int
    amount: int
    rest: int
    refunded: int
    currency: str
    created_at: dt.datetime
    expires_at: dt.datetime
    paid_at: dt.datetime | None
    closed_at: dt.datetime | None


class PaginatedOrderList(Page[Order]):
    """Orders, the newest first."""


class OrderPayment(Shape):
    """The ways to pay an order: on the page, or with the secret in a form of one's own."""

    order: UUID
    url: Url
    client_secret: str
    payment_id: UUID


# Staff ------------------------------------------------------------------------------------------------------------


class Cost(Shape):
    """What one group has spent."""

    key: str
    prompt_tokens: int
    completion_tokens: int
    tokens: int
    requests: int
    overrun: int


class Costs(Shape):
    """The groups, the most first."""

    group_by: reports.Group
    days: int
    results: list[Cost]


# From rows --------------------------------------------------------------------------------------------------------


def subscription(row: models.Subscription) -> Subscription:
    """A subscription as its owner sees it."""
    return Subscription(**_facts(row))


def changed_subscription(row: models.Subscription, *, payment_url: str) -> ChangedSubscription:
    """The same after a change that may wait for a payment."""
    return ChangedSubscription(**_facts(row), payment_url=payment_url or None)


def _facts(row: models.Subscription) -> dict[str, Any]:
    return {
        "plan": row.tier,
        "tier": row.effective_tier,
        "status": str(row.status),
        "current_period_start": row.current_period_start,
        "current_period_end": row.current_period_end,
        "cancel_at_period_end": row.cancel_at_period_end,
        "pending_plan": row.next_tier,
        "grace_ends_at": row.grace_ends_at,
        "is_managed": row.is_managed,
        "provider": providers.active_name(),
    }


def payment(row: models.Payment) -> Payment:
    """A payment as its owner sees it."""
    return Payment.model_validate({name: getattr(row, name) for name in Payment.model_fields})


def minutes(month: balances.Allowance) -> MinuteUsage:
    """Minutes of seconds, which are always whole."""
    limit = month.limit if month.left is None else month.limit // balances.MINUTE
    used, held = month.used // balances.MINUTE, month.held // balances.MINUTE
    return MinuteUsage(limit=limit, used=used, held=held, reset_at=month.reset_at)


def order(row: models.Order) -> Order:
    """An order as its owner sees it; the quote is read with it."""
    quote = row.quote
    own = ("id", "units", "delivered", "amount", "rest", "refunded", "currency", "created_at", "expires_at", "paid_at",
           "closed_at")  # fmt: skip
    return Order.model_validate(
        {name: getattr(row, name) for name in own}
        | {name: getattr(quote, name) for name in ("feature", "reference", "title", "lines")}
        | {"state": str(row.state)}
    )


def plan(one: plans.Plan) -> Plan:
    """A plan, its features in the reader's language."""
    return Plan.model_validate({name: getattr(one, name) for name in Plan.model_fields})
