"""OpenAI itself, and servers that speak its Responses protocol."""

from __future__ import annotations

from core.llm.adapters import listing
from core.llm.adapters.http import HTTPProvider
from core.llm.adapters.responses import payload
from core.llm.adapters.responses.wire import ResponsesReader
from core.llm.base import Request


class Responses(HTTPProvider):
    def path(self, _request: Request) -> str:
        return "/responses"

    def encode(self, request: Request) -> bytes:
        return payload.encode(request, self.config)

    def reader(self, request: Request) -> ResponsesReader:
        return ResponsesReader(request.model.provider, request.model.wire_name, payload.most(request))

    async def list_models(self) -> list[str]:
        return await listing.list_models(self.config)
