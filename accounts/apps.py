"""Users, sessions, audit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from typing import ClassVar

from core import modules


class AccountsConfig(modules.ModuleConfig):
    name = "accounts"
    api_urls = "accounts.api.urls"
    dashboard = ("accounts.panels.People",)
    beat_schedule: ClassVar[dict[str, dict[str, Any]]] = {
        "accounts: remove what has expired": {
            "task": "accounts.tasks.purge_expired",
            "schedule": timedelta(hours=1),
        }
    }

    def ready(self) -> None:
        from accounts import sockets  # noqa: F401 - importing connects it to the signals
        from accounts.api import schema  # noqa: F401 - importing registers it
