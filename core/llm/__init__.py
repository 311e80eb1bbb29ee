"""The room that talks to language models; see its README."""

from __future__ import annotations

from core.llm import catalogue
from core.llm import errors
from core.llm import json_answers
from core.llm import scripted
from core.llm import tokens
from core.llm import tools
from core.llm.base import Answer
from core.llm.base import Delta
from core.llm.base import Document
from core.llm.base import Image
from core.llm.base import Message
from core.llm.base import Model
from core.llm.base import ProviderInfo
from core.llm.base import Schema
from core.llm.base import State
from core.llm.base import Tool
from core.llm.base import ToolCall
from core.llm.base import Usage
from core.llm.registry import providers
from core.llm.routing import complete
from core.llm.routing import stream

__all__ = [
    "Answer",
    "Delta",
    "Document",
    "Image",
    "Message",
    "Model",
    "ProviderInfo",
    "Schema",
    "State",
    "Tool",
    "ToolCall",
    "Usage",
    "catalogue",
    "complete",
    "errors",
    "json_answers",
    "providers",
    "scripted",
    "stream",
    "tokens",
    "tools",
]
