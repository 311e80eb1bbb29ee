"""Conversations between people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core import modules
from core.findings import Check


class MessengerConfig(modules.ModuleConfig):
    name = "messenger"
    verbose_name = "Messenger"
    rooms = ("messenger.rooms.Speaking", "messenger.rooms.Notifying")
    dashboard = ("messenger.panels.Messages",)
    api_urls = "messenger.api.urls"
    personal_data = "messenger.personal"
    socket_events = "messenger.events"
    socket_commands = "messenger.commands"
    stream_resolver = "messenger.stream_resolver.ConversationStreams"
    rate_limits = {
        "user_search": (60, 60),
        "search": (60, 60),
        # What one request makes many people's devices learn: the conversations somebody begins, the people they bring
        # into groups (each is sent some 20 KB), the messages they forward (each counts), the stories they tell.
        "conversation": (120, 3600),
        "bring_in": (5000, 3600),
        "forward": (200, 60),
        "story": (60, 3600),
        "invite": (60, 3600),
        "export": (30, 3600),
    }
    schema_enums = {"ConversationType": ["direct", "group"], "ParticipantRole": ["admin", "member"]}

    def client_config(self) -> dict[str, Any]:
        from messenger import limits

        return {"limits": limits.for_clients()}

    def ready(self) -> None:
        from messenger import receivers  # noqa: F401 - importing connects them
        from messenger import tools  # noqa: F401 - importing offers them

    def checks(self) -> Iterable[Check]:
        from messenger import doctor

        return doctor.checks()
