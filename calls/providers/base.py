"""What a media server must be able to do, and the shapes of what it answers.

A call that moves to a media server gets one room there, named after the call. All methods but ``pass_for`` ask
somebody over the network: no transaction may be open meanwhile. They raise :class:`ProviderError` only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from typing import Protocol
from uuid import UUID

from core import errors
from core.findings import Finding

Name = Literal["hms", "janus"]


class ProviderError(errors.Unavailable):
    """The media server did not do it. ``permanent``: trying again changes nothing, somebody must set it right.

    ``retry_after`` (seconds) is the server's own wish, or None.
    """

    code, message = "sfu_unavailable", "The media server does not answer properly right now. Try again in a moment."

    def __init__(self, reason: str, *, permanent: bool = False, retry_after: int | None = None) -> None:
        super().__init__(retry_after=retry_after)
        self.reason = reason
        self.permanent = permanent

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True)
class LegRef:
    """One device in a call. ``peer_id`` is what the media server calls it, as far as that is known."""

    leg_id: UUID
    peer_id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class MediaPass:
    """What a client needs to enter a room until ``expires_at``; ``token`` and ``role`` only where it talks to a vendor.

    ``url`` is where it goes: a path of this site, or an address of the vendor's.
    """

    provider: Name
    room_id: str
    url: str
    token: str | None
    role: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Stay:
    """A leg's stay in a room, by the media server's clock; None where it goes on, or where the server cannot tell."""

    leg_id: UUID
    joined_at: datetime | None
    left_at: datetime | None = None


class MediaServer(Protocol):
    """Rooms in which many talk."""

    @property
    def name(self) -> Name: ...

    @property
    def keeps_history(self) -> bool:
        """Whether :meth:`seen` also knows who has left."""
        ...

    def open_room(self, call_id: UUID, *, most: int) -> str:
        """The server's id of the call's room for at most so many legs; the same one however often it is asked."""
        ...

    def pass_for(self, room: str, *, leg: LegRef, seconds: int) -> MediaPass:
        """What the leg enters with, within so many seconds. Asks nobody."""
        ...

    def remove(self, room: str, *, leg: LegRef) -> None:
        """Out, at once: it hears nothing from then on. Nothing happens when it is not in."""
        ...

    def close_room(self, room: str) -> None:
        """Everybody out, and nobody in again. Nothing happens when there is no such room."""
        ...

    def seen(self, room: str) -> list[Stay]:
        """Who is, or was, in the room."""
        ...

    def check(self) -> Iterable[Finding]:
        """What the doctor finds: makes a room and ends it."""
        ...


def room_name(call_id: UUID) -> str:
    """What the room of a call is called everywhere: asking for it twice finds the first."""
    return f"call-{call_id}"
