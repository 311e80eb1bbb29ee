"""Translation: texts, documents and whole books, with the price and a sample first."""

from __future__ import annotations

from typing import Any

from core import modules


class TranslationConfig(modules.ModuleConfig):
    name = "translation"
    dashboard = ("translation.panels.Revenue",)
    api_urls = "translation.api.urls"
    site_urls = "translation.api.site_urls"
    socket_events = "translation.events"
    personal_data = "translation.personal"
    file_purposes = "translation.files"
    rate_limits = {
        "translation": (60, 60),
        "translation_file": (30, 3600),
        "translation_preview": (10, 86_400),
    }
    schema_enums = {
        "TranslationKindEnum": ["text", "document"],
        "TranslationStatusEnum": ["pending", "processing", "completed", "failed", "cancelled"],
        "TranslationChunkStateEnum": [
            "waiting", "uploading", "sent", "fetching", "working", "done", "failed", "cancelled",
        ],
    }  # fmt: skip
    backup_sums = {
        "translations": "SELECT count(*) FROM translations",
        "translation_tokens": "SELECT coalesce(sum(tokens_charged), 0) FROM translations",
    }
    # Parts of documents that are at work; files with an end are in no backup, as with the ground floor.
    backup_files = (
        "SELECT source_key, '' FROM translation_chunks WHERE source_key <> ''",
        "SELECT result_key, '' FROM translation_chunks WHERE result_key <> ''",
        "SELECT harvest_key, '' FROM translations WHERE harvest_key <> ''",
    )

    def ready(self) -> None:
        from translation import receivers  # noqa: F401 - importing connects them
        from translation.services import tools  # noqa: F401 - importing offers them

    def client_config(self) -> dict[str, Any]:
        from translation import limits

        return {"limits": limits.for_clients()}
