"""Bytes of a provider's event stream → deltas.

The format is OpenAI's: ``data:`` lines, each with a ``chat.completion.chunk``, ``data: [DONE]`` at the end. This is the
innermost loop of the product, so it decodes only the fields that are used, splits lines by hand, and hands out one
delta for all chunks that came with one read.
"""

from __future__ import annotations

import msgspec

from core.llm.adapters import failures
from core.llm.base import Delta
from core.llm.base import ToolCall
from core.llm.base import Usage
from core.llm.errors import ModelError
from core.llm.errors import StreamCut

_LONGEST_LINE = 4 * 1024 * 1024
_MOST_TOKENS = 100_000_000


class _Function(msgspec.Struct, gc=False):
    name: str | None = None
    arguments: str | None = None


class _Fragment(msgspec.Struct, gc=False):
    index: int | None = None
    id: str | None = None
    function: _Function | None = None


class _Content(msgspec.Struct, gc=False):
    content: str | None = None
    tool_calls: list[_Fragment] | None = None


class _Choice(msgspec.Struct, gc=False):
    delta: _Content | None = None
    finish_reason: str | None = None


class _Usage(msgspec.Struct, gc=False):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


_NO_ERROR = msgspec.Raw()


class _Chunk(msgspec.Struct, gc=False):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: msgspec.Raw = _NO_ERROR


class _Call:
    """A tool call of which fragments are still arriving."""

    __slots__ = ("arguments", "id", "name")

    def __init__(self) -> None:
        self.id = ""
        self.name = ""
        self.arguments: list[str] = []


_decode = msgspec.json.Decoder(_Chunk).decode


def _believable(said: _Usage) -> Usage | None:
    """The provider's count, or None for figures that no answer can have: then it is counted here."""
    prompt, completion = said.prompt_tokens or 0, said.completion_tokens or 0
    return Usage(prompt, completion) if 0 <= prompt <= _MOST_TOKENS and 0 <= completion <= _MOST_TOKENS else None


class Reader:
    """Fed with what each read brought. ``over`` tells that nothing more will come, ``failure`` why."""

    __slots__ = ("_calls", "_tail", "failure", "finished", "over")

    def __init__(self) -> None:
        self._tail = b""
        self._calls: dict[int, _Call] = {}
        self.finished = False
        self.over = False
        self.failure: ModelError | None = None

    def feed(self, data: bytes) -> Delta | None:
        """What the bytes complete; None when that is nothing to tell."""
        lines = (self._tail + data).split(b"\n") if self._tail else data.split(b"\n")
        self._tail = lines.pop()
        text, finish, usage = "", None, None
        for line in lines:
            if line[:5] != b"data:":
                continue
            try:
                chunk = _decode(line[5:])
            except (msgspec.DecodeError, UnicodeDecodeError):
                self._end_at(line)
                break
            if chunk.choices:
                choice = chunk.choices[0]
                delta = choice.delta
                if delta is not None:
                    if delta.content:
                        text += delta.content
                    if delta.tool_calls:
                        self._collect(delta.tool_calls)
                if choice.finish_reason:
                    finish = choice.finish_reason
            if chunk.usage is not None:
                usage = _believable(chunk.usage) or usage
            if (chunk.error is not _NO_ERROR and bytes(chunk.error) != b"null") or finish == "error":
                self._fail(bytes(chunk.error))
                finish = None
                break
        if len(self._tail) > _LONGEST_LINE:
            self._fail(b"")
        if finish:
            return self._finish(text, finish, usage)
        return Delta(text, (), None, usage) if text or usage else None

    def _end_at(self, line: bytes) -> None:
        """The line is no chunk: the regular end, or garbage."""
        self.over = True
        if line[5:].strip() != b"[DONE]":
            self.failure = StreamCut()

    def _fail(self, error: bytes) -> None:
        self.over = True
        self.failure = failures.of_event(error) if error else StreamCut()

    def _collect(self, fragments: list[_Fragment]) -> None:
        for fragment in fragments:
            function = fragment.function or _Function()
            call = self._call_of(fragment)
            call.id = call.id or fragment.id or ""
            call.name = call.name or function.name or ""
            if function.arguments:
                call.arguments.append(function.arguments)

    def _call_of(self, fragment: _Fragment) -> _Call:
        """Fragments belong together by index; some servers number every call 0 and tell them apart by id only."""
        index = fragment.index if fragment.index is not None else max(len(self._calls) - 1, 0)
        call = self._calls.get(index)
        if call and fragment.id and call.id and fragment.id != call.id:
            known = next((known for known in self._calls.values() if known.id == fragment.id), None)
            call, index = known, max(self._calls) + 1
        return call or self._calls.setdefault(index, _Call())

    def _finish(self, text: str, reason: str, usage: Usage | None) -> Delta:
        calls = tuple(
            ToolCall(call.id or f"call_{index}", call.name, "".join(call.arguments))
            for index, call in sorted(self._calls.items())
        )
        self._calls.clear()
        self.finished = True
        # Some servers end a call with "stop"; who asks for tools looks for one reason only.
        return Delta(text, calls, "tool_calls" if calls and reason == "stop" else reason, usage)
