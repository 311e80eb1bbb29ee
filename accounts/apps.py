"""Users, sessions, audit."""

from __future__ import annotations

from core import modules


class AccountsConfig(modules.ModuleConfig):
    name = "accounts"
    api_urls = "accounts.api.urls"

    def ready(self) -> None:
        from accounts.api import schema  # noqa: F401 - importing registers it
