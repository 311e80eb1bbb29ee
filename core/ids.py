"""Identifiers: UUIDv7 (RFC 9562), so that primary keys sort by creation time and indexes stay local."""

from __future__ import annotations

from typing import TYPE_CHECKING

import uuid_utils.compat

if TYPE_CHECKING:
    from uuid import UUID


def uuid7() -> UUID:
    """A new time-ordered identifier."""
    return uuid_utils.compat.uuid7()
