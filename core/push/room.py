"""What notices to devices bring to the project."""

from __future__ import annotations

from collections.abc import Iterable

from core.findings import Check
from core.modules import Room
from core.push import doctor


class Push(Room):
    api_urls = "core.push.urls"
    personal_data = "core.push.holdings"
    rate_limits = {"push": (30, 3600)}

    def checks(self) -> Iterable[Check]:
        return doctor.checks()
