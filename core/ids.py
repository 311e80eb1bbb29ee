"""Identifiers: UUIDv7 (RFC 9562), so that primary keys sort by creation time and indexes stay local."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import uuid_utils.compat


def uuid7() -> UUID:
    """A new time-ordered identifier."""
    return uuid_utils.compat.uuid7()


def first_at(moment: datetime) -> UUID:
    """The least identifier that can have been made at ``moment``, or later; for ranges of time by primary key."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
