"""Plans, metering, payments."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any
from typing import ClassVar
from uuid import UUID

from celery.schedules import crontab
from django.conf import settings

from core import modules
from core.findings import Check


class BillingConfig(modules.ModuleConfig):
    name = "billing"
    verbose_name = "Plans and money"
    api_urls = "billing.api.urls"
    personal_data = "billing.personal"
    dashboard = ("billing.panels.Tokens", "billing.panels.Money")
    site_urls = "billing.site_urls"
    socket_events = "billing.events"
    # Other scheduled work is done by jobs, see the tasks. These are looks that find nothing nearly always: one indexed
    # query is less than a job's row and claim, and nothing of them is worth resuming.
    beat_schedule: ClassVar[dict[str, dict[str, Any]]] = {
        # Windows may be any length and are cut at whole minutes.
        "billing-reset-windows": {
            "task": "billing.reset_windows",
            "schedule": crontab(),
            "options": {"expires": 60},
        },
        # It gives people back what dead processes hold, within half a minute, also while jobs stand still.
        "billing-sweep-holds": {"task": "billing.sweep_holds", "schedule": 30.0, "options": {"expires": 30}},
        # The events are a queue of their own, as the jobs are.
        "billing-sweep-events": {"task": "billing.sweep_events", "schedule": crontab(), "options": {"expires": 60}},
    }
    rate_limits = {
        # Each costs calls to the payment provider.
        "payment": (30, 60),
        # Asked again and again by the page people return to.
        "payment_state": (120, 60),
        "demo_payment": (60, 60),
    }
    schema_enums = {
        "Tier": settings.TIERS,
        "SubscriptionStatus": ["active", "canceled", "past_due", "unpaid"],
        "PaymentStatus": ["pending", "succeeded", "failed", "canceled", "partially_refunded", "refunded", "disputed"],
        "PaymentPurpose": ["subscription", "document", "order", "other"],
        "OrderState": ["open", "paid", "done", "refunded", "cancelled"],
        "PaymentProvider": ["stripe", "demo"],
        "ActivePaymentProvider": ["stripe", "demo", "none"],
    }

    backup_sums = {
        "usage_entries.total_tokens": "SELECT COALESCE(SUM(total_tokens), 0) FROM usage_entries",
        "usage_entries.overrun": "SELECT COALESCE(SUM(overrun), 0) FROM usage_entries",
        "token_usage.tokens_used": "SELECT COALESCE(SUM(tokens_used), 0) FROM token_usage",
        "token_usage.tokens_held": "SELECT COALESCE(SUM(tokens_held), 0) FROM token_usage",
        "token_usage.tokens_bonus": "SELECT COALESCE(SUM(tokens_bonus), 0) FROM token_usage",
        "billing_orders.amount": "SELECT COALESCE(SUM(amount), 0) FROM billing_orders",
        "billing_orders.delivered": "SELECT COALESCE(SUM(delivered), 0) FROM billing_orders",
        "billing_refunds.amount": "SELECT COALESCE(SUM(amount), 0) FROM billing_refunds",
        "payments.amount": "SELECT COALESCE(SUM(amount), 0) FROM payments",
        "payments.refunded_amount": "SELECT COALESCE(SUM(refunded_amount), 0) FROM payments",
        "billing_grants.tokens": "SELECT COALESCE(SUM(tokens), 0) FROM billing_grants",
        "token_holds.amount": "SELECT COALESCE(SUM(amount), 0) FROM token_holds",
        "minute_entries.seconds": "SELECT COALESCE(SUM(seconds), 0) FROM minute_entries",
        "minute_quotas.seconds_used": "SELECT COALESCE(SUM(seconds_used), 0) FROM minute_quotas",
        "minute_quotas.seconds_held": "SELECT COALESCE(SUM(seconds_held), 0) FROM minute_quotas",
        "minute_holds.amount": "SELECT COALESCE(SUM(amount), 0) FROM minute_holds",
        "token_holds.charged": "SELECT COALESCE(SUM(charged), 0) FROM token_holds",
    }

    def ready(self) -> None:
        from billing import receivers  # noqa: F401 - importing connects it to the signals
        from billing import tasks  # noqa: F401 - importing lets them be found by their names

    def client_config(self) -> dict[str, Any]:
        from billing import providers

        return {
            "payments": {
                "provider": providers.active_name(),
                "stripe_publishable_key": settings.STRIPE_PUBLISHABLE_KEY,
            }
        }

    def checks(self) -> Iterable[Check]:
        from billing import doctor

        return doctor.checks()

    def examine_copy(self, *, login: str, password: str) -> Iterator[tuple[str, str]]:  # noqa: ARG002 - as its base
        from billing.services.metering import prove_ledger

        findings = prove_ledger()
        yield "ledger", f"{len(findings)} numbers do not add up; see manage.py check_ledger." if findings else ""

    def profile_fields(self, user_id: UUID) -> dict[str, Any]:
        """The plan and the running window, in one query."""
        from billing.metering.tokens import quotas

        allowance = quotas.peek(user_id)
        return {
            "subscription_tier": allowance.tier,
            "tokens_used": allowance.used,
            "tokens_limit": allowance.limit,
            "reset_at": allowance.reset_at,
        }
