"""Plans, metering, payments."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any
from typing import ClassVar
from uuid import UUID

from celery.schedules import crontab

from core import modules
from core.doctor import Check


class BillingConfig(modules.ModuleConfig):
    name = "billing"
    api_urls = "billing.api.urls"
    personal_data = "billing.personal"
    dashboard = ("billing.panels.Tokens", "billing.panels.Money")
    site_urls = "billing.site_urls"
    socket_events = "billing.events"
    beat_schedule: ClassVar[dict[str, dict[str, Any]]] = {
        # Windows may be any length and are cut at whole minutes. The poke is one indexed query when nothing is due.
        "billing-reset-windows": {
            "task": "billing.reset_windows",
            "schedule": crontab(),
            "options": {"expires": 60},
        },
        "billing-sweep-holds": {"task": "billing.sweep_holds", "schedule": 30.0, "options": {"expires": 30}},
        "billing-prove-ledger": {"task": "billing.prove_ledger", "schedule": crontab(hour="3", minute="17")},
        "billing-sweep-events": {"task": "billing.sweep_events", "schedule": crontab(), "options": {"expires": 60}},
        "billing-reconcile": {
            "task": "billing.reconcile",
            "schedule": crontab(minute="9,39"),
            "options": {"expires": 1500},
        },
        "billing-purge-events": {"task": "billing.purge_events", "schedule": crontab(hour="4", minute="23")},
        "billing-end-grace": {"task": "billing.end_grace", "schedule": crontab(minute="*/10")},
    }

    backup_sums = {
        "usage_entries.total_tokens": "SELECT COALESCE(SUM(total_tokens), 0) FROM usage_entries",
        "usage_entries.overrun": "SELECT COALESCE(SUM(overrun), 0) FROM usage_entries",
        "token_usage.tokens_used": "SELECT COALESCE(SUM(tokens_used), 0) FROM token_usage",
        "token_usage.tokens_held": "SELECT COALESCE(SUM(tokens_held), 0) FROM token_usage",
        "token_usage.tokens_bonus": "SELECT COALESCE(SUM(tokens_bonus), 0) FROM token_usage",
        "payments.amount": "SELECT COALESCE(SUM(amount), 0) FROM payments",
        "payments.refunded_amount": "SELECT COALESCE(SUM(refunded_amount), 0) FROM payments",
        "billing_grants.tokens": "SELECT COALESCE(SUM(tokens), 0) FROM billing_grants",
        "token_holds.amount": "SELECT COALESCE(SUM(amount), 0) FROM token_holds",
        "token_holds.charged": "SELECT COALESCE(SUM(charged), 0) FROM token_holds",
    }

    def ready(self) -> None:
        from billing import following  # noqa: F401 - importing connects it to the signals

    def checks(self) -> Iterable[Check]:
        from billing import doctor

        return doctor.checks()

    def examine_copy(self, *, login: str, password: str) -> Iterator[tuple[str, str]]:  # noqa: ARG002 - as its base
        from billing import services

        findings = services.prove_ledger()
        yield "ledger", f"{len(findings)} numbers do not add up; see manage.py check_ledger." if findings else ""

    def profile_fields(self, user_id: UUID) -> dict[str, Any]:
        """The plan and the running window, in one query."""
        from billing.metering import quotas

        allowance = quotas.peek(user_id)
        return {
            "subscription_tier": allowance.tier,
            "tokens_used": allowance.used,
            "tokens_limit": allowance.limit,
            "reset_at": allowance.reset_at,
        }
