"""Prices and sums of the peer for Stripe, which localstripe keeps as plans."""

from __future__ import annotations

import time
from typing import Any
from typing import Protocol

Json = dict[str, Any]


class Asks(Protocol):
    """Who knows localstripe."""

    def call(self, method: str, path: str) -> Json: ...


def price(world: Asks, _form: Json, price_id: str) -> Json:
    """localstripe calls it a plan."""
    plan = world.call("GET", f"/v1/plans/{price_id}")
    return {
        "id": price_id,
        "object": "price",
        "active": plan["active"],
        "currency": plan["currency"],
        "unit_amount": plan["amount"],
        "recurring": {"interval": plan["interval"], "interval_count": plan["interval_count"]},
    }


def preview(world: Asks, form: Json) -> Json:
    """What a change of price would charge: the difference for what is left of the period."""
    subscription = world.call("GET", f"/v1/subscriptions/{form['subscription']}")
    before = subscription["items"]["data"][0]["plan"]
    after = world.call("GET", f"/v1/plans/{form['subscription_details[items][0][price]']}")
    begins, ends = subscription["current_period_start"], subscription["current_period_end"]
    due = round((after["amount"] - before["amount"]) * (ends - time.time()) / (ends - begins))
    return {"object": "invoice", "amount_due": due, "currency": after["currency"]}
