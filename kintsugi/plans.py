"""The plans that are sold: the settings PLANS and TIERS."""

from __future__ import annotations

from typing import Any

PLANS: dict[str, dict[str, Any]] = {
    "basic": {"name": "Basic", "price_cents": 0, "call_minutes": 0, "agents": 0},
    "premium_starter": {"name": "Premium Starter", "price_cents": 999, "call_minutes": 100, "agents": 1},
    "premium_pro": {"name": "Premium Pro", "price_cents": 2999, "call_minutes": 500, "agents": 10},
    "premium_ultra": {"name": "Premium Ultra", "price_cents": 9999, "call_minutes": -1, "agents": -1},
    "unlimited": {"name": "Unlimited", "price_cents": 29999, "call_minutes": -1, "agents": -1},
}
"""US cents a month; call minutes a month through the media server; agents of one's own. -1 is without limit."""

TIERS = tuple(PLANS)
"""The smallest first."""
