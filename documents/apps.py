"""Documents: academic writing in which no citation is invented."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core import modules
from core.findings import Check


class DocumentsConfig(modules.ModuleConfig):
    name = "documents"
    api_urls = "documents.api.urls"
    socket_events = "documents.events"
    socket_routes = {"api/jobs/ws/generation/<uuid:document_id>": "documents.following.serve"}
    personal_data = "documents.personal"
    file_purposes = "documents.files"
    rate_limits = {
        "documents": (120, 60),
        "document_requirements": (10, 3600),
        "document_generate": (10, 3600),
        "document_whole": (30, 3600),
        "document_export": (30, 3600),
        "document_recheck": (60, 3600),
    }
    schema_enums = {
        "DocumentKindEnum": ["thesis", "essay", "article", "report"],
        "DocumentLanguageEnum": ["en", "de", "fr", "es", "it", "cs", "uk", "pl"],
        "DocumentStatusEnum": ["draft", "outline_generated", "generating", "paused", "completed", "failed"],
        "DocumentSectionStatusEnum": [
            "pending", "researching", "writing", "checking", "styling", "completed", "failed",
        ],
        "OwnJobStatusEnum": ["queued", "running", "paused", "completed", "failed", "cancelled"],
        "DocumentRunKindEnum": ["full", "section", "outline"],
    }  # fmt: skip
    backup_sums = {
        "documents": "SELECT count(*) FROM documents",
        "document_steps": "SELECT count(*) FROM document_steps WHERE state = 'done'",
    }

    def ready(self) -> None:
        from documents import demo
        from documents import receivers  # noqa: F401 - importing connects them

        demo.register()

    def checks(self) -> Iterable[Check]:
        from documents import doctor

        return doctor.checks()

    def client_config(self) -> dict[str, Any]:
        from documents import limits

        return {"limits": limits.for_clients()}
