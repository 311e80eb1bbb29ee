"""The demo model's way with tools: a question that names one gets it called, with arguments that fit its schema."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import msgspec

from core.llm.base import Message
from core.llm.base import Tool
from core.llm.base import ToolCall

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_QUOTED = re.compile(r"[\"'“«`]([^\"'”»`]+)[\"'”»`]")


def call_for(messages: Sequence[Message], tools: Sequence[Tool]) -> ToolCall | None:
    """The call that the last message asks for; None when it is no question or names no tool."""
    if not messages or messages[-1].role != "user":
        return None
    question = messages[-1].content
    spoken = question.lower()
    for tool in tools:
        name = tool.name.lower()
        if name in spoken or name.replace("_", " ") in spoken:
            arguments = msgspec.json.encode(_arguments(tool.parameters, question)).decode()
            digest = hashlib.sha256(f"{tool.name}{arguments}{len(messages)}".encode()).hexdigest()
            return ToolCall(id=f"call_{digest[:24]}", name=tool.name, arguments=arguments)
    return None


def _arguments(schema: Mapping[str, Any], question: str) -> dict[str, Any]:
    numbers = _NUMBER.findall(question)
    quoted = _QUOTED.findall(question)
    properties = schema.get("properties", {})
    wanted = schema.get("required") or list(properties)
    return {name: _fitting(properties.get(name, {}), question, numbers, quoted) for name in wanted}


def _fitting(schema: Mapping[str, Any], question: str, numbers: list[str], quoted: list[str]) -> Any:
    """A value of the schema's type, taken from the question where it holds one."""
    if "enum" in schema:
        return next((value for value in schema["enum"] if str(value).lower() in question.lower()), schema["enum"][0])
    match schema.get("type"):
        case "integer":
            return int(float(numbers.pop(0))) if numbers else 0
        case "number":
            return float(numbers.pop(0)) if numbers else 0.0
        case "boolean":
            return True
        case "array":
            return []
        case "object":
            return _arguments(schema, question)
        case _:
            return quoted.pop(0) if quoted else " ".join(question.split()[-1:]).strip(".,:;!?")
