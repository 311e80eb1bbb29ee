"""What Google's server says, response by response, written from the types of its SDK (google-genai 3.6)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from core.llm.tests.vendor_scripts import CALLS
from core.llm.tests.vendor_scripts import TEXT
from core.llm.tests.vendor_scripts import THOUGHT

SIGNATURE = "c2lnbmVkIGJ5IEdvb2dsZQ=="
USAGE = {
    "promptTokenCount": 1000,
    "cachedContentTokenCount": 800,
    "candidatesTokenCount": 50,
    "thoughtsTokenCount": 250,
    "totalTokenCount": 1300,
    "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 1000}],
}
Responses = list[dict[str, Any]]


def _said(*parts: dict[str, Any], finish: str | None = None, counted: bool = True) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": list(parts), "role": "model"}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    so_far = USAGE if counted else {"promptTokenCount": 1000, "totalTokenCount": 1000}
    return {
        "candidates": [candidate],
        "usageMetadata": so_far,
        "modelVersion": "gemini-4-argon",
        "responseId": "r1",
    }


def _ended(finish: str) -> dict[str, Any]:
    """A last response without content, as filters and mistakes bring it."""
    return {"candidates": [{"finishReason": finish, "index": 0}], "usageMetadata": USAGE, "responseId": "r1"}


def _thought() -> Responses:
    return [_said({"text": piece, "thought": True}, counted=False) for piece in (THOUGHT[:9], THOUGHT[9:])]


def _text(text: str = TEXT) -> Responses:
    half = len(text) // 2
    return [_said({"text": piece}, counted=False) for piece in (text[:half], text[half:])]


def _called(call: tuple[str, str, str], *, signed: bool, named: bool = True) -> dict[str, Any]:
    call_id, name, arguments = call
    part: dict[str, Any] = {"functionCall": {"name": name, "args": json.loads(arguments)}}
    if named:
        part["functionCall"]["id"] = call_id
    return part | ({"thoughtSignature": SIGNATURE} if signed else {})


def _closed(finish: str = "STOP") -> dict[str, Any]:
    """The last one mostly carries a signature beside no text."""
    return _said({"text": "", "thoughtSignature": SIGNATURE}, finish=finish)


def plain() -> Responses:
    return [*_text(), _closed()]


BLOCKED = {
    "promptFeedback": {"blockReason": "PROHIBITED_CONTENT"},
    "usageMetadata": {"promptTokenCount": 1000, "totalTokenCount": 1000},
    "modelVersion": "gemini-4-argon",
}
OVERLOADED = {"error": {"code": 503, "message": "The model is overloaded. Please try again.", "status": "UNAVAILABLE"}}
SCRIPTS: dict[str, Callable[[], Responses]] = {
    "plain": plain,
    "thinking": lambda: [*_thought(), *_text(), _closed()],
    "tools": lambda: [*_thought(), _said(_called(CALLS[0], signed=True)), _said({"text": ""}, finish="STOP")],
    "parallel": lambda: [
        *_thought(),
        *_text("Let me look."),
        _said(_called(CALLS[0], signed=True), _called(CALLS[1], signed=False)),
        _said({"text": ""}, finish="STOP"),
    ],
    "nameless": lambda: [_said(_called(CALLS[0], signed=True, named=False), finish="STOP")],
    "eaten": lambda: [*_thought(), _ended("MAX_TOKENS")],
    "length": lambda: [*_text(), _closed("MAX_TOKENS")],
    "continuation": lambda: [*_text(), _closed("CONTINUATION")],
    "filter": lambda: [*_text(), _ended("SAFETY")],
    "recitation": lambda: [*_text(), _ended("RECITATION")],
    "other": lambda: [*_text(), _ended("OTHER")],
    "empty": lambda: [_ended("STOP")],
    "blocked": lambda: [BLOCKED],
    "malformed": lambda: [*_thought(), _ended("MALFORMED_FUNCTION_CALL")],
    "limited": lambda: [_ended("PUP_LIMITED_DISABLED")],
    "overloaded_late": lambda: [*_text(), OVERLOADED],
    "unknown_events": lambda: [{"somethingNew": [1]}, {"candidates": []}, *plain()],
}
