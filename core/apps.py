"""The ground floor: knows no product."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

from core import modules
from core import observability
from core.doctor import Check


class CoreConfig(modules.ModuleConfig):
    name = "core"
    api_urls = "core.api.urls"
    dashboard = ("core.panels.Operations",)
    site_urls = "core.observability.urls"
    beat_schedule = {
        "sweep-files": {"task": "core.sweep_files", "schedule": 900.0},
        "trim-streams": {"task": "core.trim_streams", "schedule": 3600.0},
        # A poke that was not taken for so long finds another one waiting.
        "sweep-jobs": {"task": "core.sweep_jobs", "schedule": 15.0, "options": {"expires": 30}},
    }
    socket_events = "core.realtime.presence_events"
    personal_data = "core.holdings"
    is_product = False
    backup_files = (
        "SELECT key, sha256 FROM core_storedfile",
        "SELECT thumbnail_key, '' FROM core_storedfile WHERE thumbnail_key <> ''",
        "SELECT key, '' FROM upload_parts",
    )

    def ready(self) -> None:
        """Register the checks of the model catalogue and begin to observe."""
        from core.llm import checks  # noqa: F401 - importing registers them

        observability.install()

    def client_config(self) -> dict[str, Any]:
        from core import llm
        from core import mail

        real = [{"name": p.name, "label": p.label, "real": p.real} for p in llm.providers()]
        return {"providers": {"llm": real, "mail": mail.providers()}}

    def checks(self) -> Iterable[Check]:
        from core.doctor import house

        return house.checks()

    def examine_copy(self, *, login: str, password: str) -> Iterator[tuple[str, str]]:  # noqa: ARG002 - as its base
        from core import crypto

        for label, (_count, problem) in crypto.examine_all().items():
            yield f"encrypted {label}", problem

    def start(self) -> None:
        from core.llm import catalogue
        from core.llm import discovery

        discovery.search()
        catalogue.listed()

    def stop(self) -> None:
        from core.realtime import control
        from core.realtime.presence import tracker

        control.drain()
        tracker.hand_over()
