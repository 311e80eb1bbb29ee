"""What backups bring to the project."""

from __future__ import annotations

from collections.abc import Iterable

from core.backup import doctor
from core.findings import Check
from core.modules import Room


class Backup(Room):
    def checks(self) -> Iterable[Check]:
        return doctor.checks()
