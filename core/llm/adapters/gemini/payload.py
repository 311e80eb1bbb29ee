"""A request as the body of ``POST /models/{model}:streamGenerateContent``."""

from __future__ import annotations

from typing import Any

import msgspec

from core.llm import abilities
from core.llm.adapters import turns
from core.llm.base import Message
from core.llm.base import Request
from core.llm.base import ToolCall

UNSIGNED = "skip_thought_signature_validator"
"""What stands for the signature of a call that this model did not make, or whose signature is lost; without one a call
is refused: https://ai.google.dev/gemini-api/docs/thought-signatures, looked up in November 2026."""


def encode(request: Request) -> bytes:
    """The JSON body, with the parameters that the model takes and no others."""
    messages = turns.closed(request.messages)
    opening = turns.opening(messages)
    body: dict[str, Any] = {"contents": _contents(messages[len(opening) :], request)}
    if opening:
        body["systemInstruction"] = {"parts": [{"text": "\n\n".join(message.content for message in opening)}]}
    body["generationConfig"] = _config(request)
    if request.tools and request.model.tools:
        body |= _tools(request)
    return msgspec.json.encode(turns.without(body, request.adjustments.without))


def _config(request: Request) -> dict[str, Any]:
    asked: dict[str, Any] = {"maxOutputTokens": request.max_tokens}
    effort = abilities.effort(request.model, request.effort, request.adjustments)
    temperature = abilities.temperature(request.model, request.temperature, effort)
    if temperature is not None:
        asked["temperature"] = temperature
    if effort == "none":
        asked["thinkingConfig"] = {"thinkingBudget": 0}
    elif effort:
        asked["thinkingConfig"] = {"thinkingLevel": effort, "includeThoughts": True}
    if request.schema and abilities.of(request.model).schema and request.adjustments.json != "none":
        asked["responseMimeType"] = "application/json"
        if request.adjustments.json == "schema":
            asked["responseJsonSchema"] = request.schema.schema
    return asked


def _tools(request: Request) -> dict[str, Any]:
    """The tools, and the choice among them. Whether several are called at once cannot be told."""
    declared = [
        {"name": tool.name, "description": tool.description, "parametersJsonSchema": tool.parameters}
        for tool in request.tools
    ]
    asked: dict[str, Any] = {"tools": [{"functionDeclarations": declared}]}
    choice = abilities.choice(request.model, request.tool_choice)
    modes = {"none": "NONE", "required": "ANY"}
    if choice in modes:
        asked["toolConfig"] = {"functionCallingConfig": {"mode": modes[choice]}}
    elif choice != "auto":
        asked["toolConfig"] = {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": [choice]}}
    return asked


def _contents(messages: list[Message], request: Request) -> list[dict[str, Any]]:
    calls = _Calls()
    return [
        {"role": "model" if role == "assistant" else "user", "parts": parts}
        for role, parts in turns.alternating(messages, lambda message: _parts(message, request, calls))
    ]


class _Calls:
    """Names of the calls so far, and which of their ids are the model's own: those only may be told back."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.own: set[str] = set()

    def said(self, message: Message, items: list[msgspec.Raw]) -> None:
        self.names |= {call.id: call.name for call in message.tool_calls}
        for item in items:
            told = msgspec.json.decode(item, type=_Item).function_call
            if told is not None and told.id:
                self.own.add(told.id)


class _Told(msgspec.Struct):
    id: str | None = None


class _Item(msgspec.Struct, rename="camel"):
    """A part of a state as :class:`core.llm.adapters.gemini.wire.GeminiReader` keeps it."""

    function_call: _Told | None = None


def _parts(message: Message, request: Request, calls: _Calls) -> list[Any]:
    if message.role == "tool":
        told: dict[str, Any] = {
            "name": calls.names.get(message.tool_call_id, ""),
            "response": {"output": message.content},
        }
        if message.tool_call_id in calls.own:
            told["id"] = message.tool_call_id
        return [{"functionResponse": told}]
    if message.role == "assistant":
        items = turns.state_items(message.state, request, "gemini")
        calls.said(message, items)
        if items:
            return list(items)
    parts: list[Any] = [
        {"inlineData": {"mimeType": mime_type, "data": data}}
        for mime_type, data in turns.images(message, request.model)
    ]
    parts += [
        {"inlineData": {"mimeType": "application/pdf", "data": data}}
        for _name, data in turns.documents(message, request.model)
    ]
    text = turns.content(message, request.model)
    if text:
        parts.append({"text": text})
    called = [_call(call) for call in message.tool_calls]
    if called:
        # One for all calls of a turn, beside the first, as the model itself signs them.
        called[0]["thoughtSignature"] = UNSIGNED
    return parts + called


def _call(call: ToolCall) -> dict[str, Any]:
    return {"functionCall": {"name": call.name, "args": turns.arguments(call.arguments)}}
