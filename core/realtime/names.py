"""Names of streams: ``<kind>:<uuid>``, such as ``c:0199…`` for a conversation and ``u:0199…`` for one person."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

USER = "u"


@dataclass(frozen=True, slots=True)
class StreamName:
    """Which log: its kind is one letter that an app registered, its id the one of the object the log is about."""

    kind: str
    id: UUID

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> StreamName | None:
        """The name, or None for anything that is not written exactly as :meth:`__str__` writes it."""
        kind, _, identity = text.partition(":")
        try:
            name = cls(kind, UUID(identity))
        except ValueError:
            return None
        return name if len(kind) == 1 and str(name) == text else None


def user_stream(user_id: UUID) -> StreamName:
    """What concerns one person on all their devices."""
    return StreamName(USER, user_id)
