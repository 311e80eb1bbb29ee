"""What goes into a model and what comes out of it, whoever runs the model."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from decimal import Decimal
from typing import Any
from typing import Literal
from typing import Protocol
from typing import TypedDict
from uuid import UUID

import msgspec
from django.utils.crypto import salted_hmac

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class Image:
    """A picture as it was uploaded; sent to the provider inside the request, never as a link."""

    data: bytes
    mime_type: str


@dataclass(frozen=True, slots=True)
class Document:
    """A PDF as it was uploaded, for models that read its pages; others are told that it was there."""

    data: bytes
    name: str
    mime_type: str = "application/pdf"


@dataclass(frozen=True, slots=True)
class State:
    """What a provider wants back within a tool loop: encrypted reasoning, signatures. Opaque, never shown or exported.

    It belongs to the very model that gave it; another one is not sent it. ``items`` is a JSON list exactly as it came,
    of at most :data:`LARGEST_STATE` bytes.
    """

    protocol: str
    provider: str
    model: str
    items: bytes = field(repr=False)


LARGEST_STATE = 256 * 1024
"""Bytes; a larger state is dropped, and the model thinks anew."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A finished call; ``arguments`` is the JSON text as the model wrote it, which may be no JSON at all."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """One turn; ``tool_call_id`` names the call that a ``tool`` message answers.

    ``state`` is for turns of the assistant within a tool loop: what its last delta brought.
    """

    role: Role
    content: str = ""
    images: tuple[Image, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""
    documents: tuple[Document, ...] = ()
    state: State | None = None


@dataclass(frozen=True, slots=True)
class Tool:
    """A function the model may ask for; ``parameters`` is a JSON Schema."""

    name: str
    description: str
    parameters: Mapping[str, Any]


ToolChoice = str
"""``auto``, ``none``, ``required``, or the name of a tool. A model may leave a forced tool uncalled: callers look."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The JSON an answer is wanted in; ``name`` is a word of letters, digits, ``_`` and ``-``.

    ``strict`` asks the provider to hold the model to it, which not every JSON Schema allows.
    """

    name: str
    schema: Mapping[str, Any]
    strict: bool = True


@dataclass(frozen=True, slots=True)
class Usage:
    """What the provider says it counted: all input and all output, whatever the provider's habit.

    ``cached_tokens`` and ``cache_write_tokens`` are parts of ``prompt_tokens``, ``reasoning_tokens`` one of
    ``completion_tokens`` (None: not told). ``cost`` in USD only where the provider states it.
    """

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int | None = None
    cost: Decimal | None = None


class Delta(msgspec.Struct, frozen=True, gc=False):
    """What one read of the wire brought, several chunks of the provider merged.

    Tool calls and the state come whole, with the finish reason, one of :data:`FINISH_REASONS`. The usage may come in a
    later delta, or never. ``reasoning`` is what the model shows of its thinking; it is no part of the answer.
    A msgspec struct and not a dataclass: one is built for every read, and a frozen dataclass costs six times as much.
    """

    text: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: str | None = None
    usage: Usage | None = None
    reasoning: str = ""
    state: State | None = None


FINISH_REASONS = ("stop", "length", "tool_calls", "content_filter", "refusal", "unknown")
"""``unknown``: the answer was closed by its provider, but without a reason."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A generation read to its end."""

    text: str
    reasoning: str
    tool_calls: tuple[ToolCall, ...]
    usage: Usage | None
    finish_reason: str
    state: State | None


@dataclass(frozen=True, slots=True)
class Rates:
    """USD per million tokens: what is read, what is read from the cache, what is written into it, and the answer."""

    input: Decimal
    cached: Decimal
    write: Decimal
    output: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs from a day on, and where that is written.

    With more than ``step`` tokens of input (all of them: cached ones too) every part of the request costs ``above``.
    """

    since: date
    rates: Rates
    step: int = 0
    above: Rates | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """A provider that runs a model, and what it calls it there."""

    provider: str
    upstream: str


@dataclass(frozen=True, slots=True)
class Model:
    """A row of the catalogue; prices are USD per million tokens, None when unknown.

    ``parameters`` are the only request parameters that the model is ever sent. ``encoding`` is a tiktoken name, empty
    when none fits. ``provider`` and ``upstream`` (the provider's own id, where that differs from ours) are those of the
    route that is taken: the first of ``routes`` that runs, else the first.
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
    maker: str = ""
    since: date | None = None
    until: date | None = None
    """The day on which its maker switches it off: from then on nothing answers."""
    successor: str = ""
    """The id of the model to go on with."""
    note: str = ""
    """What a person should know of the successor before they go on with it."""
    routes: tuple[Route, ...] = ()
    max_input: int = 0
    """Tokens of input at most, where that is less than the window; 0: the window."""
    prompt_tokens: int = 0
    """How much of a conversation is sent unless somebody asks for all of it; 0: what fits."""
    inputs: frozenset[str] = frozenset()
    """Of ``image`` and ``pdf``."""
    choices: frozenset[str] = frozenset({"auto", "none", "required", "named"})
    """Which ``tool_choice`` it takes, of ``auto``, ``none``, ``required`` and ``named``."""
    schema: bool = False
    """Whether its answer can be held to a JSON Schema."""
    sampling: str = "yes"
    """Whether it takes a temperature: ``yes``, ``no``, or ``with_none``, which is without reasoning only."""
    efforts: tuple[str, ...] = ()
    """How hard it can be told to think, least first; empty: it cannot be told."""
    effort: str = ""
    """The effort it is asked for when nobody says; one of ``efforts``."""
    verbosity: bool = False
    cache_least: int | None = None
    """Tokens from which on the provider keeps a prompt; None: it does not, or nobody knows."""
    ratio: float = 1.0
    """How many of its tokens one token of ``encoding`` is."""
    prices: tuple[Price, ...] = ()
    """Newest last."""
    preferred: bool = False
    """Among those from which the default of new chats is taken."""
    group: Literal["main", "more"] = "main"
    """``more``: not of our list, but in the account."""

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
    protocol: Literal["chat", "responses", "messages", "gemini"] = "chat"
    foreign: bool = False
    """Whether the address is the operator's own choice: nothing that a maker says of its models need hold there."""
    local: bool = False
    """Whether it was looked for, and found, on this machine."""
    list_url: str = ""
    """Where it is asked what it serves; empty: nowhere."""


@dataclass(frozen=True, slots=True)
class Adjustments:
    """What a server's own words have changed in the requests for one model; see :mod:`core.llm.hearing`.

    A change leaves something out, renames it, or chooses another of our own protocols; it never adds.
    """

    without: frozenset[str] = frozenset()
    """Names of parameters as the wire writes them, ``reasoning.summary`` for one inside another."""
    limit: str = ""
    """What the bound of the answer is called here."""
    efforts: tuple[str, ...] = ()
    """Those the server named as valid."""
    protocol: Literal["", "chat", "responses"] = ""
    stateless: bool = False
    json: Literal["schema", "object", "none"] = "schema"


def person_id(user_id: UUID) -> str:
    """What a user is called at providers: always the same, and nothing that tells who it is."""
    return salted_hmac("core.llm.person", str(user_id), algorithm="sha256").hexdigest()


class Options(TypedDict, total=False):
    """What may be asked of a generation beyond its bound; see the fields of :class:`Request`."""

    temperature: float | None
    tools: Sequence[Tool]
    tool_choice: ToolChoice
    parallel: bool
    effort: str | None
    verbosity: str | None
    schema: Schema | None
    cache: bool
    person: str
    thread: str


@dataclass(frozen=True, slots=True)
class Request:
    """One generation, checked and complete."""

    messages: Sequence[Message]
    model: Model
    max_tokens: int
    temperature: float | None = None
    tools: Sequence[Tool] = ()
    tool_choice: ToolChoice = "auto"
    parallel: bool = True
    """Whether several tools may be called in one turn."""
    effort: str | None = None
    """How much the model thinks; None: the usual of its row."""
    verbosity: str | None = None
    schema: Schema | None = None
    cache: bool = True
    """Whether the provider may keep the beginning of the prompt."""
    person: str = ""
    """Stands for the user at the provider, always by the same letters and without telling who it is."""
    thread: str = ""
    """The chat or the run, whose prompts begin alike, for the provider's cache; empty when it has none."""
    adjustments: Adjustments = Adjustments()


class Provider(Protocol):
    """What an adapter offers. It is built from a :class:`ProviderConfig` and used from any event loop."""

    def stream(self, request: Request) -> AsyncGenerator[Delta]:
        """The answer as it arrives; raises the errors of :mod:`core.llm.errors`; closing it ends the generation."""
        ...

    async def list_models(self) -> list[str]:
        """The ids this provider serves; raises the errors of :mod:`core.llm.errors`."""
        ...
