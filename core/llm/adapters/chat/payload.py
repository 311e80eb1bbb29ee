"""A request as the body of ``POST /chat/completions``."""

from __future__ import annotations

from typing import Any

import msgspec

from core.llm import abilities
from core.llm.adapters import turns
from core.llm.base import Message
from core.llm.base import ProviderConfig
from core.llm.base import Request
from core.llm.base import ToolCall


def encode(request: Request, config: ProviderConfig) -> bytes:
    """The JSON body, with the parameters that the model takes and no others."""
    body: dict[str, Any] = {
        "model": request.model.wire_name,
        "messages": [_message(message, request) for message in turns.closed(request.messages)],
        "stream": True,
    }
    if config.sends_usage:
        body["stream_options"] = {"include_usage": True}
    if limit := _limit(request):
        body[limit] = request.max_tokens
    effort = abilities.effort(request.model, request.effort, request.adjustments)
    temperature = abilities.temperature(request.model, request.temperature, effort)
    if temperature is not None:
        body["temperature"] = temperature
    body |= _thinking(effort, config.name)
    if request.tools and request.model.tools:
        body |= _tools(request)
    if request.verbosity and abilities.of(request.model).verbosity:
        body["verbosity"] = request.verbosity
    body |= _format(request)
    return msgspec.json.encode(turns.without(body, request.adjustments.without))


def _limit(request: Request) -> str:
    """What the bound of the answer is called; empty where the model takes none."""
    known = [name for name in ("max_completion_tokens", "max_tokens") if name in request.model.parameters]
    return request.adjustments.limit or (known[0] if known else "")


def _thinking(effort: str | None, provider: str) -> dict[str, Any]:
    """The effort in the words of the provider, and that its thoughts are wanted where they are not told unasked."""
    if provider == "openrouter":
        return {"reasoning": {"effort": effort}} if effort else {}
    asked: dict[str, Any] = {"reasoning_effort": effort} if effort else {}
    if provider == "gemini" and effort and effort != "none":
        asked["extra_body"] = {"google": {"thinking_config": {"include_thoughts": True}}}
    return asked


def _tools(request: Request) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "tools": [
            {
                "type": "function",
                "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
            }
            for tool in request.tools
        ]
    }
    choice = abilities.choice(request.model, request.tool_choice)
    if choice in {"none", "required"}:
        asked["tool_choice"] = choice
    elif choice != "auto":
        asked["tool_choice"] = {"type": "function", "function": {"name": choice}}
    if not request.parallel:
        asked["parallel_tool_calls"] = False
    return asked


def _format(request: Request) -> dict[str, Any]:
    schema = request.schema
    if schema is None or not abilities.of(request.model).schema or request.adjustments.json == "none":
        return {}
    if request.adjustments.json == "object":
        return {"response_format": {"type": "json_object"}}
    asked = {"name": schema.name, "schema": schema.schema, "strict": schema.strict}
    return {"response_format": {"type": "json_schema", "json_schema": asked}}


def _message(message: Message, request: Request) -> dict[str, Any]:
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.tool_call_id, "content": message.content}
    content = turns.content(message, request.model)
    if message.tool_calls:
        return _calling(message, content, request)
    pictures = turns.images(message, request.model)
    if not pictures:
        return {"role": message.role, "content": content}
    parts = [
        {"type": "image_url", "image_url": {"url": f"data:{mime_type};base64,{data}"}} for mime_type, data in pictures
    ]
    return {"role": message.role, "content": [{"type": "text", "text": content}, *parts]}


class _Item(msgspec.Struct):
    """An item of a state as :class:`core.llm.adapters.chat.wire.ChatReader` keeps it."""

    detail: msgspec.Raw = msgspec.Raw()
    call: str = ""
    extra: msgspec.Raw = msgspec.Raw()


def _calling(message: Message, content: str, request: Request) -> dict[str, Any]:
    items = [msgspec.json.decode(item, type=_Item) for item in turns.state_items(message.state, request, "chat")]
    extras = {item.call: item.extra for item in items if item.call}
    said: dict[str, Any] = {
        "role": message.role,
        "content": content or None,
        "tool_calls": [_call(call, extras.get(call.id)) for call in message.tool_calls],
    }
    if details := [item.detail for item in items if not item.call]:
        said["reasoning_details"] = details
    return said


def _call(call: ToolCall, extra: msgspec.Raw | None) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": call.arguments},
    }
    return asked if extra is None else asked | {"extra_content": extra}
