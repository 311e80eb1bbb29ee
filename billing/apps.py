"""Plans, metering, payments."""

from __future__ import annotations

from core import modules


class BillingConfig(modules.ModuleConfig):
    name = "billing"
