"""Frames of Chat Completions in every form but the usual one, read field by field."""

from __future__ import annotations

import json
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from core.llm.adapters import values
from core.llm.adapters.chat.calls import Fragment
from core.llm.adapters.chat.calls import Function
from core.llm.base import Usage


@dataclass(slots=True)
class Frame:
    """What could be read of a frame; ``error`` is a document of any shape, ``text`` may hold halves of letters."""

    text: str = ""
    reasoning: str = ""
    tool_calls: list[Fragment] = field(default_factory=list)
    reason: str = ""
    usage: dict[str, Any] | None = None
    error: Any = None
    without_choices: bool = True


def read(payload: bytes) -> Frame | None:
    """None when the payload is no JSON object."""
    document = values.frame(payload)
    if document is None:
        return None
    frame = Frame(usage=values.mapping(document.get("usage")) or None, error=_error(document))
    choices = values.items(document.get("choices"))
    if choices:
        frame.without_choices = False
        _choice(choices[0], frame)
    return frame


def _error(document: dict[str, Any]) -> Any:
    if document.get("error"):
        return document
    if document.get("object") == "error" or document.get("type") == "error":
        return document
    if "choices" not in document and "usage" not in document and (document.get("detail") or document.get("message")):
        return document
    return None


def _choice(choice: dict[str, Any], frame: Frame) -> None:
    said = values.mapping(choice.get("delta")) or values.mapping(choice.get("message"))
    content = said.get("content")
    frame.text = values.text(content) or values.text(choice.get("text"))
    frame.reasoning = next(
        (found for name in ("reasoning", "reasoning_content", "thinking") if (found := values.text(said.get(name)))), ""
    ) or values.thoughts(content)
    frame.tool_calls = [_fragment(call) for call in values.items(said.get("tool_calls"))]
    reason = choice.get("finish_reason")
    frame.reason = reason if isinstance(reason, str) else ""


def _fragment(call: dict[str, Any]) -> Fragment:
    function = values.mapping(call.get("function"))
    arguments = function.get("arguments")
    if arguments is not None and not isinstance(arguments, str):
        arguments = json.dumps(arguments, ensure_ascii=False)
    index, name, call_id = call.get("index"), function.get("name"), call.get("id")
    return Fragment(
        index if isinstance(index, int) else None,
        call_id if isinstance(call_id, str) else str(call_id) if call_id is not None else None,
        Function(name if isinstance(name, str) else None, values.mended(arguments) if arguments else None),
        values.mapping(call.get("extra_content")) or None,
    )


def usage(said: dict[str, Any]) -> Usage | None:
    """What was counted, whether or not it can be true; None when it is not told.

    The total wins where it is more: Gemini's converter leaves the thoughts out of the completion.
    """
    prompt, completion = values.count(said.get("prompt_tokens")), values.count(said.get("completion_tokens"))
    total = values.count(said.get("total_tokens"))
    if prompt is None:
        return None
    read, wrote = (
        values.mapping(said.get("prompt_tokens_details")),
        values.mapping(said.get("completion_tokens_details")),
    )
    return Usage(
        prompt,
        max(completion or 0, (total or 0) - prompt),
        values.count(read.get("cached_tokens")) or values.count(said.get("prompt_cache_hit_tokens")) or 0,
        values.count(read.get("cache_write_tokens")) or 0,
        values.count(wrote.get("reasoning_tokens")),
        values.money(said.get("cost")),
    )
