"""OpenAI's Responses, in which its newest models think and call tools."""

from __future__ import annotations

from core.llm.adapters.responses.adapter import Responses

__all__ = ["Responses"]
