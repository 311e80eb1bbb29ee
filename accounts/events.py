"""What this app tells clients, and signals to apps above it; those are sent after commit, with ids and plain values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from typing import ClassVar
from uuid import UUID

from django.dispatch import Signal

from core.realtime.events import Event
from core.signals import send_on_commit


class ProfileUpdated(Event):
    """You changed your own profile, here or on another device; what it now says is asked of ``GET /api/auth/me``."""

    type: ClassVar[str] = "profile.updated"
    example: ClassVar[dict[str, Any]] = {"fields": ["avatar_url", "display_name"]}

    fields: list[str]


user_registered = Signal()
"""``user_id: UUID``: an account was made."""

user_renamed = Signal()
"""``user_id: UUID``: a person or an agent has another name or picture; who sees them should see that."""

sessions_revoked = Signal()
"""``user_id: UUID, session_ids: list[UUID]``: these sessions have just ended; whatever hangs on them must close."""

user_suspended = Signal()
"""``user_id: UUID``: staff suspended the account; its sessions have ended, and what it has running should stop."""

deletion_scheduled = Signal()
"""``user_id: UUID, due_at: datetime``: the user asked that the account goes. It is shut, may come back till then."""

deletion_cancelled = Signal()
"""``user_id: UUID``: the user came back in time."""

agent_users_retired = Signal()
"""``user_ids: list[UUID]``: these agents do not speak any more; what they have running should stop."""

agent_users_restored = Signal()
"""``user_ids: list[UUID]``: these agents speak again, as their owner came back."""


def send_user_registered(user_id: UUID) -> None:
    """Send ``user_registered`` on commit."""
    send_on_commit(user_registered, user_id=user_id)


def send_user_renamed(user_id: UUID) -> None:
    """Send ``user_renamed`` on commit."""
    send_on_commit(user_renamed, user_id=user_id)


def send_sessions_revoked(user_id: UUID, session_ids: Sequence[UUID]) -> None:
    """Send ``sessions_revoked`` on commit, when there are any."""
    if session_ids:
        send_on_commit(sessions_revoked, user_id=user_id, session_ids=list(session_ids))


def send_user_suspended(user_id: UUID) -> None:
    """Send ``user_suspended`` on commit."""
    send_on_commit(user_suspended, user_id=user_id)


def send_deletion_scheduled(user_id: UUID, due_at: datetime) -> None:
    """Send ``deletion_scheduled`` on commit."""
    send_on_commit(deletion_scheduled, user_id=user_id, due_at=due_at)


def send_deletion_cancelled(user_id: UUID) -> None:
    """Send ``deletion_cancelled`` on commit."""
    send_on_commit(deletion_cancelled, user_id=user_id)


def send_agent_users_retired(user_ids: Sequence[UUID]) -> None:
    """Send ``agent_users_retired`` on commit, when there are any."""
    if user_ids:
        send_on_commit(agent_users_retired, user_ids=list(user_ids))


def send_agent_users_restored(user_ids: Sequence[UUID]) -> None:
    """Send ``agent_users_restored`` on commit, when there are any."""
    if user_ids:
        send_on_commit(agent_users_restored, user_ids=list(user_ids))
