"""Agents as files: no secret ever is in one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.models import Agent
from agents.presentation import agents as shown
from agents.presentation import functions as functions_shown
from agents.shapes import ExportedAgent
from agents.shapes import ExportedFunction

_BOUNDS = ("max_steps", "max_calls", "max_seconds", "run_tokens", "history_tokens")


def exported(agent: Agent) -> ExportedAgent:
    """Without what was imported, which its sources say anew."""
    rows = agent.functions.filter(source=None).order_by("id")
    return ExportedAgent(
        format="kintsugi.agent.v1",
        name=agent.name,
        system_prompt=agent.system_prompt,
        model=agent.model,
        temperature=agent.temperature,
        max_tokens=agent.max_tokens,
        limits=shown.limits(agent),
        functions=[_function(row) for row in rows],
    )


def _function(row: Any) -> ExportedFunction:
    known = functions_shown.function(row).model_dump()
    fields = {name: known[name] for name in ExportedFunction.model_fields if name in known}
    auth = {"kind": row.auth_kind, "username" if row.auth_kind == "basic" else "name": row.auth_name}
    return ExportedFunction.model_validate(fields | {"auth_config": auth})


def read(values: Mapping[str, Any]) -> dict[str, Any]:
    """What an imported file makes, as :func:`agents.services.agents.create` takes it."""
    bounds = values.get("limits") or {}
    kept = {name: value for name, value in values.items() if name not in {"format", "limits"}}
    return kept | {name: bounds[name] for name in _BOUNDS if name in bounds}
