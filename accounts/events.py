"""The signals this app sends to those above it: after the commit, with ids and plain values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.dispatch import Signal

user_registered = Signal()
"""``user_id: UUID``: an account was made."""

sessions_revoked = Signal()
"""``user_id: UUID, session_ids: list[UUID]``: these sessions have just ended; whatever hangs on them must close."""

user_suspended = Signal()
"""``user_id: UUID``: staff suspended the account; its sessions have ended, and what it has running should stop."""

deletion_scheduled = Signal()
"""``user_id: UUID, due_at: datetime``: the user asked that the account goes. It is shut, may come back till then."""

deletion_cancelled = Signal()
"""``user_id: UUID``: the user came back in time."""


def tell_registered(user_id: UUID) -> None:
    """Send ``user_registered`` on commit."""
    _on_commit(user_registered, user_id=user_id)


def tell_revoked(user_id: UUID, session_ids: Sequence[UUID]) -> None:
    """Send ``sessions_revoked`` on commit, when there are any."""
    if session_ids:
        _on_commit(sessions_revoked, user_id=user_id, session_ids=list(session_ids))


def tell_suspended(user_id: UUID) -> None:
    """Send ``user_suspended`` on commit."""
    _on_commit(user_suspended, user_id=user_id)


def tell_deletion_scheduled(user_id: UUID, due_at: datetime) -> None:
    """Send ``deletion_scheduled`` on commit."""
    _on_commit(deletion_scheduled, user_id=user_id, due_at=due_at)


def tell_deletion_cancelled(user_id: UUID) -> None:
    """Send ``deletion_cancelled`` on commit."""
    _on_commit(deletion_cancelled, user_id=user_id)


def _on_commit(signal: Signal, **values: Any) -> None:
    # Robust: a listener that fails is logged by Django and must not undo, in the caller's eyes, what is committed.
    transaction.on_commit(partial(signal.send_robust, sender=None, **values))
