"""An agent, its functions and its sources, as they are shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from agents.shapes.words import Audience
from agents.shapes.words import AuthKind
from agents.shapes.words import CallableBy
from agents.shapes.words import Confirm
from agents.shapes.words import Effect
from agents.shapes.words import FunctionType
from agents.shapes.words import Method
from agents.shapes.words import Payer
from agents.shapes.words import PlaceKind
from agents.shapes.words import Repeat
from agents.shapes.words import SourceKind
from agents.shapes.words import SourceState
from core.shapes import Page
from core.shapes import Shape
from messenger.shapes import Person


class AuthShape(Shape):
    """How a call says who it is from; secrets are written and never read."""

    kind: AuthKind
    name: str
    """Of the header, or with `basic` of the user."""
    secret_last4: str | None
    """Null: there is no secret."""


class PlaceShape(Shape):
    """Where an argument goes in the request."""

    kind: PlaceKind
    name: str
    join: str
    """What stands between the items of a list in a query; empty: each is a parameter of its own."""


class FunctionShape(Shape):
    """What an agent may call, as its owner sees it."""

    id: UUID
    source_id: UUID | None
    name: str
    description: str
    parameters: dict[str, Any]
    """A JSON schema of an object."""
    function_type: FunctionType
    tool: str
    """Of one inside the house: the name of the tool there; of an imported one: its name at its source."""
    endpoint_url: str
    host: str | None
    """Where calls go; null inside the house."""
    http_method: Method
    headers: dict[str, str]
    places: dict[str, PlaceShape]
    auth_config: AuthShape
    effect: Effect
    repeat: Repeat
    confirm: Confirm
    callable_by: CallableBy
    timeout: int
    per_run: int
    per_day: int | None
    is_enabled: bool
    approved_at: datetime | None
    pinned_hash: str
    """Of what was approved; empty before that."""
    definition_hash: str
    """Of what its source says now: what `approve` is to be given."""
    changed: dict[str, Any] | None
    """What its source says now, where that is not what was approved: `description` and `parameters`."""
    notices: list[str]
    """What to look at before approving it: words in the description that talk to the model."""
    problem: str
    """Why it was switched off, when nobody asked for that."""
    called_at: datetime | None


class SourceShape(Shape):
    """Where functions were imported from."""

    id: UUID
    kind: SourceKind
    name: str
    url: str
    auth_config: AuthShape
    protocol: str
    server_label: str
    state: SourceState
    problem: str
    checked_at: datetime | None


class LimitsShape(Shape):
    """The bounds of one run."""

    max_steps: int
    max_calls: int
    max_seconds: int
    run_tokens: int
    history_tokens: int


class AgentBrief(Shape):
    """An agent as everybody sees it who may talk to it."""

    id: UUID
    user: Person
    """Who it is in the messenger."""
    owner: Person
    name: str
    model: str
    audience: Audience
    payer: Payer
    is_active: bool
    is_own: bool
    version: int
    hosts: list[str]
    """The servers that its functions call."""
    functions_count: int
    """That are enabled."""
    created_at: datetime
    updated_at: datetime


class AgentPage(Page[AgentBrief]):
    """Newest first."""


class AgentShape(AgentBrief):
    """An agent as its owner sees it."""

    system_prompt: str
    temperature: float | None
    max_tokens: int
    """Of one answer."""
    owner_daily_tokens: int | None
    """Null: the house's bound."""
    asker_daily_tokens: int | None
    """Null: the house's bound."""
    limits: LimitsShape
    template: str
    switched_off_by_staff: bool
    draft: dict[str, Any] | None
    """What was changed in the builder and not published."""
    functions: list[FunctionShape]
    sources: list[SourceShape]
