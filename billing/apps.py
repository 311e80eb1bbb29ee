"""Plans, metering, payments."""

from __future__ import annotations

from typing import Any
from typing import ClassVar
from uuid import UUID

from celery.schedules import crontab

from core import modules


class BillingConfig(modules.ModuleConfig):
    name = "billing"
    api_urls = "billing.api.urls"
    dashboard = ("billing.panels.Tokens",)
    beat_schedule: ClassVar[dict[str, dict[str, Any]]] = {
        # Windows may be any length and are cut at whole minutes. The poke is one indexed query when nothing is due.
        "billing-reset-windows": {
            "task": "billing.reset_windows",
            "schedule": crontab(),
            "options": {"expires": 60},
        },
        "billing-sweep-holds": {"task": "billing.sweep_holds", "schedule": 30.0, "options": {"expires": 30}},
        "billing-prove-ledger": {"task": "billing.prove_ledger", "schedule": crontab(hour="3", minute="17")},
    }

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
