"""Stripe, through its SDK and the house's own door to the internet.

The SDK repeats a call that may be repeated, under the same idempotency key; timeouts, the circuit breaker and metrics
are :mod:`core.http`'s. Webhook signatures: https://docs.stripe.com/webhooks#verify-manually.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import UTC
from datetime import datetime
from functools import lru_cache
from typing import Any
from typing import ClassVar
from typing import TypeVar
from uuid import UUID

import stripe
from django.conf import settings

from billing.errors import InvalidSignature
from billing.errors import PaymentRefused
from billing.errors import PaymentsError
from billing.errors import PaymentsUnavailable
from billing.providers.base import Account
from billing.providers.base import Charged
from billing.providers.base import Checkout
from billing.providers.base import CheckoutState
from billing.providers.base import Event
from billing.providers.base import Intent
from billing.providers.base import Invoice
from billing.providers.base import Line
from billing.providers.base import Name
from billing.providers.base import Priced
from billing.providers.base import Subscribed
from core import http

logger = logging.getLogger(__name__)
# The SDK's own lines show every address it asks.
logging.getLogger("stripe").setLevel(logging.WARNING)

API_VERSION = "2026-10-28.endive"
"""What the shapes below were written for; the endpoint of the webhook may send any version, as only ids are read."""

TOLERANCE_SECONDS = 300
_TIMEOUT_SECONDS = 10.0
_RETRIES = 2
_PAGE = 100
_LOST_DISPUTES = {"needs_response", "under_review", "lost", "warning_needs_response", "warning_under_review"}
_INTENT_STATUS = {"succeeded": "succeeded", "canceled": "canceled"}

R = TypeVar("R")


class _Door(stripe.HTTPClient):
    """The SDK's transport: the house's client, and its errors in the SDK's words."""

    name = "kintsugi"

    def __init__(self) -> None:
        super().__init__()
        self._client = http.client(
            role="stripe", timeout=_TIMEOUT_SECONDS, trusted=True, retries=0, max_bytes=8 * 1024 * 1024
        )

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[Any, int, Mapping[str, str]]:
        try:
            response = self._client.request(method, url, headers=headers, content=post_data)
            return response.text, response.status_code, response.headers
        except http.OutgoingError as error:
            again = not isinstance(error, http.CircuitOpen)
            raise stripe.APIConnectionError(error.sentence, should_retry=again) from error  # type: ignore[no-untyped-call]

    def close(self) -> None:
        self._client.close()


@lru_cache(maxsize=4)
def _client(key: str, base: str) -> Any:
    """One for each process: it keeps connections. Typed as Any, as its parameters are some thousand TypedDicts."""
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        http_client=_Door(),
        max_network_retries=_RETRIES,
        base_addresses={"api": base} if base else None,
    ).v1


