"""Agents: they answer, call tools once, and show their work."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core import modules
from core.findings import Check


class AgentsConfig(modules.ModuleConfig):
    name = "agents"
    api_urls = "agents.api.urls"
    socket_events = "agents.events"
    personal_data = "agents.personal"
    dashboard = ("agents.panels.Agents",)
    rate_limits = {
        "agents": (120, 60),
        "agent_run": (30, 60),
        "agent_test": (20, 60),
        "agent_import": (10, 600),
        # Of functions, by the runs one person pays.
        "agent_calls": (60, 60),
    }

    schema_enums = {
        "RunStateEnum": ["queued", "running", "waiting", "complete", "stopped", "limited", "failed"],
        "AgentStepStateEnum": [
            "open", "broken", "planned", "asking", "sending", "done", "failed", "denied", "unknown",
        ],
        "AgentApprovalStateEnum": ["waiting", "approved", "denied", "expired"],
        "AgentSourceStateEnum": ["ok", "failing", "changed", "off"],
        "AgentSourceKindEnum": ["openapi", "mcp"],
        "AgentStepKindEnum": ["model", "tool"],
        "AgentAuthKindEnum": ["none", "bearer", "basic", "header", "hmac"],
        "AgentPlaceKindEnum": ["path", "query", "header", "field", "body"],
        "AgentFunctionTypeEnum": ["webhook", "api", "internal", "mcp"],
        "AgentOwnFunctionTypeEnum": ["webhook", "api", "internal"],
        "AgentTurnRoleEnum": ["user", "assistant"],
    }  # fmt: skip
    # Seconds. The serving processes look each second; this one is for when there is none.
    beat_schedule = {"agents-runs": {"task": "agents.sweep", "schedule": 15.0}}

    def ready(self) -> None:
        from accounts import contact_policy
        from agents import receivers  # noqa: F401 - importing connects them
        from agents.services import tools  # noqa: F401 - importing offers them
        from agents.services.contacts import AgentContacts

        contact_policy.register(AgentContacts())

    async def serve(self) -> None:
        from agents import listening
        from agents import runner
        from core.db_threads import in_db_thread

        await in_db_thread(listening.sweep)
        await runner.serve()

    def checks(self) -> Iterable[Check]:
        from agents import doctor

        return doctor.checks()

    def client_config(self) -> dict[str, Any]:
        from agents import limits

        return {"limits": limits.for_clients()}
