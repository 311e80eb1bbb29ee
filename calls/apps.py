"""Calls between people: who rings whom, on which device, by which way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core import modules
from core.findings import Check


class CallsConfig(modules.ModuleConfig):
    name = "calls"
    dashboard = ("calls.panels.Calls",)
    api_urls = "calls.api.urls"
    site_urls = "calls.api.site_urls"
    personal_data = "calls.personal"
    socket_events = "calls.events"
    socket_commands = "calls.commands"
    socket_routes = {"sfu": "calls.door.serve"}
    # Seconds. The clock of the serving processes looks each second; this one is for when there is none.
    beat_schedule = {
        "calls-deadlines": {"task": "calls.sweep", "schedule": 15.0},
        "calls-events": {"task": "calls.forget_events", "schedule": 86_400.0},
    }
    rate_limits = {
        "call": (20, 60),
        # Of one person in one conversation.
        "ring": (6, 600),
        # Of one person, wherever; and of one person by another, wherever they meet.
        "ring_all": (30, 600),
        "ring_one": (6, 600),
        # Of one device, whose page says that it closes.
        "call_lost": (3, 15),
        "ice": (60, 60),
    }
    schema_enums = {
        "CallTypeEnum": ["audio", "video"],
        "CallStatusEnum": ["ringing", "connecting", "active", "ended"],
        "CallLegStateEnum": ["joining", "connected", "lost"],
    }

    def ready(self) -> None:
        from billing.services.metering import also_prove
        from calls import receivers  # noqa: F401 - importing connects them
        from calls.services import reconcile

        also_prove(reconcile.prove)

    def client_config(self) -> dict[str, Any]:
        from calls import limits

        return {"limits": limits.for_clients()}

    def checks(self) -> Iterable[Check]:
        from calls import doctor

        return doctor.checks()

    async def serve(self) -> None:
        from calls import clock

        await clock.watch()