class StripeProvider:
    """The adapter; see :class:`billing.providers.base.Provider`."""

    name: ClassVar[Name] = "stripe"

    @property
    def _api(self) -> Any:
        return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)

    def create_customer(self, user_id: UUID, *, email: str, key: str) -> str:
        params = {"metadata": {"user_id": str(user_id)}} | ({"email": email} if email else {})
        return str(_call(self._api.customers.create, params, _once(key))["id"])

    def create_checkout(
        self, customer_id: str, *, user_id: UUID, price_id: str, success_url: str, cancel_url: str, key: str
    ) -> Checkout:
        params = {
            "mode": "subscription",
            "customer": customer_id,
            "client_reference_id": str(user_id),
            "line_items": [{"price": price_id, "quantity": 1}],
            "success_url": success_url,
            "cancel_url": cancel_url,
            "allow_promotion_codes": True,
            # The session's own metadata does not reach the subscription.
            "subscription_data": {"metadata": {"user_id": str(user_id)}},
        }
        return _checkout(_call(self._api.checkout.sessions.create, params, _once(key)))

    def retrieve_checkout(self, session_id: str) -> Checkout | None:
        params = {"expand": ["subscription.latest_invoice"]}
        found = _find(lambda: self._api.checkout.sessions.retrieve(session_id, params))
        return _checkout(found) if found else None

    def create_portal(self, customer_id: str, *, return_url: str, key: str) -> str:
        params = {"customer": customer_id, "return_url": return_url}
        return str(_call(self._api.billing_portal.sessions.create, params, _once(key))["url"])

    def retrieve_subscription(self, subscription_id: str) -> Subscribed | None:
        found = _find(lambda: self._api.subscriptions.retrieve(subscription_id, {"expand": ["schedule"]}))
        return _subscribed(found) if found else None

    def upgrade(self, subscription: Subscribed, *, price_id: str, key: str) -> Subscribed:
        # A change that waits for its payment goes together neither with a schedule nor with a cancellation.
        self.keep(subscription, key=f"{key}:keep")
        params = {
            "items": [{"id": subscription.item_id, "price": price_id}],
            "proration_behavior": "always_invoice",
            "payment_behavior": "pending_if_incomplete",
            "expand": ["latest_invoice"],
        }
        return _subscribed(_call(self._api.subscriptions.update, subscription.id, params, _once(key)))

    def downgrade(self, subscription: Subscribed, *, price_id: str, key: str) -> Subscribed:
        if subscription.cancel_at_period_end:
            self.keep(subscription, key=f"{key}:keep")
        schedules = self._api.subscription_schedules
        schedule_id = subscription.schedule_id
        if not schedule_id:
            made = _call(schedules.create, {"from_subscription": subscription.id}, _once(f"{key}:schedule"))
            schedule_id = made["id"]
        start, end = subscription.period_start, subscription.period_end
        assert start and end  # noqa: S101 - of a subscription that goes on
        phases = [
            {
                "items": [{"price": subscription.price_id, "quantity": 1}],
                "start_date": int(start.timestamp()),
                "end_date": int(end.timestamp()),
            },
            {
                "items": [{"price": price_id, "quantity": 1}],
                "duration": {"interval": "month", "interval_count": 1},
                "proration_behavior": "none",
            },
        ]
        params = {"end_behavior": "release", "phases": phases}
        _call(schedules.update, schedule_id, params, _once(key))
        return self._again(subscription)

    def keep(self, subscription: Subscribed, *, key: str) -> Subscribed:
        if subscription.schedule_id:
            _call(self._api.subscription_schedules.release, subscription.schedule_id, {}, _once(f"{key}:release"))
        if subscription.cancel_at_period_end:
            params = {"cancel_at_period_end": False}
            _call(self._api.subscriptions.update, subscription.id, params, _once(f"{key}:stay"))
        return self._again(subscription)

    def cancel(self, subscription: Subscribed, *, at_once: bool, key: str) -> Subscribed:
        if subscription.schedule_id:
            _call(self._api.subscription_schedules.release, subscription.schedule_id, {}, _once(f"{key}:release"))
        if at_once:
            return _subscribed(_call(self._api.subscriptions.cancel, subscription.id, {}, _once(key)))
        params = {"cancel_at_period_end": True}
        return _subscribed(_call(self._api.subscriptions.update, subscription.id, params, _once(key)))

    def read_account(self, customer_id: str, *, intent_ids: Sequence[str] = ()) -> Account:
        of_customer = {"customer": customer_id, "limit": _PAGE}
        subscriptions = _call(
            self._api.subscriptions.list, of_customer | {"status": "all", "expand": ["data.schedule"]}
        )
        invoices = _call(self._api.invoices.list, of_customer | {"expand": ["data.payments"]})
        charges = _call(self._api.charges.list, of_customer)
        return Account(
            subscriptions=[_subscribed(one) for one in subscriptions["data"]],
            invoices=[self._invoice(one) for one in invoices["data"]],
            charges=self._charges(charges["data"]),
            intents=[intent for one in intent_ids if (intent := self.retrieve_intent(one))],
        )

    def retrieve_invoice(self, invoice_id: str) -> Invoice | None:
        found = _find(lambda: self._api.invoices.retrieve(invoice_id, {"expand": ["payments"]}))
        return self._invoice(found) if found else None

    def create_intent(self, customer_id: str, *, amount: int, currency: str, reference: str, key: str) -> Intent:
        params = {
            "amount": amount,
            "currency": currency.lower(),
            "customer": customer_id,
            "metadata": {"reference": reference},
        }
        return _intent(_call(self._api.payment_intents.create, params, _once(key)))

    def retrieve_intent(self, intent_id: str) -> Intent | None:
        found = _find(lambda: self._api.payment_intents.retrieve(intent_id))
        return _intent(found) if found else None

    def refund(self, intent_id: str, *, amount: int, key: str) -> None:
        _call(self._api.refunds.create, {"payment_intent": intent_id, "amount": amount}, _once(key))

    def retrieve_price(self, price_id: str) -> Priced | None:
        found = _find(lambda: self._api.prices.retrieve(price_id))
        if found is None:
            return None
        every = found.get("recurring") or {}
        return Priced(
            amount=found.get("unit_amount") or 0,
            currency=found["currency"].upper(),
            is_active=bool(found["active"]),
            is_monthly=(every.get("interval"), every.get("interval_count", 1)) == ("month", 1),
        )

    def parse_event(self, body: bytes, signature: str) -> Event:
        prove(body, signature, settings.STRIPE_WEBHOOK_SECRETS)
        try:
            event = json.loads(body)
            return _event(event)
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidSignature("This notification cannot be read.") from error

    def _again(self, subscription: Subscribed) -> Subscribed:
        return self.retrieve_subscription(subscription.id) or subscription

    def _invoice(self, one: dict[str, Any]) -> Invoice:
        lines = one["lines"]["data"]
        if one["lines"].get("has_more"):
            lines = _call(self._api.invoices.line_items.list, one["id"], {"limit": _PAGE})["data"]
        return _invoice(one, lines)

    def _charges(self, charges: list[dict[str, Any]]) -> list[Charged]:
        """Failed ones are left out; what a bank disputes is looked up, as ``disputed`` stays on when it was won."""
        taken = [one for one in charges if one["status"] == "succeeded" and one.get("payment_intent")]
        return [
            Charged(
                intent_id=_id(one["payment_intent"]),
                amount=one["amount"],
                refunded=one["amount_refunded"],
                disputed=bool(one.get("disputed")) and self._is_lost(one["id"]),
            )
            for one in taken
        ]

    def _is_lost(self, charge_id: str) -> bool:
        disputes = _call(self._api.disputes.list, {"charge": charge_id, "limit": _PAGE})["data"]
        return any(one["status"] in _LOST_DISPUTES for one in disputes)


