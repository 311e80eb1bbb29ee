"""The variables of agents: which addresses their calls may go to beyond the public web, and how far they may wake each
other."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydantic import Field
from pydantic_settings import BaseSettings

from kintsugi.config_values import CommaList

_HOST = re.compile(r"(\[[0-9A-Fa-f:]+\]|[\w.-]+):(\d{1,5})")
_LAST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """What the app ``agents`` reads. Hosts are written ``host:port``, in small letters."""

    http_hosts: frozenset[str]
    """May be called without TLS."""
    private_hosts: frozenset[str]
    """May be called although their address lies inside a private network."""
    max_hop: int
    """How many agents after the first one a person's message may wake, one by the other."""
    messages_in_row: int
    """Of agents in a conversation, without a person's between."""


class AgentConfig(BaseSettings):
    """One attribute per environment variable, under its lower-case name."""

    agent_http_hosts: CommaList = []
    agent_private_hosts: CommaList = []
    agent_max_hop: int = Field(default=2, ge=0, le=8)
    agent_messages_in_row: int = Field(default=4, ge=1, le=20)

    @property
    def agents(self) -> AgentSettings:
        """As the app reads them."""
        return AgentSettings(
            http_hosts=frozenset(host.lower() for host in self.agent_http_hosts),
            private_hosts=frozenset(host.lower() for host in self.agent_private_hosts),
            max_hop=self.agent_max_hop,
            messages_in_row=self.agent_messages_in_row,
        )


def agent_problems(config: AgentConfig) -> list[str]:
    """What of it names no host."""
    return [
        f"{name.upper()} must hold host:port, such as n8n:5678, with commas between them, not {host!r}"
        for name in ("agent_http_hosts", "agent_private_hosts")
        for host in getattr(config, name)
        if not _is_target(host)
    ]


def _is_target(host: str) -> bool:
    found = _HOST.fullmatch(host)
    return found is not None and 0 < int(found[2]) <= _LAST_PORT
