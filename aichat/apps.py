"""Chat with language models."""

from __future__ import annotations

from typing import Any

from core import modules


class AichatConfig(modules.ModuleConfig):
    name = "aichat"
    dashboard = ("aichat.panels.Answers",)
    api_urls = "aichat.api.urls"
    personal_data = "aichat.personal"
    beat_schedule = {
        "aichat-abandoned-answers": {"task": "aichat.abandon_stale_answers", "schedule": 15.0},
        "aichat-temporary-chats": {"task": "aichat.purge_temporary_chats", "schedule": 3600.0},
    }

    def ready(self) -> None:
        from aichat import receivers

        receivers.connect()

    def client_config(self) -> dict[str, Any]:
        from aichat.services.messages import MAX_CHARS

        return {"limits": {"max_message_chars": MAX_CHARS}}

    def stop(self) -> None:
        from aichat.engine import engine

        engine.shut_down_all()
