"""What encrypted fields bring to the project."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator

from core.crypto import doctor
from core.crypto import rotation
from core.findings import Check
from core.modules import Room


class Crypto(Room):
    def checks(self) -> Iterable[Check]:
        return doctor.checks()

    def examine_copy(self, *, login: str, password: str) -> Iterator[tuple[str, str]]:  # noqa: ARG002 - as its base
        for label, (_count, problem) in rotation.examine_all().items():
            yield f"encrypted {label}", problem
