"""What all rooms stand on, for the doctor to look at."""

from __future__ import annotations

from collections.abc import Iterable

from core.doctor import infrastructure
from core.findings import Check
from core.modules import Room


class Doctor(Room):
    def checks(self) -> Iterable[Check]:
        return infrastructure.checks()
