"""The adapter: the provider's Protocol, answered by Stripe."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from typing import ClassVar
from typing import Literal
from uuid import UUID

from django.conf import settings

from billing.errors import InvalidSignature
from billing.errors import PaymentsError
from billing.providers.base import Account
from billing.providers.base import Charged
from billing.providers.base import Checkout
from billing.providers.base import Due
from billing.providers.base import Event
from billing.providers.base import Intent
from billing.providers.base import Invoice
from billing.providers.base import Name
from billing.providers.base import Priced
from billing.providers.base import Subscribed
from billing.providers.stripe import client
from billing.providers.stripe import shapes
from billing.providers.stripe import signatures

_LOST_DISPUTES = {"needs_response", "under_review", "lost", "warning_needs_response", "warning_under_review"}
"""While one of these stands the money is not ours (https://docs.stripe.com/api/disputes/object, 2026)."""


def _sold(plan: str, price_id: str) -> dict[str, str]:
    """What a subscription says of itself when its price is not in the settings any more; true of this price only."""
    return {"plan": plan, "plan_price": price_id}


class StripeProvider:
    """The adapter; see :class:`billing.providers.base.Provider`."""

    name: ClassVar[Name] = "stripe"

    @property
    def mode(self) -> Literal["test", "live", "demo"]:
        return "test" if "_test_" in settings.STRIPE_SECRET_KEY[:8] else "live"

    @property
    def _api(self) -> Any:
        return client.connect(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)

    def create_customer(self, user_id: UUID, *, email: str, key: str) -> str:
        params = {"metadata": {"user_id": str(user_id)}} | ({"email": email} if email else {})
        return str(client.call(self._api.customers.create, params, client.once(key))["id"])

    def create_checkout(
        self, customer_id: str, *, user_id: UUID, plan: str, price_id: str, success_url: str, cancel_url: str, key: str
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
            "subscription_data": {"metadata": {"user_id": str(user_id)} | _sold(plan, price_id)},
        }
        return shapes.checkout(client.call(self._api.checkout.sessions.create, params, client.once(key)))

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
        price = {"currency": currency.lower(), "unit_amount": amount, "product_data": {"name": title}}
        params = {
            "mode": "payment",
            "customer": customer_id,
            "client_reference_id": reference,
            "line_items": [{"price_data": price, "quantity": 1}],
            "success_url": success_url,
            "cancel_url": cancel_url,
            "metadata": {"reference": reference},
            # As above: the session's own does not reach the payment.
            "payment_intent_data": {"metadata": {"reference": reference}},
        }
        return shapes.checkout(client.call(self._api.checkout.sessions.create, params, client.once(key)))

    def expire_checkout(self, session_id: str, *, key: str) -> Checkout | None:
        found = client.find(lambda: self._api.checkout.sessions.retrieve(session_id))
        if found and found["status"] == "open":
            try:
                found = client.call(self._api.checkout.sessions.expire, session_id, {}, client.once(key))
            except PaymentsError:
                # Somebody paid, or closed it, since we looked; what is paid cannot be expired.
                found = client.find(lambda: self._api.checkout.sessions.retrieve(session_id))
                if found and found["status"] == "open":
                    raise
        return shapes.checkout(found) if found else None

    def retrieve_checkout(self, session_id: str) -> Checkout | None:
        params = {"expand": ["subscription.latest_invoice"]}
        found = client.find(lambda: self._api.checkout.sessions.retrieve(session_id, params))
        return shapes.checkout(found) if found else None

    def create_portal(self, customer_id: str, *, return_url: str, key: str) -> str:
        params = {"customer": customer_id, "return_url": return_url}
        return str(client.call(self._api.billing_portal.sessions.create, params, client.once(key))["url"])

    def subscriptions_of(self, customer_id: str) -> Sequence[Subscribed]:
        params = {"customer": customer_id, "limit": client.PAGE, "status": "all", "expand": ["data.schedule"]}
        return [shapes.subscribed(one) for one in client.call(self._api.subscriptions.list, params)["data"]]

    def retrieve_subscription(self, subscription_id: str) -> Subscribed | None:
        found = client.find(lambda: self._api.subscriptions.retrieve(subscription_id, {"expand": ["schedule"]}))
        return shapes.subscribed(found) if found else None

    def upgrade(self, subscription: Subscribed, *, price_id: str, key: str) -> Subscribed:
        # A change that waits for its payment goes together neither with a schedule nor with a cancellation.
        self.keep(subscription, key=f"{key}:keep")
        params = {
            "items": [{"id": subscription.item_id, "price": price_id}],
            "proration_behavior": "always_invoice",
            "payment_behavior": "pending_if_incomplete",
            "expand": ["latest_invoice"],
        }
        return shapes.subscribed(client.call(self._api.subscriptions.update, subscription.id, params, client.once(key)))

    def upgrade_costs(self, subscription: Subscribed, *, price_id: str) -> Due:
        params = {
            "subscription": subscription.id,
            "subscription_details": {
                "items": [{"id": subscription.item_id, "price": price_id}],
                "proration_behavior": "always_invoice",
            },
        }
        found = client.call(self._api.invoices.create_preview, params)
        return Due(int(found["amount_due"]), str(found["currency"]).upper())

    def downgrade(self, subscription: Subscribed, *, price_id: str, key: str) -> Subscribed:
        if subscription.cancel_at_period_end:
            self.keep(subscription, key=f"{key}:keep")
        schedules = self._api.subscription_schedules
        schedule_id = subscription.schedule_id
        if not schedule_id:
            made = client.call(schedules.create, {"from_subscription": subscription.id}, client.once(f"{key}:schedule"))
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
        client.call(schedules.update, schedule_id, params, client.once(key))
        return self._again(subscription)

    def keep(self, subscription: Subscribed, *, key: str) -> Subscribed:
        if subscription.schedule_id:
            client.call(
                self._api.subscription_schedules.release, subscription.schedule_id, {}, client.once(f"{key}:release")
            )
        if subscription.cancel_at_period_end:
            params = {"cancel_at_period_end": False}
            client.call(self._api.subscriptions.update, subscription.id, params, client.once(f"{key}:stay"))
        return self._again(subscription)

    def cancel(self, subscription: Subscribed, *, at_once: bool, key: str) -> Subscribed:
        if subscription.schedule_id:
            client.call(
                self._api.subscription_schedules.release, subscription.schedule_id, {}, client.once(f"{key}:release")
            )
        if at_once:
            return shapes.subscribed(client.call(self._api.subscriptions.cancel, subscription.id, {}, client.once(key)))
        params = {"cancel_at_period_end": True}
        return shapes.subscribed(client.call(self._api.subscriptions.update, subscription.id, params, client.once(key)))

    def read_account(self, customer_id: str, *, intent_ids: Sequence[str] = ()) -> Account:
        of_customer = {"customer": customer_id, "limit": client.PAGE}
        invoices = client.call(self._api.invoices.list, of_customer | {"expand": ["data.payments"]})
        charges = client.call(self._api.charges.list, of_customer)
        return Account(
            subscriptions=self.subscriptions_of(customer_id),
            invoices=[self._invoice(one) for one in invoices["data"]],
            charges=self._charges(charges["data"]),
            intents=[intent for one in intent_ids if (intent := self.retrieve_intent(one))],
        )

    def retrieve_invoice(self, invoice_id: str) -> Invoice | None:
        found = client.find(lambda: self._api.invoices.retrieve(invoice_id, {"expand": ["payments"]}))
        return self._invoice(found) if found else None

    def create_intent(self, customer_id: str, *, amount: int, currency: str, reference: str, key: str) -> Intent:
        params = {
            "amount": amount,
            "currency": currency.lower(),
            "customer": customer_id,
            "metadata": {"reference": reference},
        }
        return shapes.intent(client.call(self._api.payment_intents.create, params, client.once(key)))

    def retrieve_intent(self, intent_id: str) -> Intent | None:
        found = client.find(lambda: self._api.payment_intents.retrieve(intent_id))
        return shapes.intent(found) if found else None

    def cancel_intent(self, intent_id: str, *, key: str) -> None:
        found = self.retrieve_intent(intent_id)
        if found and found.status in {"pending", "failed"}:
            client.call(self._api.payment_intents.cancel, intent_id, {}, client.once(key))

    def refund(self, intent_id: str, *, amount: int, key: str) -> None:
        # Stripe forgets its keys after a day (https://docs.stripe.com/api/idempotent_requests, 2026), a refund never.
        made = client.call(self._api.refunds.list, {"payment_intent": intent_id, "limit": client.PAGE})["data"]
        if any((one.get("metadata") or {}).get("key") == key for one in made):
            return
        params = {"payment_intent": intent_id, "amount": amount, "metadata": {"key": key}}
        client.call(self._api.refunds.create, params, client.once(key))

    def retrieve_price(self, price_id: str) -> Priced | None:
        found = client.find(lambda: self._api.prices.retrieve(price_id))
        if found is None:
            return None
        every = found.get("recurring") or {}
        return Priced(
            amount=found.get("unit_amount") or 0,
            currency=found["currency"].upper(),
            is_active=bool(found["active"]),
            is_monthly=(every.get("interval"), every.get("interval_count", 1)) == ("month", 1),
            product_id=shapes.id_of(found.get("product")),
        )

    def parse_event(self, body: bytes, signature: str) -> Event:
        signatures.prove(body, signature, settings.STRIPE_WEBHOOK_SECRETS)
        try:
            return shapes.event(json.loads(body))
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidSignature("This notification cannot be read.") from error

    def _again(self, subscription: Subscribed) -> Subscribed:
        return self.retrieve_subscription(subscription.id) or subscription

    def _invoice(self, one: dict[str, Any]) -> Invoice:
        lines = one["lines"]["data"]
        if one["lines"].get("has_more"):
            lines = client.call(self._api.invoices.line_items.list, one["id"], {"limit": client.PAGE})["data"]
        return shapes.invoice(one, lines)

    def _charges(self, charges: list[dict[str, Any]]) -> list[Charged]:
        """Failed ones are left out; what a bank disputes is looked up, as ``disputed`` stays on when it was won."""
        taken = [one for one in charges if one["status"] == "succeeded" and one.get("payment_intent")]
        return [
            Charged(
                intent_id=shapes.id_of(one["payment_intent"]),
                amount=one["amount"],
                refunded=one["amount_refunded"],
                disputed=bool(one.get("disputed")) and self._is_lost(one["id"]),
            )
            for one in taken
        ]

    def _is_lost(self, charge_id: str) -> bool:
        disputes = client.call(self._api.disputes.list, {"charge": charge_id, "limit": client.PAGE})["data"]
        return any(one["status"] in _LOST_DISPUTES for one in disputes)
