"""What a proof of the books finds: two numbers that should be equal and are not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection


@dataclass(frozen=True, slots=True)
class LedgerFinding:
    """Two numbers that should be equal and are not. ``expected`` is what the rows add up to."""

    kind: str
    subject: str
    expected: int
    found: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def differences(subject: str, **pairs: tuple[int, int]) -> Iterator[LedgerFinding]:
    """A finding for each pair of expected and found that is none, under the name of the pair."""
    for kind, (expected, found) in pairs.items():
        if expected != found:
            yield LedgerFinding(kind, subject, int(expected), int(found))


def rows(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """What one statement selects: it sees one moment of the database, so it is exact while work goes on."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def lowest_id(moment: datetime) -> UUID:
    """The smallest UUIDv7 of a moment: its first 48 bits are the milliseconds since the epoch (RFC 9562, 5.7)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
