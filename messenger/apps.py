"""Conversations between people."""

from __future__ import annotations

from typing import Any

from core import modules


class MessengerConfig(modules.ModuleConfig):
    name = "messenger"
    dashboard = ("messenger.panels.Messages",)
    api_urls = "messenger.api.urls"
    personal_data = "messenger.personal"
    socket_events = "messenger.events"
    socket_commands = "messenger.consumers"
    stream_resolver = "messenger.streams.ConversationStreams"

    def client_config(self) -> dict[str, Any]:
        from messenger import limits

        return {"limits": limits.for_clients()}
