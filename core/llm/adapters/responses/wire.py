"""Bytes of a Responses stream → deltas.

Each event names its type. Text and thoughts come in deltas; calls, and what goes back to the model, come whole with
``output_item.done``. Only ``response.completed`` and ``response.incomplete`` end an answer.
"""

from __future__ import annotations

from typing import Any

import msgspec

from core.llm.adapters import failures
from core.llm.adapters import values
from core.llm.adapters.reader import Reader
from core.llm.base import ToolCall
from core.llm.base import Usage

_NOTHING = msgspec.Raw()


class _Event(msgspec.Struct, gc=False):
    type: str = ""
    delta: str | None = None
    item_id: str | None = None
    item: msgspec.Raw = _NOTHING
    response: msgspec.Raw = _NOTHING
    error: Any = None


_TEXT = "response.output_text.delta"
_ARGUMENTS = "response.function_call_arguments.delta"
_THOUGHTS = frozenset({"response.reasoning_summary_text.delta", "response.reasoning_text.delta"})
_ENDS = frozenset({"response.completed", "response.incomplete", "response.failed"})


class ResponsesReader(Reader):
    """See :class:`Reader`."""

    __slots__ = ("_asides", "_called", "_halves", "_items", "_most", "_refused")
    _decode = msgspec.json.Decoder(_Event).decode

    def __init__(self, provider: str = "", model: str = "", most: int = 0) -> None:
        """``most`` is how many tokens the answer was allowed; 0 when that is not known."""
        super().__init__("responses", provider, model)
        self._most = most
        self._asides: set[str] = set()
        self._called: set[str] = set()
        self._items: list[msgspec.Raw] = []
        self._halves = values.Halves()
        self._refused = False

    def _take(self, event: _Event, payload: bytes, *, is_odd: bool = False) -> str:
        if event.type == _TEXT:
            text = event.delta or ""
            if text and (is_odd or self._halves.half):
                text = self._halves.join(text)
            if not self._asides or event.item_id not in self._asides:
                return text
            self.reasoning += text
        elif event.error is not None or event.type != _ARGUMENTS:
            self._other(event, payload)
        return ""

    def _odd(self, payload: bytes) -> _Event | None:
        return _odd_event(payload)

    def _other(self, event: _Event, payload: bytes) -> None:
        kind = event.type
        if event.error is not None or kind == "error":
            self.fail(failures.of_event(payload, provider=self.provider))
        elif kind in _THOUGHTS:
            self.reasoning += values.mended(event.delta or "")
        elif kind == "response.reasoning_summary_part.added":
            if self.reasoning or self._thought:
                self.reasoning += "\n\n"
        elif kind == "response.refusal.delta":
            self._refused = True
            self.text += values.mended(event.delta or "")
        elif kind == "response.output_item.added":
            item = values.frame(bytes(event.item)) or {}
            if item.get("phase") == "commentary":
                self._asides.add(str(item.get("id")))
        elif kind == "response.output_item.done":
            self._item(bytes(event.item))
        elif kind in _ENDS:
            self._ended(values.frame(bytes(event.response)) or {})

    def _item(self, raw: bytes) -> None:
        """A whole piece of the output, kept as it came for the next turn."""
        item = values.frame(raw)
        if item is None:
            return
        kind = item.get("type")
        if kind == "function_call":
            self._call(item)
        if kind in {"function_call", "message"}:
            self._items.append(msgspec.Raw(raw))
        elif kind == "reasoning" and item.get("encrypted_content"):
            if item.get("content") is None and isinstance(item.get("summary"), list):
                self._items.append(msgspec.Raw(raw))
            else:
                kept = {name: value for name, value in item.items() if name != "content"} | {
                    "summary": values.items(item.get("summary"))
                }
                self._items.append(msgspec.Raw(msgspec.json.encode(kept)))

    def _call(self, item: dict[str, Any]) -> None:
        call_id, name, arguments = item.get("call_id") or item.get("id"), item.get("name"), item.get("arguments")
        if not isinstance(name, str) or not name or call_id in self._called:
            return
        if not isinstance(arguments, str):
            arguments = msgspec.json.encode(arguments or {}).decode()
        call = ToolCall(str(call_id or f"call_{len(self._called)}"), name, arguments)
        self._called.add(call.id)
        self.calls += (call,)

    def _ended(self, response: dict[str, Any]) -> None:
        self.usage = values.believable(_usage(values.mapping(response.get("usage"))), wrote=self.wrote)
        if response.get("status") == "failed" or response.get("error"):
            self.fail(failures.of_document(response.get("error") or response, provider=self.provider))
            return
        self._catch_up(values.items(response.get("output")))
        self.text += self._halves.rest()
        self.over = True
        details = values.mapping(response.get("incomplete_details"))
        reason = str(details.get("reason") or "unknown")
        if response.get("status") != "incomplete":
            reason = "tool_calls" if self._called else "refusal" if self._refused else self._stopped()
        elif reason not in {"max_output_tokens", "content_filter"}:
            reason = "unknown"
        self.finish(reason, self._items if self._called else [])

    def _stopped(self) -> str:
        """llama.cpp calls an answer complete that ended because it had written as much as it was allowed.

        One that wrote more than that was not bound by it, and ended by itself.
        """
        is_full = self.usage is not None and self.usage.completion_tokens == self._most > 0
        return "max_output_tokens" if is_full else "stop"

    def _catch_up(self, output: list[dict[str, Any]]) -> None:
        """What the end tells and no event before it did: some servers send little but the end."""
        for item in output:
            if item.get("type") == "function_call" and str(item.get("call_id") or item.get("id")) not in self._called:
                self._item(msgspec.json.encode(item))
        if self._wrote or self.text:
            return
        for item in output:
            if item.get("type") == "message":
                aside = item.get("phase") == "commentary"
                said = values.mended(values.text(item.get("content")))
                self.reasoning, self.text = (
                    (self.reasoning + said, self.text) if aside else (self.reasoning, self.text + said)
                )
                for part in values.items(item.get("content")):
                    if part.get("type") == "refusal":
                        self._refused = True
                        self.text += values.mended(values.text(part.get("refusal")))

    def _end(self) -> None:
        self._events(self._lines.close())
        if not self.over and (stray := self._lines.stray):
            self.document(stray)

    def document(self, body: bytes) -> None:
        response = values.frame(body)
        if response is None or not isinstance(response.get("output"), list):
            self.fail(failures.of_event(body, provider=self.provider))
            return
        self._ended(response)


def _odd_event(payload: bytes) -> _Event | None:
    document = values.frame(payload)
    if document is None:
        return None

    def raw(name: str) -> msgspec.Raw:
        value = document.get(name)
        return msgspec.Raw(msgspec.json.encode(value)) if isinstance(value, dict) else _NOTHING

    kind, item_id = document.get("type"), document.get("item_id")
    return _Event(
        kind if isinstance(kind, str) else "",
        values.text(document.get("delta")),
        item_id if isinstance(item_id, str) else None,
        raw("item"),
        raw("response"),
        document.get("error"),
    )


def _usage(said: dict[str, Any]) -> Usage | None:
    prompt, completion = values.count(said.get("input_tokens")), values.count(said.get("output_tokens"))
    if prompt is None or completion is None:
        return None
    read, wrote = values.mapping(said.get("input_tokens_details")), values.mapping(said.get("output_tokens_details"))
    return Usage(
        prompt,
        completion,
        values.count(read.get("cached_tokens")) or 0,
        values.count(read.get("cache_write_tokens")) or 0,
        values.count(wrote.get("reasoning_tokens")),
        values.money(said.get("cost")),
    )
