"""Chat Completions, OpenAI's protocol that everybody else speaks."""

from __future__ import annotations

from core.llm.adapters.chat.adapter import Chat

__all__ = ["Chat"]
