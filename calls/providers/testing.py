"""A media server for tests: it does what it is told to, well or badly. Never chosen by settings.

A demo that carries no media would be a lie, so there is none: what works without a media server is calls between the
browsers themselves.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from datetime import timedelta
from typing import Literal
from uuid import UUID

from django.db import connection
from django.utils import timezone

from calls.providers.base import LegRef
from calls.providers.base import MediaPass
from calls.providers.base import Name
from calls.providers.base import ProviderError
from calls.providers.base import Stay
from calls.providers.base import room_name
from core.findings import Finding
from core.findings import ok

Fault = Literal["slow", "401", "404", "429", "500", "malformed"]


@dataclass
class Scripted:
    """``faults`` are met one after the other, one a call; then all is well. ``asked`` tells what was asked."""

    name: Name = "janus"
    keeps_history: bool = True
    faults: list[Fault] = field(default_factory=list)
    slow_seconds: float = 0.2
    rooms: set[str] = field(default_factory=set)
    stays: dict[str, list[Stay]] = field(default_factory=dict)
    removed: list[UUID] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    meanwhile: Callable[[], object] | None = None
    """Called once, when the next question has been answered over there and not yet here."""

    def open_room(self, call_id: UUID, *, most: int) -> str:  # noqa: ARG002 - it has room for all
        room = room_name(call_id)
        self._meet("open_room", room)
        self.rooms.add(room)
        self._happen()
        return room

    def pass_for(self, room: str, *, leg: LegRef, seconds: int) -> MediaPass:
        expires_at = timezone.now() + timedelta(seconds=seconds)
        if self.name == "janus":
            return MediaPass("janus", room, "/sfu", token=None, role=None, expires_at=expires_at)
        return MediaPass("hms", room, "", token=f"token-of-{leg.leg_id}", role="guest", expires_at=expires_at)

    def remove(self, room: str, *, leg: LegRef) -> None:
        self._meet("remove", room)
        self.removed.append(leg.leg_id)

    def close_room(self, room: str) -> None:
        self._meet("close_room", room)
        self.rooms.discard(room)

    def seen(self, room: str) -> list[Stay]:
        self._meet("seen", room)
        return self.stays.get(room, [])

    def check(self) -> Iterator[Finding]:
        yield ok("calls", "The scripted media server works.")

    def _meet(self, what: str, room: str) -> None:
        """As the network would: nobody may hold a transaction meanwhile, and what comes back may be wrong."""
        if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
            raise AssertionError("A transaction is open during a call to the media server.")
        self.asked.append((what, room))
        match self.faults.pop(0) if self.faults else None:
            case "slow":
                time.sleep(self.slow_seconds)
            case "401":
                raise ProviderError("It refuses our secrets.", permanent=True)
            case "404":
                raise ProviderError("There is nothing there.", permanent=True)
            case "429":
                raise ProviderError("It is asked too often.", retry_after=7)
            case "500":
                raise ProviderError("It fails.")
            case "malformed":
                raise ProviderError("Its answer cannot be read.")

    def _happen(self) -> None:
        if self.meanwhile is not None:
            happening, self.meanwhile = self.meanwhile, None
            happening()