def prove(body: bytes, header: str, secrets: Sequence[str], *, now: float | None = None) -> None:
    """Raises InvalidSignature unless the header holds a fresh signature of the body by one of the secrets."""
    parts = [part.partition("=") for part in header.split(",")]
    stamps = [value for name, _, value in parts if name.strip() == "t"]
    given = [value for name, _, value in parts if name.strip() == "v1"]
    if len(stamps) != 1 or not (stamps[0].isascii() and stamps[0].isdigit() and len(stamps[0]) <= 12):
        raise InvalidSignature
    if abs((time.time() if now is None else now) - int(stamps[0])) > TOLERANCE_SECONDS:
        raise InvalidSignature("The signature of this notification is too old, or from the future.")
    signed = stamps[0].encode() + b"." + body
    wanted = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode() for secret in secrets if secret]
    # All pairs are compared, so that the time tells nothing.
    if not sum(hmac.compare_digest(one.encode(), each) for one in given for each in wanted):
        raise InvalidSignature


def _once(key: str) -> dict[str, Any]:
    return {"idempotency_key": f"kintsugi:{key}"[:255]}


def _call(function: Callable[..., Any], *arguments: Any) -> dict[str, Any]:
    """Ask, and have plain data; raises children of PaymentsError."""
    try:
        answer: dict[str, Any] = function(*arguments).to_dict()
    except stripe.CardError as error:
        raise PaymentRefused(error.user_message or None) from error
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        logger.warning("stripe.unavailable", extra={"kind": type(error).__name__})
        raise PaymentsUnavailable(retry_after=getattr(error.__cause__, "retry_after", None)) from error
    except stripe.StripeError as error:
        # Its text may show a part of the key.
        facts = {"kind": type(error).__name__, "status": error.http_status, "stripe_request": error.request_id}
        logger.error("stripe.refused", extra=facts | {"stripe_code": error.code})
        if error.http_status is not None and error.http_status >= 500:
            raise PaymentsUnavailable from error
        raise PaymentsError from error
    return answer


def _find(function: Callable[[], Any]) -> dict[str, Any] | None:
    """As :func:`_call`, but None for what does not exist."""

    def look() -> Any:
        try:
            return function()
        except stripe.InvalidRequestError as error:
            if error.http_status == 404:
                raise _MissingError from error
            raise

    try:
        return _call(look)
    except _MissingError:
        return None


class _MissingError(Exception):
    pass


def _id(reference: Any) -> str:
    """Of an object, which stands there whole where it was expanded."""
    return reference["id"] if isinstance(reference, dict) else reference or ""


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


def _checkout(one: dict[str, Any]) -> Checkout:
    return Checkout(
        id=one["id"], url=one.get("url") or "", state=_checkout_state(one), customer_id=_id(one.get("customer"))
    )


