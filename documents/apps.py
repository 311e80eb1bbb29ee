"""Documents: academic writing in which no citation is invented."""

from __future__ import annotations

from typing import Any

from core import modules


class DocumentsConfig(modules.ModuleConfig):
    name = "documents"
    personal_data = "documents.personal"
    backup_sums = {
        "documents": "SELECT count(*) FROM documents",
        "document_steps": "SELECT count(*) FROM document_steps WHERE state = 'done'",
    }

    def client_config(self) -> dict[str, Any]:
        from documents import limits

        return {"limits": limits.for_clients()}
