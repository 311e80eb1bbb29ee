"""The demo model, which ships with the product and needs nothing."""

from __future__ import annotations

from core.llm.adapters.demo.adapter import Demo

__all__ = ["Demo"]
