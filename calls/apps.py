"""Calls between people: who rings whom, on which device, by which way."""

from __future__ import annotations

from typing import Any

from core import modules


class CallsConfig(modules.ModuleConfig):
    name = "calls"
    socket_routes = {"sfu": "calls.door.serve"}

    def client_config(self) -> dict[str, Any]:
        from calls import limits

        return {"limits": limits.for_clients()}
