"""What the makers' servers say, event by event, written from the types of their SDKs (November 2026)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

TEXT = "Gold mends the bowl."
THOUGHT = "The person asks about kintsugi."
OPENAI_USAGE = {
    "input_tokens": 1000,
    "input_tokens_details": {"cached_tokens": 800, "cache_write_tokens": 120},
    "output_tokens": 300,
    "output_tokens_details": {"reasoning_tokens": 250},
    "total_tokens": 1300,
}
ANTHROPIC_INPUT = {"input_tokens": 80, "cache_read_input_tokens": 800, "cache_creation_input_tokens": 120}
ANTHROPIC_OUTPUT = {"output_tokens": 300, "output_tokens_details": {"thinking_tokens": 250}}
CALLS = (("call_1", "get_weather", '{"city": "Kyiv"}'), ("call_2", "get_time", '{"zone": "UTC"}'))


# The scripts of Responses ----------------------------------------------------------------------------------------


def _response(status: str, output: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1764460800,
        "model": "gpt-6.2-sol",
        "status": status,
        "output": output,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": OPENAI_USAGE if status in {"completed", "incomplete"} else None,
        "error": None,
        "incomplete_details": None,
        **more,
    }


def _opening() -> list[dict[str, Any]]:
    begun = _response("in_progress", [])
    return [{"type": "response.created", "response": begun}, {"type": "response.in_progress", "response": begun}]


def _reasoning(index: int, *, summary: bool = True) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    name = f"rs_{index}"
    place = {"item_id": name, "output_index": index, "summary_index": 0}
    part = {"type": "summary_text", "text": THOUGHT}
    item = {
        "type": "reasoning",
        "id": name,
        "summary": [part] if summary else [],
        "encrypted_content": "gAAA-whole",
    }
    half = item | {"summary": [], "encrypted_content": "gAAA-half"}
    events: list[dict[str, Any]] = [{"type": "response.output_item.added", "output_index": index, "item": half}]
    if summary:
        kind = "response.reasoning_summary_"
        events += [
            {"type": f"{kind}part.added", **place, "part": {"type": "summary_text", "text": ""}},
            *({"type": f"{kind}text.delta", **place, "delta": piece} for piece in (THOUGHT[:9], THOUGHT[9:])),
            {"type": f"{kind}text.done", **place, "text": THOUGHT},
            {"type": f"{kind}part.done", **place, "part": part},
        ]
    return [*events, {"type": "response.output_item.done", "output_index": index, "item": item}], item


def _said(
    index: int, text: str = TEXT, phase: str = "final_answer", *, refused: bool = False
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    name = f"msg_{index}"
    place = {"item_id": name, "output_index": index, "content_index": 0}
    key, kind = ("refusal", "refusal") if refused else ("text", "output_text")
    part: dict[str, Any] = {"type": kind, key: text} | ({} if refused else {"annotations": [], "logprobs": []})
    item = {
        "type": "message",
        "id": name,
        "role": "assistant",
        "status": "completed",
        "phase": phase,
        "content": [part],
    }
    more = {} if refused else {"logprobs": [], "obfuscation": "x8Jk2"}
    half = len(text) // 2
    return [
        {
            "type": "response.output_item.added",
            "output_index": index,
            "item": item | {"status": "in_progress", "content": []},
        },
        {"type": "response.content_part.added", **place, "part": part | {key: ""}},
        *({"type": f"response.{kind}.delta", **place, "delta": piece, **more} for piece in (text[:half], text[half:])),
        {"type": f"response.{kind}.done", **place, key: text} | ({} if refused else {"logprobs": []}),
        {"type": "response.content_part.done", **place, "part": part},
        {"type": "response.output_item.done", "output_index": index, "item": item},
    ], item


def _called(index: int, call_id: str, name: str, arguments: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    item = {
        "type": "function_call",
        "id": f"fc_{index}",
        "call_id": call_id,
        "name": name,
        "arguments": arguments,
        "status": "completed",
    }
    place = {"item_id": item["id"], "output_index": index}
    half = len(arguments) // 2
    kind = "response.function_call_arguments"
    return [
        {
            "type": "response.output_item.added",
            "output_index": index,
            "item": item | {"arguments": "", "status": "in_progress"},
        },
        *({"type": f"{kind}.delta", **place, "delta": piece} for piece in (arguments[:half], arguments[half:])),
        {"type": f"{kind}.done", **place, "name": name, "arguments": arguments},
        {"type": "response.output_item.done", "output_index": index, "item": item},
    ], item


def _told(
    *parts: tuple[list[dict[str, Any]], dict[str, Any]], status: str = "completed", **more: Any
) -> list[dict[str, Any]]:
    events = _opening()
    for part, _item in parts:
        events += part
    response = _response(status, [item for _part, item in parts], **more)
    return [*events, {"type": f"response.{status}", "response": response}]


def plain_response() -> list[dict[str, Any]]:
    return _told(_said(0))


def _unknown() -> list[dict[str, Any]]:
    events = plain_response()
    return [*events[:5], {"type": "response.something.new", "delta": {"odd": 1}}, {"type": "keepalive"}, *events[5:]]


OPENAI_SCRIPTS: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "plain": plain_response,
    "thinking": lambda: _told(_reasoning(0), _said(1)),
    "hidden": lambda: _told(_reasoning(0, summary=False), _said(1)),
    "commentary": lambda: _told(_said(0, "Let me look.", "commentary"), _said(1)),
    "tools": lambda: _told(_reasoning(0), _called(1, *CALLS[0])),
    "parallel": lambda: _told(_reasoning(0), _called(1, *CALLS[0]), _called(2, *CALLS[1])),
    "eaten": lambda: _told(_reasoning(0), status="incomplete", incomplete_details={"reason": "max_output_tokens"}),
    "length": lambda: _told(_said(0), status="incomplete", incomplete_details={"reason": "max_output_tokens"}),
    "filter": lambda: _told(_said(0), status="incomplete", incomplete_details={"reason": "content_filter"}),
    "refusal": lambda: _told(_said(0, "I cannot help with that.", refused=True)),
    "empty": _told,
    "failed": lambda: _told(_said(0), status="failed", error={"code": "server_error", "message": "Sorry."}),
    "bio": lambda: _told(status="failed", error={"code": "bio_policy", "message": "No."}),
    "error_event": lambda: [
        *plain_response()[:-1],
        {"type": "error", "code": "rate_limit_exceeded", "message": "Slow down.", "param": None},
    ],
    "unknown_events": _unknown,
    "wants_thought": plain_response,
}

# The scripts of Messages -----------------------------------------------------------------------------------------


def _message_start() -> dict[str, Any]:
    message: dict[str, Any] = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-opus-5-5",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {**ANTHROPIC_INPUT, "output_tokens": 1},
    }
    return {"type": "message_start", "message": message}


def _block(index: int, begun: dict[str, Any], *deltas: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"type": "content_block_start", "index": index, "content_block": begun},
        {"type": "ping"},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


def _thinking_block(index: int, signature: str) -> list[dict[str, Any]]:
    return _block(
        index,
        {"type": "thinking", "thinking": "", "signature": ""},
        {"type": "thinking_delta", "thinking": THOUGHT[:9]},
        {"type": "thinking_delta", "thinking": THOUGHT[9:]},
        {"type": "signature_delta", "signature": signature},
    )


def _text_block(index: int, text: str = TEXT) -> list[dict[str, Any]]:
    half = len(text) // 2
    return _block(
        index,
        {"type": "text", "text": ""},
        {"type": "text_delta", "text": text[:half]},
        {"type": "text_delta", "text": text[half:]},
    )


def _use_block(index: int, call_id: str, name: str, arguments: str) -> list[dict[str, Any]]:
    half = len(arguments) // 2
    return _block(
        index,
        {"type": "tool_use", "id": call_id, "name": name, "input": {}},
        {"type": "input_json_delta", "partial_json": ""},
        {"type": "input_json_delta", "partial_json": arguments[:half]},
        {"type": "input_json_delta", "partial_json": arguments[half:]},
    )


def _stopped(reason: str, **more: Any) -> list[dict[str, Any]]:
    delta = {"stop_reason": reason, "stop_sequence": None, **more}
    return [{"type": "message_delta", "delta": delta, "usage": ANTHROPIC_OUTPUT}, {"type": "message_stop"}]


def plain_message(_signature: str) -> list[dict[str, Any]]:
    return [_message_start(), *_text_block(0), *_stopped("end_turn")]


_OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}, "request_id": "req_1"}
ANTHROPIC_SCRIPTS: dict[str, Callable[[str], list[dict[str, Any]]]] = {
    "plain": plain_message,
    "thinking": lambda s: [_message_start(), *_thinking_block(0, s), *_text_block(1), *_stopped("end_turn")],
    "tools": lambda s: [_message_start(), *_thinking_block(0, s), *_use_block(1, *CALLS[0]), *_stopped("tool_use")],
    "parallel": lambda s: [
        _message_start(),
        *_thinking_block(0, s),
        *_text_block(1, "Let me look."),
        *_use_block(2, *CALLS[0]),
        *_use_block(3, *CALLS[1]),
        *_stopped("tool_use"),
    ],
    "eaten": lambda s: [_message_start(), *_thinking_block(0, s), *_stopped("max_tokens")],
    "length": lambda _s: [_message_start(), *_text_block(0), *_stopped("max_tokens")],
    "refusal": lambda _s: [
        _message_start(),
        *_text_block(0, "I"),
        *_stopped("refusal", stop_details={"type": "refusal", "category": "bio", "explanation": None}),
    ],
    "window": lambda _s: [_message_start(), *_text_block(0), *_stopped("model_context_window_exceeded")],
    "empty": lambda _s: [_message_start(), *_stopped("end_turn")],
    "overloaded_late": lambda _s: [_message_start(), *_text_block(0), _OVERLOADED],
    "unknown_events": lambda s: [{"type": "something_new", "index": "odd"}, *plain_message(s)],
}
