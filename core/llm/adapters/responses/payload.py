"""A request as the body of ``POST /responses``. Nothing is stored there: the state goes back with its turn."""

from __future__ import annotations

from typing import Any

import msgspec

from core.llm import abilities
from core.llm.adapters import turns
from core.llm.base import Message
from core.llm.base import ProviderConfig
from core.llm.base import Request

LEAST_TOKENS = 16
"""Less is refused."""


def encode(request: Request, config: ProviderConfig) -> bytes:
    """The JSON body, with the parameters that the model takes and no others."""
    messages = turns.closed(request.messages)
    opening = turns.opening(messages)
    body: dict[str, Any] = {
        "model": request.model.wire_name,
        "input": [item for message in messages[len(opening) :] for item in _items(message, request, config)],
        "stream": True,
        "store": False,
        "max_output_tokens": most(request),
    }
    if opening:
        body["instructions"] = "\n\n".join(message.content for message in opening)
    effort = abilities.effort(request.model, request.effort, request.adjustments)
    temperature = abilities.temperature(request.model, request.temperature, effort)
    if temperature is not None:
        body["temperature"] = temperature
    if effort:
        body["reasoning"] = {"effort": effort} | ({"summary": "auto"} if effort != "none" else {})
    if text := _text(request):
        body["text"] = text
    if request.tools and request.model.tools:
        body |= _tools(request)
        if effort:
            body["include"] = ["reasoning.encrypted_content"]
    if request.thread and request.cache and not config.foreign:
        body["prompt_cache_key"] = request.thread
    if request.person and not config.foreign:
        body["safety_identifier"] = request.person
    return msgspec.json.encode(turns.without(body, request.adjustments.without))


def most(request: Request) -> int:
    """How many tokens the answer may take, thoughts among them."""
    return max(LEAST_TOKENS, request.max_tokens)


def _text(request: Request) -> dict[str, Any]:
    row = abilities.of(request.model)
    asked: dict[str, Any] = {}
    if request.verbosity and row.verbosity:
        asked["verbosity"] = request.verbosity
    schema = request.schema
    if schema is not None and row.schema and request.adjustments.json != "none":
        asked["format"] = {"type": "json_object"}
        if request.adjustments.json == "schema":
            asked["format"] = {
                "type": "json_schema",
                "name": schema.name,
                "schema": schema.schema,
                "strict": schema.strict,
            }
    return asked


def _tools(request: Request) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "tools": [
            {
                "type": "function",
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.parameters,
                # Left out, it is true here, and a schema of ours need not be fit for that.
                "strict": False,
            }
            for tool in request.tools
        ]
    }
    choice = abilities.choice(request.model, request.tool_choice)
    if choice in {"none", "required"}:
        asked["tool_choice"] = choice
    elif choice != "auto":
        asked["tool_choice"] = {"type": "function", "name": choice}
    if not request.parallel:
        asked["parallel_tool_calls"] = False
    return asked


def _items(message: Message, request: Request, config: ProviderConfig) -> list[Any]:
    if message.role == "tool":
        return [{"type": "function_call_output", "call_id": message.tool_call_id, "output": message.content}]
    if message.role == "assistant":
        # The turn exactly as it came, thoughts before their calls.
        return turns.state_items(message.state, request, "responses") or _said(message, config)
    content: list[dict[str, Any]] = []
    if text := turns.content(message, request.model):
        content.append({"type": "input_text", "text": text})
    for mime_type, data in turns.images(message, request.model):
        content.append({"type": "input_image", "image_url": f"data:{mime_type};base64,{data}", "detail": "auto"})
    for name, data in turns.documents(message, request.model):
        content.append({"type": "input_file", "filename": name, "file_data": f"data:application/pdf;base64,{data}"})
    role = "developer" if message.role == "system" else message.role
    return [{"type": "message", "role": role, "content": content}] if content else []


def _said(message: Message, config: ProviderConfig) -> list[Any]:
    items: list[Any] = []
    if message.content:
        said: dict[str, Any] = {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": message.content, "annotations": []}],
        }
        if not message.tool_calls and not config.foreign:
            said["phase"] = "final_answer"
        items.append(said)
    items += [
        {"type": "function_call", "call_id": call.id, "name": call.name, "arguments": call.arguments}
        for call in message.tool_calls
    ]
    return items
