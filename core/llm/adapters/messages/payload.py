"""A request as the body of ``POST /v1/messages``."""

from __future__ import annotations

from typing import Any

import msgspec

from core.llm import abilities
from core.llm.adapters import turns
from core.llm.base import Message
from core.llm.base import Request
from core.llm.base import ToolCall

_BYTES_PER_TOKEN = 4
"""Roughly: to tell whether a prompt is long enough to be worth caching."""


def encode(request: Request) -> bytes:
    """The JSON body, with the parameters that the model takes and no others."""
    messages = turns.closed(request.messages)
    opening = turns.opening(messages)
    body: dict[str, Any] = {
        "model": request.model.wire_name,
        "messages": [
            {"role": role, "content": blocks}
            for role, blocks in turns.alternating(messages[len(opening) :], lambda message: _blocks(message, request))
        ],
        "max_tokens": request.max_tokens,
        "stream": True,
    }
    if opening:
        body["system"] = "\n\n".join(message.content for message in opening)
    effort = abilities.effort(request.model, request.effort, request.adjustments)
    temperature = abilities.temperature(request.model, request.temperature, effort)
    if temperature is not None:
        body["temperature"] = temperature
    if effort == "none":
        body["thinking"] = {"type": "disabled"}
    elif effort:
        # Unasked, thoughts come empty, and what is said between calls with them.
        body["thinking"] = {"type": "adaptive", "display": "summarized"}
    if output := _output(request, effort):
        body["output_config"] = output
    if request.tools and request.model.tools:
        body |= _tools(request)
    if request.person:
        body["metadata"] = {"user_id": request.person}
    if _worth_caching(request):
        body["cache_control"] = {"type": "ephemeral"}
    return msgspec.json.encode(turns.without(body, request.adjustments.without))


def _output(request: Request, effort: str | None) -> dict[str, Any]:
    asked: dict[str, Any] = {"effort": effort} if effort and effort != "none" else {}
    if request.schema and abilities.of(request.model).schema and request.adjustments.json == "schema":
        asked["format"] = {"type": "json_schema", "schema": request.schema.schema}
    return asked


def _tools(request: Request) -> dict[str, Any]:
    choice = abilities.choice(request.model, request.tool_choice)
    kinds = {"auto": "auto", "none": "none", "required": "any"}
    chosen: dict[str, Any] = {"type": kinds[choice]} if choice in kinds else {"type": "tool", "name": choice}
    if not request.parallel and choice != "none":
        chosen["disable_parallel_tool_use"] = True
    asked: dict[str, Any] = {
        "tools": [
            {"name": tool.name, "description": tool.description, "input_schema": tool.parameters}
            for tool in request.tools
        ]
    }
    return asked if chosen == {"type": "auto"} else asked | {"tool_choice": chosen}


def _worth_caching(request: Request) -> bool:
    least = abilities.of(request.model).cache_least
    if least is None or not request.cache:
        return False
    return sum(len(message.content) for message in request.messages) >= least * _BYTES_PER_TOKEN


def _blocks(message: Message, request: Request) -> list[Any]:
    if message.role == "tool":
        return [{"type": "tool_result", "tool_use_id": message.tool_call_id, "content": message.content}]
    if message.role == "assistant" and (items := turns.state_items(message.state, request, "messages")):
        return list(items)
    blocks: list[Any] = [
        {"type": "image", "source": {"type": "base64", "media_type": mime_type, "data": data}}
        for mime_type, data in turns.images(message, request.model)
    ]
    for name, data in turns.documents(message, request.model):
        source = {"type": "base64", "media_type": "application/pdf", "data": data}
        blocks.append({"type": "document", "source": source, "title": name})
    text = turns.content(message, request.model)
    if text.strip():  # a block without a visible letter is refused
        blocks.append({"type": "text", "text": text})
    return blocks + [_use(call) for call in message.tool_calls]


def _use(call: ToolCall) -> dict[str, Any]:
    return {"type": "tool_use", "id": call.id, "name": call.name, "input": turns.arguments(call.arguments)}
