"""Users, sessions, audit."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from typing import ClassVar

from core import modules
from core.doctor import Check


class AccountsConfig(modules.ModuleConfig):
    name = "accounts"
    api_urls = "accounts.api.urls"
    personal_data = "accounts.personal"
    dashboard = ("accounts.panels.People",)
    beat_schedule: ClassVar[dict[str, dict[str, Any]]] = {
        "accounts: remove what has expired": {
            "task": "accounts.tasks.purge_expired",
            "schedule": timedelta(hours=1),
        }
    }

    def client_config(self) -> dict[str, Any]:
        from django.conf import settings

        return {"sign_in": {"telegram": bool(settings.TELEGRAM_BOT_TOKEN)}}

    def checks(self) -> Iterable[Check]:
        from accounts import doctor

        return doctor.checks()

    def examine_copy(self, *, login: str, password: str) -> Iterator[tuple[str, str]]:
        from accounts.services import rehearsal

        yield rehearsal.sign_in(login, password=password)

    def ready(self) -> None:
        from accounts import sockets  # noqa: F401 - importing connects it to the signals
        from accounts.api import schema  # noqa: F401 - importing registers it
