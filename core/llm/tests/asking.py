"""Short ways to ask a model in tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from core import llm


@dataclass
class Heard:
    """Everything one generation brought."""

    deltas: list[llm.Delta] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(delta.text for delta in self.deltas)

    @property
    def reasoning(self) -> str:
        return "".join(delta.reasoning for delta in self.deltas)

    @property
    def state(self) -> llm.State | None:
        return next((delta.state for delta in self.deltas if delta.state), None)

    @property
    def finish_reason(self) -> str | None:
        return next((delta.finish_reason for delta in self.deltas if delta.finish_reason), None)

    @property
    def usage(self) -> llm.Usage | None:
        return next((delta.usage for delta in reversed(self.deltas) if delta.usage), None)

    @property
    def tool_calls(self) -> list[llm.ToolCall]:
        return [call for delta in self.deltas for call in delta.tool_calls]


async def ask(
    question: str | Sequence[llm.Message], *, model: str = "gpt-4o", heard: Heard | None = None, **more: Any
) -> Heard:
    """Ask and listen to the end; what came before an error stays in ``heard``."""
    heard = heard or Heard()
    messages = [llm.Message("user", question)] if isinstance(question, str) else question
    async for delta in llm.stream(messages, model=model, max_tokens=more.pop("max_tokens", 200), **more):
        heard.deltas.append(delta)
    return heard
