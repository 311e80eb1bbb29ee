"""Values for hand-written SQL, as each database keeps them.

SQL is written by hand only where it was measured: building an ORM query takes several times what running it does.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection


def moment(value: datetime) -> Any:
    """A point in time."""
    return connection.ops.adapt_datetimefield_value(value)


def identity(value: UUID) -> UUID | str:
    """A UUID: native on PostgreSQL, 32 hexadecimal digits on SQLite."""
    return value if connection.features.has_native_uuid_field else value.hex