def _checkout_state(one: dict[str, Any]) -> CheckoutState:
    if one["status"] == "expired":
        return "expired"
    if one["status"] == "complete" and one["payment_status"] in {"paid", "no_payment_required"}:
        return "paid"
    subscription = one.get("subscription")
    if isinstance(subscription, dict) and subscription["status"] in {"incomplete_expired", "canceled"}:
        return "failed"
    return "pending"


def _subscribed(one: dict[str, Any]) -> Subscribed:
    item = one["items"]["data"][0]
    start, end = item.get("current_period_start"), item.get("current_period_end")
    schedule, invoice = one.get("schedule"), one.get("latest_invoice")
    return Subscribed(
        id=one["id"],
        customer_id=_id(one["customer"]),
        status=one["status"],
        price_id=item["price"]["id"],
        created=_moment(one["created"]),
        period_start=_moment(start) if start else None,
        period_end=_moment(end) if end else None,
        # The portal may write the end itself instead of the flag.
        cancel_at_period_end=bool(one.get("cancel_at_period_end") or one.get("cancel_at")),
        pending_price_id=_next_price(schedule, end) if isinstance(schedule, dict) else "",
        item_id=item["id"],
        schedule_id=_id(schedule),
        payment_url=_waits_for(one, invoice),
    )


def _waits_for(one: dict[str, Any], invoice: Any) -> str:
    """Where a change that is not in force yet is paid."""
    return (invoice.get("hosted_invoice_url") or "") if one.get("pending_update") and isinstance(invoice, dict) else ""


def _next_price(schedule: dict[str, Any], period_end: int | None) -> str:
    """The price of the first phase that begins when the period is over."""
    if schedule.get("status") not in {"active", "not_started"}:
        return ""
    later = (phase for phase in schedule["phases"] if period_end and phase["start_date"] >= period_end)
    phase = next(later, None)
    return _id(phase["items"][0]["price"]) if phase else ""


def _invoice(one: dict[str, Any], lines: list[dict[str, Any]]) -> Invoice:
    parent = (one.get("parent") or {}).get("subscription_details") or {}
    paid_at = (one.get("status_transitions") or {}).get("paid_at")
    return Invoice(
        id=one["id"],
        customer_id=_id(one["customer"]),
        subscription_id=_id(parent.get("subscription")),
        status=one["status"],
        amount=one["amount_paid"] if one["status"] == "paid" else one["amount_due"],
        currency=one["currency"].upper(),
        created=_moment(one["created"]),
        paid_at=_moment(paid_at) if paid_at else None,
        attempted=bool(one.get("attempted")),
        url=one.get("hosted_invoice_url") or "",
        intent_id=_invoice_intent(one),
        lines=[_line(line) for line in lines],
    )


def _invoice_intent(one: dict[str, Any]) -> str:
    payments = [row["payment"] for row in (one.get("payments") or {}).get("data", []) if row["status"] == "paid"]
    return next((_id(payment["payment_intent"]) for payment in payments if payment.get("payment_intent")), "")


def _line(one: dict[str, Any]) -> Line:
    pricing = ((one.get("pricing") or {}).get("price_details") or {}).get("price")
    details = (one.get("parent") or {}).get("subscription_item_details") or {}
    return Line(
        id=one["id"],
        price_id=_id(pricing),
        amount=one["amount"],
        period_start=_moment(one["period"]["start"]),
        period_end=_moment(one["period"]["end"]),
        is_proration=bool(details.get("proration")),
    )


def _intent(one: dict[str, Any]) -> Intent:
    failed = one["status"] == "requires_payment_method" and one.get("last_payment_error")
    return Intent(
        id=one["id"],
        customer_id=_id(one.get("customer")),
        status="failed" if failed else _INTENT_STATUS.get(one["status"], "pending"),
        amount=one["amount"],
        currency=one["currency"].upper(),
        client_secret=one.get("client_secret") or "",
    )


def _event(event: dict[str, Any]) -> Event:
    about = event["data"]["object"]
    kind = str(about.get("object", ""))
    customer = about["id"] if kind == "customer" else _id(about.get("customer"))
    intent = about["id"] if kind == "payment_intent" else _id(about.get("payment_intent"))
    return Event(
        id=str(event["id"]),
        type=str(event["type"]),
        created=_moment(int(event["created"])),
        customer_id=str(customer),
        payload={"object": kind, "id": str(about.get("id", "")), "payment_intent": str(intent)},
    )
