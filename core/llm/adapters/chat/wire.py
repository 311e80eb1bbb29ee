"""Bytes of a Chat Completions stream → deltas.

Each event carries a ``chat.completion.chunk``, the last one ``[DONE]``. Frames of the usual form are decoded strictly
and only in the fields that are used; any other is read field by field (:mod:`core.llm.adapters.chat.odd`).
"""

from __future__ import annotations

from typing import Any

import msgspec

from core.llm.adapters import failures
from core.llm.adapters import values
from core.llm.adapters.chat import odd
from core.llm.adapters.chat.calls import Calls
from core.llm.adapters.chat.calls import Fragment
from core.llm.adapters.reader import Reader
from core.llm.adapters.thoughts import Splitter
from core.llm.base import Usage


class _Content(msgspec.Struct, gc=False):
    content: str | None = None
    reasoning: str | None = None
    reasoning_content: str | None = None
    tool_calls: list[Fragment] | None = None
    reasoning_details: list[msgspec.Raw] | None = None


class _Choice(msgspec.Struct, gc=False):
    delta: _Content | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct, gc=False):
    choices: list[_Choice] | None = None
    usage: dict[str, Any] | None = None
    error: Any = None


class ChatReader(Reader):
    """See :class:`Reader`."""

    __slots__ = ("_calls", "_closing_usage", "_counted", "_details", "_halves", "_splitter")
    _decode = msgspec.json.Decoder(_Chunk).decode

    def __init__(self, provider: str = "", model: str = "") -> None:
        super().__init__("chat", provider, model)
        self._calls = Calls()
        self._splitter = Splitter()
        self._halves = values.Halves()
        self._details: list[msgspec.Raw] = []
        self._counted: Usage | None = None
        self._closing_usage = False

    def _take(self, event: Any, payload: bytes, *, is_odd: bool = False) -> str:
        if is_odd:
            self._take_odd(event)
            return ""
        chunk: _Chunk = event
        text = ""
        if chunk.choices:
            choice = chunk.choices[0]
            if choice.delta is None:
                return self._unusual(payload)
            text = self._content(choice.delta)
            if choice.finish_reason:
                self.text += text  # what is held back of it follows
                text = ""
                self._reason(choice.finish_reason, chunk.error)
        elif chunk.usage is None and chunk.error is None:
            return self._unusual(payload)
        if chunk.usage is not None:
            self.text += text  # whether there is any decides what can be true
            text = ""
            self._count(chunk.usage, closing=not chunk.choices)
        if chunk.error and not self.over:
            self.text += text
            text = ""
            self.fail(failures.of_document(chunk.error, provider=self.provider))
        return text

    def _content(self, delta: _Content) -> str:
        """Take a piece in; returns its text where that is all there was."""
        text = ""
        if delta.content:
            text = self._halves.join(delta.content) if self._halves.half else delta.content
            if not self._splitter.done:
                self._split(text)
                text = ""
        elif delta.reasoning or delta.reasoning_content:
            self.reasoning += delta.reasoning or delta.reasoning_content or ""
        if delta.tool_calls:
            self._calls.collect(delta.tool_calls)
        if delta.reasoning_details:
            self._details += delta.reasoning_details
        return text

    def _split(self, text: str) -> None:
        said, thought = self._splitter.feed(text)
        self.text += said
        self.reasoning += thought

    def _unusual(self, payload: bytes) -> str:
        """The regular end, too, is no JSON."""
        if payload.strip() != b"[DONE]":
            return super()._unusual(payload)
        self.over = True
        self._end_of_answer(told=True)
        return ""

    def _odd(self, payload: bytes) -> odd.Frame | None:
        return odd.read(payload)

    def _take_odd(self, frame: odd.Frame) -> None:
        if frame.text:
            self._split(self._halves.join(frame.text))
        self.reasoning += values.mended(frame.reasoning)
        self._calls.collect(frame.tool_calls)
        if frame.reason:
            self._reason(frame.reason, frame.error)
        if frame.usage is not None:
            self._count(frame.usage, closing=frame.without_choices)
        if frame.error is not None and not self.over:
            self.fail(failures.of_document(frame.error, provider=self.provider))

    def _reason(self, reason: str, error: Any) -> None:
        self._close_text()
        if reason == "error" or error:
            self.fail(failures.of_document(error, provider=self.provider) if error else None)
            return
        calls = self._calls.take()
        self.calls += calls
        # Some servers end a call with "stop"; who asks for tools looks for one reason only.
        self.finish("tool_calls" if calls and reason == "stop" else reason, self._state_items())

    def _state_items(self) -> list[msgspec.Raw]:
        """What goes back with a turn that calls: details as they came, and what was said beside each call."""
        if not self.calls:
            return []
        items = [msgspec.Raw(b'{"detail":' + bytes(detail) + b"}") for detail in self._details]
        return items + [
            msgspec.Raw(msgspec.json.encode({"call": name, "extra": extra})) for name, extra in self._calls.extras
        ]

    def _count(self, said: dict[str, Any], *, closing: bool) -> None:
        self._closing_usage = self._closing_usage or closing
        self._counted = values.richer(odd.usage(said), self._counted)
        self.usage = values.believable(self._counted, wrote=self.wrote)

    def _close_text(self) -> None:
        if rest := self._halves.rest():
            self._split(rest)
        if not self._splitter.done:
            said, thought = self._splitter.close()
            self.text += said
            self.reasoning += thought

    def _end_of_answer(self, *, told: bool) -> None:
        """The end came before a reason: complete where the provider closed the answer, whatever the reason was."""
        self._close_text()
        if self.finished or self.failure or not (told or self._closing_usage):
            return
        calls = self._calls.take()
        self.calls += calls
        if calls or self.wrote or told:
            self.finish("tool_calls" if calls else "unknown", self._state_items())

    def _end(self) -> None:
        self._events(self._lines.close())
        if self.over:
            return
        if stray := self._lines.stray:
            self.document(stray)
        else:
            self._end_of_answer(told=False)

    def document(self, body: bytes) -> None:
        """An answer in one piece, where a stream was asked for; everything else is an error."""
        self.over = True
        frame = odd.read(body)
        if frame is None or frame.error is not None or frame.without_choices:
            self.fail(failures.of_event(body, provider=self.provider))
            return
        self._take_odd(frame)
        self._end_of_answer(told=True)
