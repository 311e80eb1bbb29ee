"""Any server that speaks Chat Completions: OpenRouter, Gemini (compatible address), vLLM, Ollama, llama.cpp."""

from __future__ import annotations

from core.llm.adapters import listing
from core.llm.adapters.chat import payload
from core.llm.adapters.chat.wire import ChatReader
from core.llm.adapters.http import HTTPProvider
from core.llm.base import Request


class Chat(HTTPProvider):
    def path(self, _request: Request) -> str:
        return "/chat/completions"

    def encode(self, request: Request) -> bytes:
        return payload.encode(request, self.config)

    def reader(self, request: Request) -> ChatReader:
        return ChatReader(request.model.provider, request.model.wire_name)

    async def list_models(self) -> list[str]:
        return await listing.list_models(self.config)
