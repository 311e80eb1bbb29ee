"""The variables of agents: which servers their functions may call that nobody else may.

:class:`kintsugi.config.Config` inherits them; the app reads them in ``agents/egress/policy.py``.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic_settings import BaseSettings

from kintsugi.config_values import CommaList


class AgentConfig(BaseSettings):
    """One attribute per environment variable, under its lower-case name."""

    agent_http_hosts: CommaList = []
    agent_private_hosts: CommaList = []


def agent_problems(config: AgentConfig) -> list[str]:
    """What of it names no server."""
    return [
        f"{name.upper()} must hold host:port, such as n8n:5678, with commas between them"
        for name in ("agent_http_hosts", "agent_private_hosts")
        if not all(_is_target(one) for one in getattr(config, name))
    ]


def _is_target(text: str) -> bool:
    try:
        parts = urlsplit(f"//{text}")
        return bool(parts.hostname and parts.port) and not (parts.path or parts.query or "@" in parts.netloc)
    except ValueError:
        return False
