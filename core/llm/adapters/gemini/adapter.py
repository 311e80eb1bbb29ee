"""Google itself, and servers that speak its protocol."""

from __future__ import annotations

from urllib.parse import quote

from core.llm.adapters import listing
from core.llm.adapters import values
from core.llm.adapters.gemini import payload
from core.llm.adapters.gemini.wire import GeminiReader
from core.llm.adapters.http import HTTPProvider
from core.llm.base import Request


class Gemini(HTTPProvider):
    def path(self, request: Request) -> str:
        # `alt=sse`: without it the answer is one JSON list that grows.
        return f"/models/{quote(request.model.wire_name, safe='')}:streamGenerateContent?alt=sse"

    def encode(self, request: Request) -> bytes:
        return payload.encode(request)

    def reader(self, request: Request) -> GeminiReader:
        return GeminiReader(request.model.provider, request.model.wire_name)

    async def list_models(self) -> list[str]:
        rows = values.items((values.frame(await listing.document(self.config)) or {}).get("models"))
        speaking = [row for row in rows if "generateContent" in (row.get("supportedGenerationMethods") or ())]
        return sorted(str(row["name"]).removeprefix("models/") for row in speaking if row.get("name"))
