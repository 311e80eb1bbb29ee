"""Bytes of a Messages stream → deltas.

An answer is a list of blocks (thinking, text, calls), each begun, grown and stopped. Only ``message_stop`` ends it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from core.llm.adapters import failures
from core.llm.adapters import turns
from core.llm.adapters import values
from core.llm.adapters.reader import Reader
from core.llm.base import ToolCall
from core.llm.base import Usage


class _Delta(msgspec.Struct, gc=False):
    text: str | None = None
    thinking: str | None = None
    partial_json: str | None = None
    signature: str | None = None
    stop_reason: str | None = None


class _Message(msgspec.Struct, gc=False):
    usage: dict[str, Any] | None = None


class _Event(msgspec.Struct, gc=False):
    type: str = ""
    index: int | None = None
    delta: _Delta | None = None
    content_block: dict[str, Any] | None = None
    usage: dict[str, Any] | None = None
    message: _Message | str | None = None
    error: Any = None


class _Block:
    """A block while it grows; ``parts`` are of its text, its thought or its arguments."""

    __slots__ = ("begun", "parts", "signature")

    def __init__(self, begun: dict[str, Any]) -> None:
        self.begun = begun
        self.parts: list[str] = []
        self.signature = ""


class MessagesReader(Reader):
    """See :class:`Reader`."""

    __slots__ = ("_blocks", "_counted", "_halves", "_stop_reason")
    _decode = msgspec.json.Decoder(_Event).decode

    def __init__(self, provider: str = "", model: str = "") -> None:
        super().__init__("messages", provider, model)
        self._blocks: dict[int, _Block] = {}
        self._counted: dict[str, Any] = {}
        self._halves = values.Halves()
        self._stop_reason = ""

    def _take(self, event: _Event, payload: bytes, *, is_odd: bool = False) -> str:
        delta = event.delta
        if delta is None or event.type != "content_block_delta":
            self._other(event, payload)
            return ""
        index = event.index or 0
        block = self._blocks.get(index)
        if block is None:
            block = self._blocks[index] = _Block({"type": "text"})
        if text := delta.text:
            if is_odd or self._halves.half:
                text = self._halves.join(text)
            block.parts.append(text)
            return text
        self._grow(block, delta)
        return ""

    def _grow(self, block: _Block, delta: _Delta) -> None:
        """A piece of a thought, of a call, or a signature."""
        if delta.thinking:
            self.reasoning += delta.thinking
            block.parts.append(delta.thinking)
        elif delta.partial_json:
            block.parts.append(delta.partial_json)
        elif delta.signature:
            block.signature += delta.signature

    def _odd(self, payload: bytes) -> _Event | None:
        return _odd_event(payload)

    def _other(self, event: _Event, payload: bytes) -> None:
        kind = event.type
        if event.error is not None or kind == "error":
            self.fail(failures.of_event(payload, provider=self.provider))
        elif kind == "message_start" and isinstance(event.message, _Message):
            self._counted |= _told(event.message.usage)
        elif kind == "content_block_start":
            self._begin(event.index or 0, event.content_block or {})
        elif kind == "message_delta":
            if event.delta is not None and event.delta.stop_reason:
                self._stop_reason = event.delta.stop_reason
            if event.usage:
                self._counted |= _told(event.usage)
                self.usage = values.believable(_usage(self._counted), wrote=self.wrote or bool(self._blocks))
        elif kind == "message_stop":
            self._ended()

    def _begin(self, index: int, begun: dict[str, Any]) -> None:
        block = self._blocks[index] = _Block(begun)
        text, thought = values.text(begun.get("text")), begun.get("thinking")
        if text and begun.get("type") == "text":
            self.text += text
            block.parts.append(text)
        elif isinstance(thought, str) and thought:
            self.reasoning += thought
            block.parts.append(thought)
        if self._thought and begun.get("type") == "thinking":
            self.reasoning += "\n\n"

    def _ended(self) -> None:
        self.over = True
        self.text += self._halves.rest()
        for _index, block in sorted(self._blocks.items()):
            name = block.begun.get("name")
            if block.begun.get("type") == "tool_use" and isinstance(name, str) and name:
                call_id = str(block.begun.get("id") or f"call_{len(self.calls)}")
                self.calls += (ToolCall(call_id, name, _arguments(block)),)
        items = [_item(block) for _index, block in sorted(self._blocks.items())] if self.calls else []
        reason = self._stop_reason or "unknown"
        self.finish(
            "tool_calls" if self.calls and reason == "end_turn" else reason, [item for item in items if bytes(item)]
        )

    def _end(self) -> None:
        self._events(self._lines.close())
        if not self.over and (stray := self._lines.stray):
            self.document(stray)

    def document(self, body: bytes) -> None:
        message = values.frame(body)
        if message is None or not isinstance(message.get("content"), list):
            self.fail(failures.of_event(body, provider=self.provider))
            return
        for index, block in enumerate(values.items(message["content"])):
            self._begin(index, block)
            if block.get("type") == "tool_use":
                self._blocks[index].parts.append(msgspec.json.encode(block.get("input") or {}).decode())
        self._stop_reason = str(message.get("stop_reason") or "")
        counted = _usage(_told(values.mapping(message.get("usage"))))
        self.usage = values.believable(counted, wrote=bool(self._blocks))
        self._ended()


def _item(block: _Block) -> msgspec.Raw:
    """A block as it goes back."""
    kind = block.begun.get("type")
    kept = dict(block.begun)
    if kind == "thinking":
        signature = block.signature or block.begun.get("signature") or ""
        kept |= {"thinking": "".join(block.parts), "signature": signature}
    elif kind == "text":
        if not "".join(block.parts).strip():
            return msgspec.Raw()
        kept = {"type": "text", "text": "".join(block.parts)}
    elif kind == "tool_use":
        kept |= {"input": turns.arguments(_arguments(block))}
    return msgspec.Raw(msgspec.json.encode(kept))


def _arguments(block: _Block) -> str:
    """What was streamed, else what the call began with."""
    return "".join(block.parts) or msgspec.json.encode(block.begun.get("input") or {}).decode()


def _odd_event(payload: bytes) -> _Event | None:
    document = values.frame(payload)
    if document is None:
        return None
    said = values.mapping(document.get("delta"))
    index, kind, reason = document.get("index"), document.get("type"), said.get("stop_reason")
    return _Event(
        kind if isinstance(kind, str) else "",
        index if isinstance(index, int) else None,
        _Delta(
            values.text(said.get("text")),
            values.mended(values.text(said.get("thinking"))),
            values.mended(values.text(said.get("partial_json"))),
            values.text(said.get("signature")),
            reason if isinstance(reason, str) else None,
        ),
        values.mapping(document.get("content_block")) or None,
        values.mapping(document.get("usage")) or None,
        _Message(values.mapping(values.mapping(document.get("message")).get("usage"))),
        document.get("error"),
    )


def _told(usage: dict[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (usage or {}).items() if value is not None}


def _usage(said: dict[str, Any]) -> Usage | None:
    """All input: what was read from the cache and written into it is told beside the rest."""
    rest, completion = values.count(said.get("input_tokens")), values.count(said.get("output_tokens"))
    if rest is None or completion is None:
        return None
    read = values.count(said.get("cache_read_input_tokens")) or 0
    written = values.count(said.get("cache_creation_input_tokens")) or 0
    thought = values.count(values.mapping(said.get("output_tokens_details")).get("thinking_tokens"))
    return Usage(rest + read + written, completion, read, written, thought)
