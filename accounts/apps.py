"""Users, sessions, audit."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

from core import modules
from core.findings import Check


class AccountsConfig(modules.ModuleConfig):
    name = "accounts"
    verbose_name = "People"
    api_urls = "accounts.api.urls"
    personal_data = "accounts.personal"
    socket_events = "accounts.events"
    dashboard = ("accounts.panels.People",)
    rate_limits = {
        "login": (20, 60),
        # Letters one address asks for; `magic_link` counts the mailbox they go to.
        "mail": (30, 3600),
        "magic_link": (3, 3600),
        "register": (20, 3600),
        "telegram": (20, 60),
        # One opening of a Mini App shows the same init data every time its page loads.
        "telegram_proof": (60, 3600),
        "refresh": (20, 3600),
        # A browser keeps its access token in memory only, so every page it loads, in every tab, costs one refresh.
        "refresh_cookie": (120, 3600),
        "profile": (120, 3600),
        "data_export": (5, 24 * 3600),
        # What each request of staff costs the database is bounded, and so is how many there are.
        "staff": (120, 60),
        "staff_export": (10, 3600),
    }
    schema_enums = {
        "UserKind": ["human", "agent"],
        "LanguageEnum": ["en", "uk"],
        "DataExportState": ["none", "queued", "running", "ready", "failed", "expired"],
    }

    def client_config(self) -> dict[str, Any]:
        from django.conf import settings

        from accounts import limits

        return {"sign_in": {"telegram": bool(settings.TELEGRAM_BOT_TOKEN)}, "limits": limits.for_clients()}

    def checks(self) -> Iterable[Check]:
        from accounts import doctor

        return doctor.checks()

    def examine_copy(self, *, login: str, password: str) -> Iterator[tuple[str, str]]:
        from accounts.services import restore_check

        yield restore_check.sign_in(login, password=password)

    def ready(self) -> None:
        from accounts import receivers  # noqa: F401 - importing connects them
        from accounts.api import schema  # noqa: F401 - importing registers it
