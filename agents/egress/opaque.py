"""Names for people and conversations that another server may keep, and can do nothing else with."""

from __future__ import annotations

from uuid import UUID

from django.utils.crypto import salted_hmac


def opaque_id(agent_id: UUID, subject_id: UUID) -> str:
    """Always the same for one agent; another for each agent, so two servers cannot compare what they know."""
    return salted_hmac(f"agents.opaque:{agent_id}", subject_id.bytes, algorithm="sha256").hexdigest()[:32]
