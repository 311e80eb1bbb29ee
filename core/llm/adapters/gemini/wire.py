"""Bytes of a Gemini stream → deltas.

An answer is a row of responses, each with parts: text, thoughts, calls. Nothing closes it but the end of the body; that
it was whole is told by a finish reason, which the last response has.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from core.llm.adapters import failures
from core.llm.adapters import values
from core.llm.adapters.reader import Reader
from core.llm.base import ToolCall
from core.llm.base import Usage
from core.llm.errors import Complaint
from core.llm.errors import ContentFiltered
from core.llm.errors import MalformedCall
from core.llm.errors import ModelError
from core.llm.errors import ProviderRefused
from core.llm.errors import ProviderRejectedKey


class _Part(msgspec.Struct, gc=False, rename="camel"):
    text: str | None = None
    thought: bool = False
    thought_signature: str | None = None
    function_call: msgspec.Raw = msgspec.Raw()


class _Content(msgspec.Struct, gc=False):
    parts: list[_Part] | None = None


class _Candidate(msgspec.Struct, gc=False, rename="camel"):
    content: _Content | None = None
    finish_reason: str | None = None


class _Feedback(msgspec.Struct, gc=False, rename="camel"):
    block_reason: str | None = None


class _Event(msgspec.Struct, gc=False, rename="camel"):
    candidates: list[_Candidate] | None = None
    prompt_feedback: _Feedback | None = None
    error: msgspec.Raw = msgspec.Raw()


class _Kept:
    """A part as it goes back: pieces of text that nobody signed grow together."""

    __slots__ = ("call", "signature", "texts", "thought")

    def __init__(self, part: _Part) -> None:
        self.texts = [part.text] if part.text else []
        self.thought = part.thought
        self.signature = part.thought_signature
        self.call = part.function_call

    def item(self) -> msgspec.Raw:
        """Empty for a thought that nobody signed: it is not read again."""
        if self.thought and not self.signature:
            return msgspec.Raw()
        part: dict[str, Any] = {"functionCall": self.call} if self.call else {"text": "".join(self.texts)}
        if self.thought:
            part["thought"] = True
        if self.signature:
            part["thoughtSignature"] = self.signature
        return msgspec.Raw(msgspec.json.encode(part))


class GeminiReader(Reader):
    """See :class:`Reader`."""

    __slots__ = ("_halves", "_kept", "_last", "_plain", "_stop_reason")
    _decode = msgspec.json.Decoder(_Event).decode

    def __init__(self, provider: str = "", model: str = "") -> None:
        super().__init__("gemini", provider, model)
        self._last = b""
        self._halves = values.Halves()
        self._kept: list[_Kept] = []
        self._plain: list[str] | None = None
        """The pieces of the last part, while it is text that nobody has signed."""
        self._stop_reason = ""

    def _take(self, event: _Event, payload: bytes, *, is_odd: bool = False) -> str:
        candidates = event.candidates
        if not candidates:
            self._other(event, payload)
            return ""
        self._last = payload  # it counts all that came before it as well
        candidate = candidates[0]
        if candidate.finish_reason:
            self._stop_reason = candidate.finish_reason
            self.closing = True
        content = candidate.content
        return self._parts(content.parts, is_odd) if content is not None and content.parts else ""

    def _odd(self, payload: bytes) -> _Event | None:
        return _odd_event(payload)

    def _other(self, event: _Event, payload: bytes) -> None:
        if event.error and bytes(event.error) != b"null":
            self.fail(failures.of_event(payload, provider=self.provider))
        elif event.prompt_feedback is not None and event.prompt_feedback.block_reason:
            self.usage = _usage(payload)
            self.fail(ContentFiltered())

    def _parts(self, parts: list[_Part], is_odd: bool) -> str:  # noqa: FBT001 - the innermost loop
        """The text of the parts; their thoughts and calls are taken in."""
        text = ""
        for part in parts:
            piece = part.text
            if part.thought or part.thought_signature or part.function_call:
                self._plain = None
                self._kept.append(_Kept(part))
                if piece and part.thought:
                    self.reasoning += piece
                    continue
            elif piece:
                if self._plain is None:
                    self._kept.append(kept := _Kept(part))
                    self._plain = kept.texts
                else:
                    self._plain.append(piece)
            if piece:
                text += self._halves.join(piece) if is_odd or self._halves.half else piece
        return text

    def _end(self) -> None:
        self._events(self._lines.close())
        if self.over:
            return
        if stray := self._lines.stray:
            self.document(stray)
        else:
            self._ended()

    def _ended(self) -> None:
        """The body is at its end; whole where a reason was told."""
        self.over = True
        self.text += self._halves.rest()
        self.usage = values.believable(_usage(self._last), wrote=self.wrote or bool(self._kept))
        reason = self._stop_reason
        if not reason:
            return
        if failure := _failure(reason):
            self.fail(failure)
            return
        for kept in self._kept:
            if kept.call and (call := _call(kept.call, len(self.calls))):
                self.calls += (call,)
        items = [kept.item() for kept in self._kept] if self.calls else []
        named = _REASONS.get(reason, "unknown")
        self.finish(
            "tool_calls" if self.calls and named in {"stop", "unknown"} else named,
            [item for item in items if bytes(item)],
        )

    def document(self, body: bytes) -> None:
        """All responses in one list, as they come where no stream was asked for, or one alone."""
        try:
            document = json.loads(body.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            document = None
        found = values.items(document if isinstance(document, list) else [document])
        if not found or any(set(response) & _NO_RESPONSE for response in found):
            self.fail(failures.of_event(body, provider=self.provider))
            return
        self._events([msgspec.json.encode(response) for response in found])
        if not self.over:
            self._ended()


_NO_RESPONSE = frozenset({"error", "detail", "message"})


def _call(told: msgspec.Raw, number: int) -> ToolCall | None:
    """A call; one without a name is none. Ids are rarely told, so one is made."""
    call = values.frame(bytes(told)) or {}
    name, call_id = call.get("name"), call.get("id")
    if not isinstance(name, str) or not name:
        return None
    made = call_id if isinstance(call_id, str) and call_id else f"call_{number}"
    return ToolCall(made, name, values.mended(json.dumps(values.mapping(call.get("args")), ensure_ascii=False)))


def _failure(reason: str) -> ModelError | None:
    """Why this end is none of an answer."""
    if reason in _MALFORMED:
        return MalformedCall()
    if reason == "MISSING_THOUGHT_SIGNATURE":
        failure = ProviderRefused()
        failure.complaint = Complaint(400, reason, "", "", "a thought_signature is missing")
        return failure
    return ProviderRejectedKey() if reason == "PUP_LIMITED_DISABLED" else None


_MALFORMED = frozenset({"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MALFORMED_RESPONSE"})
_REASONS = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    # The bound of one request; "Continue" asks for the rest.
    "CONTINUATION": "length",
    **dict.fromkeys(
        (
            "SAFETY",
            "RECITATION",
            "BLOCKLIST",
            "PROHIBITED_CONTENT",
            "SPII",
            "LANGUAGE",
            "ESCALATION",
            "MODEL_ARMOR",
            "IMAGE_SAFETY",
        ),
        "content_filter",
    ),
}


def _odd_event(payload: bytes) -> _Event | None:
    """A response of another form, field by field."""
    document = values.frame(payload)
    if document is None:
        return None
    candidates = []
    for candidate in values.items(document.get("candidates"))[:1]:
        parts = [_odd_part(part) for part in values.items(values.mapping(candidate.get("content")).get("parts"))]
        reason = candidate.get("finishReason")
        candidates.append(_Candidate(_Content(parts), reason if isinstance(reason, str) else None))
    blocked = values.mapping(document.get("promptFeedback")).get("blockReason")
    return _Event(
        candidates,
        _Feedback(blocked) if isinstance(blocked, str) else None,
        msgspec.Raw(b"{}") if document.get("error") else msgspec.Raw(),
    )


def _odd_part(part: dict[str, Any]) -> _Part:
    signature, thought, text = part.get("thoughtSignature"), part.get("thought") is True, values.text(part.get("text"))
    return _Part(
        values.mended(text) if thought else text,
        thought,
        signature if isinstance(signature, str) else None,
        _raw(values.mapping(part.get("functionCall"))),
    )


def _raw(document: dict[str, Any]) -> msgspec.Raw:
    return msgspec.Raw(json.dumps(document).encode() if document else b"")


def _usage(payload: bytes) -> Usage | None:
    """Thoughts are told beside what was written; what tools of the provider read, beside the prompt."""
    said = values.mapping((values.frame(payload) or {}).get("usageMetadata"))
    prompt = values.count(said.get("promptTokenCount"))
    if prompt is None:
        return None
    prompt += values.count(said.get("toolUsePromptTokenCount")) or 0
    thought = values.count(said.get("thoughtsTokenCount"))
    written = (values.count(said.get("candidatesTokenCount")) or 0) + (thought or 0)
    total = values.count(said.get("totalTokenCount")) or 0
    cached = values.count(said.get("cachedContentTokenCount")) or 0
    return Usage(prompt, max(written, total - prompt), cached, 0, thought)
