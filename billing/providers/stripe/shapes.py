"""Stripe's objects in the shapes of :mod:`billing.providers.base`, as they are in :data:`.client.API_VERSION`."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from typing import Any

from billing.providers.base import Checkout
from billing.providers.base import CheckoutState
from billing.providers.base import Event
from billing.providers.base import Intent
from billing.providers.base import Invoice
from billing.providers.base import Line
from billing.providers.base import Subscribed

_INTENT_STATUS = {"succeeded": "succeeded", "canceled": "canceled"}


def id_of(reference: Any) -> str:
    """Of an object, which stands there whole where it was expanded."""
    return reference["id"] if isinstance(reference, dict) else reference or ""


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


def checkout(one: dict[str, Any]) -> Checkout:
    return Checkout(
        id=one["id"],
        url=one.get("url") or "",
        state=_checkout_state(one),
        customer_id=id_of(one.get("customer")),
        intent_id=id_of(one.get("payment_intent")),
        amount=one.get("amount_total") or 0,
        currency=(one.get("currency") or "").upper(),
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


def subscribed(one: dict[str, Any]) -> Subscribed:
    item = one["items"]["data"][0]
    start, end = item.get("current_period_start"), item.get("current_period_end")
    schedule, invoice = one.get("schedule"), one.get("latest_invoice")
    price, sold = item["price"], one.get("metadata") or {}
    return Subscribed(
        id=one["id"],
        customer_id=id_of(one["customer"]),
        status=one["status"],
        price_id=price["id"],
        product_id=id_of(price.get("product")),
        plan=str(sold.get("plan", "")) if sold.get("plan_price") == price["id"] else "",
        created=_moment(one["created"]),
        period_start=_moment(start) if start else None,
        period_end=_moment(end) if end else None,
        # The portal may write the end itself instead of the flag.
        cancel_at_period_end=bool(one.get("cancel_at_period_end") or one.get("cancel_at")),
        pending_price_id=_next_price(schedule, end) if isinstance(schedule, dict) else "",
        item_id=item["id"],
        schedule_id=id_of(schedule),
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
    return id_of(phase["items"][0]["price"]) if phase else ""


def invoice(one: dict[str, Any], lines: list[dict[str, Any]]) -> Invoice:
    parent = (one.get("parent") or {}).get("subscription_details") or {}
    paid_at = (one.get("status_transitions") or {}).get("paid_at")
    return Invoice(
        id=one["id"],
        customer_id=id_of(one["customer"]),
        subscription_id=id_of(parent.get("subscription")),
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
    return next((id_of(payment["payment_intent"]) for payment in payments if payment.get("payment_intent")), "")


def _line(one: dict[str, Any]) -> Line:
    pricing = ((one.get("pricing") or {}).get("price_details") or {}).get("price")
    details = (one.get("parent") or {}).get("subscription_item_details") or {}
    return Line(
        id=one["id"],
        price_id=id_of(pricing),
        amount=one["amount"],
        period_start=_moment(one["period"]["start"]),
        period_end=_moment(one["period"]["end"]),
        is_proration=bool(details.get("proration")),
    )


def intent(one: dict[str, Any]) -> Intent:
    failed = one["status"] == "requires_payment_method" and one.get("last_payment_error")
    return Intent(
        id=one["id"],
        customer_id=id_of(one.get("customer")),
        status="failed" if failed else _INTENT_STATUS.get(one["status"], "pending"),
        amount=one["amount"],
        currency=one["currency"].upper(),
        client_secret=one.get("client_secret") or "",
    )


def event(one: dict[str, Any]) -> Event:
    about = one["data"]["object"]
    kind = str(about.get("object", ""))
    customer = about["id"] if kind == "customer" else id_of(about.get("customer"))
    intent = about["id"] if kind == "payment_intent" else id_of(about.get("payment_intent"))
    return Event(
        id=str(one["id"]),
        type=str(one["type"]),
        created=_moment(int(one["created"])),
        customer_id=str(customer),
        payload={"object": kind, "id": str(about.get("id", "")), "payment_intent": str(intent)},
    )
