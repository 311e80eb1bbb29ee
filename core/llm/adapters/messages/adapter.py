"""Anthropic itself, and servers that speak its protocol."""

from __future__ import annotations

from core.llm.adapters import listing
from core.llm.adapters import values
from core.llm.adapters.http import HTTPProvider
from core.llm.adapters.messages import payload
from core.llm.adapters.messages.wire import MessagesReader
from core.llm.base import Request


class Messages(HTTPProvider):
    def path(self, _request: Request) -> str:
        return "/v1/messages"

    def encode(self, request: Request) -> bytes:
        return payload.encode(request)

    def reader(self, request: Request) -> MessagesReader:
        return MessagesReader(request.model.provider, request.model.wire_name)

    async def list_models(self) -> list[str]:
        rows = values.items((values.frame(await listing.document(self.config)) or {}).get("data"))
        return sorted(str(row["id"]) for row in rows if row.get("id"))
