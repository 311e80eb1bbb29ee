"""What goes into a model and what comes out of it, whoever runs the model."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from typing import Any
from typing import Literal
from typing import Protocol

import msgspec

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class Image:
    """A picture as it was uploaded; sent to the provider inside the request, never as a link."""

    data: bytes
    mime_type: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A finished call; ``arguments`` is the JSON text as the model wrote it, which may be no JSON at all."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """One turn; ``tool_call_id`` names the call that a ``tool`` message answers."""

    role: Role
    content: str = ""
    images: tuple[Image, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """A function the model may ask for; ``parameters`` is a JSON Schema."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Usage:
    """What the provider says it counted; zero is a value."""

    prompt_tokens: int
    completion_tokens: int


class Delta(msgspec.Struct, frozen=True, gc=False):
    """What one read of the wire brought, several chunks of the provider merged.

    Tool calls come whole, with the finish reason. The usage may come in a later delta than the finish reason, or never.
    A msgspec struct and not a dataclass: one is built for every read, and a frozen dataclass costs six times as much.
    """

    text: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: str | None = None
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A row of the catalogue; prices are USD per million tokens, None when unknown.

    ``parameters`` are the only request parameters that the model is ever sent. ``encoding`` is a tiktoken name, empty
    when none fits. ``upstream`` is the provider's own id, where that differs from ours.
    """

    id: str
    name: str
    provider: str
    context_window: int
    max_output_tokens: int
    min_tier: str
    parameters: frozenset[str]
    vision: bool
    tools: bool
    is_demo: bool
    input_price: Decimal | None
    output_price: Decimal | None
    encoding: str
    upstream: str = ""

    @property
    def wire_name(self) -> str:
        return self.upstream or self.id


@dataclass(frozen=True, slots=True)
class ProviderInfo:
    """A provider that answers at present; ``reason`` says why it is on, ``real`` is False for the demo."""

    name: str
    label: str
    real: bool
    reason: str


@dataclass(frozen=True, slots=True)
class ProviderConfig:
    """How a provider is reached. Equal configurations share one adapter and its connections."""

    name: str
    label: str
    adapter: str
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    organization: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    sends_usage: bool = True
    """Whether ``stream_options`` may be sent; without it the usage frame may stay away."""


@dataclass(frozen=True, slots=True)
class Request:
    """One generation, checked and complete."""

    messages: Sequence[Message]
    model: Model
    max_tokens: int
    temperature: float | None
    tools: Sequence[Tool]


class Provider(Protocol):
    """What an adapter offers. It is built from a :class:`ProviderConfig` and used from any event loop."""

    def stream(self, request: Request) -> AsyncGenerator[Delta]:
        """The answer as it arrives; raises the errors of :mod:`core.llm.errors`; closing it ends the generation."""
        ...

    async def list_models(self) -> list[str]:
        """The ids this provider serves; raises the errors of :mod:`core.llm.errors`."""
        ...
