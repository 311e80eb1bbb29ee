"""Anthropic's Messages, which all Claude models speak."""

from __future__ import annotations

from core.llm.adapters.messages.adapter import Messages

__all__ = ["Messages"]
