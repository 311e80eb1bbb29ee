"""What jobs bring to the project."""

from __future__ import annotations

from collections.abc import Iterable

from core.findings import Check
from core.jobs import doctor
from core.modules import Room


class Jobs(Room):
    api_urls = "core.jobs.urls"
    beat_schedule = {
        # A poke that was not taken for so long finds another one waiting.
        "sweep-jobs": {"task": "core.sweep_jobs", "schedule": 15.0, "options": {"expires": 30}},
    }
    dashboard = ("core.jobs.panels.Queue",)
    personal_data = "core.jobs.holdings"

    def checks(self) -> Iterable[Check]:
        return doctor.checks()
