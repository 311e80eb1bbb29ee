"""What trying, importing, approving and copying answer with."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from typing import Literal
from uuid import UUID

from agents.shapes.agents import AuthShape
from agents.shapes.agents import FunctionShape
from agents.shapes.agents import LimitsShape
from agents.shapes.agents import PlaceShape
from agents.shapes.agents import SourceShape
from agents.shapes.words import CallableBy
from agents.shapes.words import Confirm
from agents.shapes.words import Effect
from agents.shapes.words import FunctionType
from agents.shapes.words import Method
from agents.shapes.words import Repeat
from core.shapes import Shape


class TestedShape(Shape):
    """What a call of a function would send, or what it sent and what came back."""

    request: dict[str, Any]
    response: dict[str, Any] | None
    status_code: int | None
    seconds: float | None
    result: str | None
    """What a model would be given."""
    problem: dict[str, Any] | None


class RotatedShape(Shape):
    """A new secret, said once."""

    secret: str
    function: FunctionShape
    both_until: datetime | None
    """Until then the one before signs along."""


class ServerShape(Shape):
    """A server that the document names."""

    url: str
    description: str


class ImportedShape(Shape):
    """A source and what it offers; all of it is switched off."""

    source: SourceShape
    functions: list[FunctionShape]
    left_out: list[str]
    """A line for each that cannot be used, and why."""
    notes: list[str]
    servers: list[ServerShape]
    """Those of the document; the first is called unless another one was chosen."""
    auth: list[AuthShape]
    """How the document says that one signs in."""


class ChangedShape(Shape):
    """A function whose source says something else now."""

    id: UUID
    name: str
    before: dict[str, Any]
    after: dict[str, Any]
    hash: str


class RefreshedShape(Shape):
    """What is different since the last look."""

    source: SourceShape
    added: list[FunctionShape]
    changed: list[ChangedShape]
    gone: list[str]
    left_out: list[str]
    """A line for each that cannot be used, and why."""
    notes: list[str]


class ApprovedShape(Shape):
    """The functions that were approved, as they are now."""

    functions: list[FunctionShape]


class TemplateShape(Shape):
    """Something to begin with, that works without account or network."""

    id: str
    name: str
    summary: str
    system_prompt: str
    functions: list[dict[str, Any]]
    source: dict[str, Any] | None
    try_this: str
    """What to ask it first."""


class TemplatesShape(Shape):
    """All of them."""

    results: list[TemplateShape]


class ExportedFunction(Shape):
    """A function without its secret."""

    name: str
    description: str
    parameters: dict[str, Any]
    function_type: FunctionType
    tool: str
    """Of one inside the house."""
    endpoint_url: str
    http_method: Method
    headers: dict[str, str]
    places: dict[str, PlaceShape]
    auth_config: dict[str, str]
    effect: Effect
    repeat: Repeat
    confirm: Confirm
    callable_by: CallableBy
    timeout: int
    per_run: int
    per_day: int | None
    is_enabled: bool


class ExportedAgent(Shape):
    """An agent as a file: nothing of it is a secret, and what was imported is not in it."""

    format: Literal["kintsugi.agent.v1"]
    name: str
    system_prompt: str
    model: str
    temperature: float | None
    max_tokens: int
    limits: LimitsShape
    functions: list[ExportedFunction]


class InternalToolShape(Shape):
    """A tool of the house."""

    name: str
    description: str
    effect: Effect
    reads: Literal["public", "private"]
    parameters: dict[str, Any]


class InternalToolsShape(Shape):
    """All of them."""

    results: list[InternalToolShape]
