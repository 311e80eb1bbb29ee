"""The room that talks to language models; see its README."""

from __future__ import annotations

from core.llm import catalogue
from core.llm import errors
from core.llm import tokens
from core.llm.base import Delta
from core.llm.base import Image
from core.llm.base import Message
from core.llm.base import Model
from core.llm.base import ProviderInfo
from core.llm.base import Tool
from core.llm.base import ToolCall
from core.llm.base import Usage
from core.llm.registry import providers
from core.llm.routing import stream

__all__ = [
    "Delta",
    "Image",
    "Message",
    "Model",
    "ProviderInfo",
    "Tool",
    "ToolCall",
    "Usage",
    "catalogue",
    "errors",
    "providers",
    "stream",
    "tokens",
]
