"""Chat with language models."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from core import modules


class AichatConfig(modules.ModuleConfig):
    name = "aichat"
    verbose_name = "AI chat"
    dashboard = ("aichat.panels.Answers",)
    api_urls = "aichat.api.urls"
    personal_data = "aichat.personal"
    file_purposes = "aichat.files"
    socket_events = "aichat.events"
    # Seconds. Not a job: it watches streams that are open now, and what it does is done when it returns.
    beat_schedule = {"aichat-abandoned-answers": {"task": "aichat.abandon_stale_answers", "schedule": 15.0}}
    rate_limits = {"generation": (60, 60), "share": (60, 3600), "shared_chat": (60, 60), "chat_import": (10, 3600)}
    schema_enums = {"MessageStatusEnum": ["pending", "streaming", "complete", "incomplete", "stopped", "failed"]}

    def ready(self) -> None:
        from aichat import proof
        from aichat import receivers  # noqa: F401 - importing connects it to the signals
        from aichat.services import spending
        from billing import metering
        from billing.services.metering import also_prove

        also_prove(proof.check)
        metering.appraised_by(spending.of_an_abandoned)

    def client_config(self) -> dict[str, Any]:
        from aichat.services.chats import TITLE_LENGTH
        from aichat.services.messages import MAX_CHARS
        from aichat.services.preferences import INSTRUCTIONS_LENGTH

        return {
            "show_costs": settings.SHOW_COSTS,
            "limits": {
                "max_message_chars": MAX_CHARS,
                "max_chat_title_chars": TITLE_LENGTH,
                "max_instructions_chars": INSTRUCTIONS_LENGTH,
            },
        }

    def stop(self) -> None:
        from aichat.engine import engines

        engines.shut_down_all()
