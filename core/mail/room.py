"""What letters bring to the project."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.findings import Check
from core.mail import doctor
from core.mail import services
from core.modules import Room


class Mail(Room):
    personal_data = "core.mail.holdings"

    def client_config(self) -> dict[str, Any]:
        return {"providers": {"mail": services.providers()}}

    def checks(self) -> Iterable[Check]:
        return doctor.checks()
