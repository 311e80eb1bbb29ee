"""Google's own protocol, which all Gemini models speak."""

from __future__ import annotations

from core.llm.adapters.gemini.adapter import Gemini

__all__ = ["Gemini"]
