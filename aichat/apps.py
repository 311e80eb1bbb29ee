"""Chat with language models."""

from __future__ import annotations

from core import modules


class AichatConfig(modules.ModuleConfig):
    name = "aichat"
