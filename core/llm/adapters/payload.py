"""A request as the body of ``POST /chat/completions``."""

from __future__ import annotations

import base64
from typing import Any

import msgspec

from core.llm.base import Image
from core.llm.base import Message
from core.llm.base import Request

BLIND = "[A picture stood here; this model cannot see pictures.]"


def encode(request: Request, *, sends_usage: bool) -> bytes:
    """The JSON body, with the parameters that the model takes and no others."""
    model = request.model
    body: dict[str, Any] = {
        "model": model.wire_name,
        "messages": [_message(message, vision=model.vision) for message in request.messages],
        "stream": True,
    }
    if sends_usage:
        body["stream_options"] = {"include_usage": True}
    for name in ("max_completion_tokens", "max_tokens"):
        if name in model.parameters:
            body[name] = request.max_tokens
            break
    if request.temperature is not None and "temperature" in model.parameters:
        body["temperature"] = request.temperature
    if request.tools and model.tools:
        body["tools"] = [
            {
                "type": "function",
                "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
            }
            for tool in request.tools
        ]
    return msgspec.json.encode(body)


def _message(message: Message, *, vision: bool) -> dict[str, Any]:
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.tool_call_id, "content": message.content}
    if message.tool_calls:
        return {
            "role": message.role,
            "content": message.content or None,
            "tool_calls": [
                {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
                for call in message.tool_calls
            ],
        }
    if not message.images:
        return {"role": message.role, "content": message.content}
    if not vision:
        # A conversation may have begun with a model that sees.
        return {"role": message.role, "content": "\n\n".join([*[BLIND] * len(message.images), message.content])}
    return {"role": message.role, "content": [_text(message.content), *map(_picture, message.images)]}


def _text(content: str) -> dict[str, Any]:
    return {"type": "text", "text": content}


def _picture(image: Image) -> dict[str, Any]:
    encoded = base64.b64encode(image.data).decode("ascii")
    return {"type": "image_url", "image_url": {"url": f"data:{image.mime_type};base64,{encoded}"}}
