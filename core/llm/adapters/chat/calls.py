"""Tool calls whose fragments are still arriving."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from core.llm.base import ToolCall


class Function(msgspec.Struct, gc=False):
    name: str | None = None
    arguments: str | None = None


class Fragment(msgspec.Struct, gc=False):
    index: int | None = None
    id: str | None = None
    function: Function | None = None
    extra_content: dict[str, Any] | None = None


class _Call:
    __slots__ = ("arguments", "extra", "id", "name")

    def __init__(self) -> None:
        self.id = ""
        self.name = ""
        self.arguments: list[str] = []
        self.extra: dict[str, Any] | None = None


class Calls:
    """The calls of one answer. ``extras`` is what was said beside them, by the calls' ids, once they are taken."""

    __slots__ = ("_calls", "extras")

    def __init__(self) -> None:
        self._calls: dict[int, _Call] = {}
        self.extras: list[tuple[str, dict[str, Any]]] = []

    def collect(self, fragments: Iterable[Fragment]) -> None:
        """Take fragments in, of one call or several."""
        for fragment in fragments:
            function = fragment.function or Function()
            call = self._call_of(fragment)
            call.id = call.id or fragment.id or ""
            call.name = call.name or function.name or ""
            call.extra = fragment.extra_content or call.extra
            if function.arguments:
                call.arguments.append(function.arguments)

    def take(self) -> tuple[ToolCall, ...]:
        """The calls, which are whole now; one without a name is none."""
        taken = []
        for index, call in sorted(self._calls.items()):
            if not call.name:
                continue
            made = ToolCall(call.id or f"call_{index}", call.name, "".join(call.arguments))
            taken.append(made)
            if call.extra:
                self.extras.append((made.id, call.extra))
        self._calls.clear()
        return tuple(taken)

    def _call_of(self, fragment: Fragment) -> _Call:
        """Fragments belong together by index; some servers number every call 0 and tell them apart by id only."""
        index = fragment.index if fragment.index is not None else max(len(self._calls) - 1, 0)
        call = self._calls.get(index)
        if call and fragment.id and call.id and fragment.id != call.id:
            known = next((known for known in self._calls.values() if known.id == fragment.id), None)
            call, index = known, max(self._calls) + 1
        return call or self._calls.setdefault(index, _Call())
