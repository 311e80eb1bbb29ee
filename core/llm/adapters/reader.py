"""What the readers of all protocols have in common: bytes in, deltas out. A reader owns no socket."""

from __future__ import annotations

import abc
import logging
from typing import Any
from typing import ClassVar
from typing import Protocol

import msgspec

from core.llm import metrics
from core.llm.adapters.lines import EventTooLong
from core.llm.adapters.lines import Lines
from core.llm.base import LARGEST_STATE
from core.llm.base import Delta
from core.llm.base import State
from core.llm.base import ToolCall
from core.llm.base import Usage
from core.llm.errors import EmptyAnswer
from core.llm.errors import ModelError
from core.llm.errors import OnlyThought
from core.llm.errors import StreamCut
from core.llm.errors import ThoughtTooLong

logger = logging.getLogger(__name__)


class _Decode(Protocol):
    def __call__(self, payload: bytes, /) -> Any: ...


class Reader(abc.ABC):
    """Fed with what each read brought, then closed. ``over`` tells that nothing more will come, ``failure`` why.

    ``finished`` tells that the provider itself ended the answer; what it said since the last delta waits in ``text``,
    ``reasoning`` and ``calls``. ``closing`` tells that nothing of weight follows.
    """

    __slots__ = (
        "_cut",
        "_finish_told",
        "_lines",
        "_state",
        "_thought",
        "_told",
        "_wrote",
        "calls",
        "closing",
        "failure",
        "finished",
        "model",
        "over",
        "protocol",
        "provider",
        "reason",
        "reasoning",
        "text",
        "usage",
    )

    def __init__(self, protocol: str, provider: str, model: str) -> None:
        self.protocol, self.provider, self.model = protocol, provider, model
        self._lines = Lines()
        self._cut = self._lines.feed
        self._told: Usage | None = None
        self._finish_told = False
        self._thought = False
        self._wrote = False
        self._state: State | None = None
        self.text = ""
        self.reasoning = ""
        self.calls: tuple[ToolCall, ...] = ()
        self.reason: str | None = None
        self.usage: Usage | None = None
        self.finished = False
        self.closing = False
        self.over = False
        self.failure: ModelError | None = None

    def feed(self, data: bytes) -> Delta | None:
        """What the bytes complete; None when that is nothing to tell."""
        try:
            payloads = self._cut(data)
        except EventTooLong:
            self.fail(None)
            return self._delta()
        if len(payloads) == 1:
            # As nearly every read goes.
            if text := self._event(payloads[0]):
                self._wrote = True
                return Delta(text)
        elif payloads:
            self._events(payloads)
        return self._delta()

    def close(self) -> Delta | None:
        """What the end of the body completes."""
        if not self.over:
            self._end()
            self.over = True
        return self._delta()

    @property
    def wrote(self) -> bool:
        """Whether there was text, thought or a call."""
        return self._wrote or self._thought or bool(self.text or self.reasoning or self.calls)

    def trouble(self) -> ModelError | None:
        """Why this is no answer, once it is over and told; None when it is one."""
        if self.failure:
            return self.failure
        if not self.finished:
            return StreamCut()
        if self._wrote or self.reason in _MAY_BE_EMPTY:
            return None
        thought = (self.usage and self.usage.reasoning_tokens) or None
        if self.reason == "length":
            return ThoughtTooLong(reasoning_tokens=thought)
        return OnlyThought(reasoning_tokens=thought) if self._thought else EmptyAnswer()

    def finish(self, reason: str, items: list[msgspec.Raw]) -> None:
        """The provider ended the answer; ``items`` is what it wants back in a tool loop."""
        self.finished = self.closing = True
        self.reason = _REASONS.get(reason, reason)
        if items:
            encoded = msgspec.json.encode(items)
            if len(encoded) > LARGEST_STATE:
                logger.warning("A state of %d bytes of %s is dropped", len(encoded), self.provider)
            else:
                self._state = State(self.protocol, self.provider, self.model, encoded)

    def fail(self, failure: ModelError | None) -> None:
        """The answer is over, and this is why; without a why it is cut."""
        self.over = True
        self.failure = self.failure or failure or StreamCut()

    def unreadable(self, payload: bytes) -> None:
        """No JSON object: skipped and counted. Half of one may have held text, so the answer would lack a piece."""
        payload = payload.strip()
        if payload in _NOTHING:
            return
        metrics.ODD_FRAMES.labels(self.protocol).inc()
        if payload[:1] == b"{" and not self.finished:
            self.fail(None)

    def _delta(self) -> Delta | None:
        finish = self.reason if self.finished and not self._finish_told and not self.failure else None
        usage = self.usage if self.usage is not self._told else None
        if not (self.text or self.reasoning or finish or usage):
            return None
        calls: tuple[ToolCall, ...] = ()
        if finish:
            self._finish_told = True
            calls = self.calls
        delta = Delta(self.text, calls, finish, usage, self.reasoning, self._state if finish else None)
        if self.text or calls:
            self._wrote = True
            self.text = ""
        if self.reasoning:
            self._thought = True
            self.reasoning = ""
        self._told = self.usage
        return delta

    def _events(self, payloads: list[bytes]) -> None:
        """Take the payloads of whole events in."""
        for payload in payloads:
            if text := self._event(payload):
                self.text += text
            elif self.over:
                return

    _decode: ClassVar[_Decode]
    """Reads the payload of an event strictly, and only the fields that are used; raises DecodeError."""

    def _event(self, payload: bytes) -> str:
        """Take the payload of one event in, or return its text where it holds nothing else."""
        try:
            event = self._decode(payload)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return self._unusual(payload)
        return self._take(event, payload)

    def _unusual(self, payload: bytes) -> str:
        """As :meth:`_event`, for a payload that is not of the usual form."""
        event = self._odd(payload)
        if event is None:
            self.unreadable(payload)
            return ""
        return self._take(event, payload, is_odd=True)

    @abc.abstractmethod
    def _take(self, event: Any, payload: bytes, *, is_odd: bool = False) -> str:
        """Take an event in, or return its text where it holds nothing else. Letters of an odd one may be half."""

    @abc.abstractmethod
    def _odd(self, payload: bytes) -> Any | None:
        """The same event read field by field; None for what is no JSON object."""

    @abc.abstractmethod
    def _end(self) -> None:
        """The body is at its end."""

    @abc.abstractmethod
    def document(self, body: bytes) -> None:
        """The body is one document and no stream; :meth:`close` tells what it says."""


_NOTHING = frozenset({b"", b"[DONE]"})
"""Payloads that say nothing. The second ends Chat Completions, and some servers send it by every protocol."""
_MAY_BE_EMPTY = frozenset({"content_filter", "refusal"})
_REASONS: dict[str, str] = {
    "max_tokens": "length",
    "max_output_tokens": "length",
    "model_context_window_exceeded": "length",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "pause_turn": "stop",
    "tool_use": "tool_calls",
    "function_call": "tool_calls",
    "safety": "content_filter",
}
