"""What REST, the stream of a run and the socket show of agents; events are made of the same shapes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from typing import Literal
from uuid import UUID

from core.shapes import Page
from core.shapes import Shape
from messenger.shapes import Person

Audience = Literal["owner", "members", "site"]
Payer = Literal["asker", "owner"]
FunctionType = Literal["webhook", "api", "internal", "mcp"]
AuthKind = Literal["none", "bearer", "basic", "header", "hmac"]
Effect = Literal["read", "write"]
Repeat = Literal["never", "keyed", "always"]
Confirm = Literal["never", "asker", "owner"]
CallableBy = Literal["owner", "members"]
Method = Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
PlaceKind = Literal["path", "query", "header", "field", "body"]
SourceKind = Literal["openapi", "mcp"]
SourceState = Literal["ok", "failing", "changed", "off"]

Trigger = Literal["console", "api", "message"]
RunState = Literal["queued", "running", "waiting", "complete", "stopped", "limited", "failed"]
Reason = Literal[
    "steps",
    "calls",
    "seconds",
    "tokens",
    "repeats",
    "arguments",
    "payer_tokens",
    "owner_budget",
    "plan",
    "paused",
    "removed",
    "denied",
    "taken_back",
    "asked",
    "model_unavailable",
    "lost",
]
StepKind = Literal["model", "tool"]
StepState = Literal["open", "broken", "planned", "asking", "sending", "done", "failed", "denied", "unknown"]
ApprovalState = Literal["waiting", "approved", "denied", "expired"]
Why = Literal["writes", "owner_asks", "private_to_outside", "again_after_unknown"]


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
    limits: LimitsShape
    template: str
    switched_off_by_staff: bool
    draft: dict[str, Any] | None
    """What was changed in the builder and not published."""
    functions: list[FunctionShape]
    sources: list[SourceShape]


class WantedCallShape(Shape):
    """A call that the model wants."""

    id: str
    name: str
    arguments: str
    """As the model said them."""


class ApprovalShape(Shape):
    """A person is asked whether a call may be made."""

    id: UUID
    run_id: UUID
    step_id: UUID
    n: int
    name: str
    host: str | None
    arguments: Any
    arguments_hash: str
    """What a decision has to name: a yes is for these arguments alone."""
    request: dict[str, Any] | None
    """What will be sent, with its secrets masked."""
    why: Why
    asked_of: Person
    state: ApprovalState
    expires_at: datetime
    decided_at: datetime | None


class StepShape(Shape):
    """One answer of the model, or one call. Texts are null for an owner who neither asked nor paid."""

    id: UUID
    n: int
    kind: StepKind
    state: StepState
    attempt: int
    is_closing: bool
    text: str | None
    calls: list[WantedCallShape]
    function_id: UUID | None
    name: str
    call_id: str
    arguments: Any
    arguments_hash: str
    effect: Effect | None
    request: dict[str, Any] | None
    response: dict[str, Any] | None
    status_code: int | None
    result: str | None
    """What the model was given."""
    error: str | None
    prompt_tokens: int
    completion_tokens: int
    started_at: datetime
    finished_at: datetime | None
    approval: ApprovalShape | None


class RunShape(Shape):
    """What one question to one agent set going."""

    id: UUID
    agent_id: UUID | None
    version: int
    """Of the agent, when it began."""
    model: str
    trigger: Trigger
    is_dry: bool
    """Calls were built and shown, and not sent."""
    state: RunState
    reason: Reason | None
    error: dict[str, Any] | None
    prompt: str | None
    """Null for an owner who neither asked nor paid."""
    conversation_id: UUID | None
    asker: Person | None
    payer: Person | None
    hop: int
    limits: LimitsShape
    at_most: int
    """Tokens that it may use, what it was continued with included."""
    steps: int
    calls: int
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    estimated: bool
    seconds: float
    """Without the time it waited for people."""
    answer_message_ids: list[UUID]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class RunPage(Page[RunShape]):
    """Newest first."""


class RunDetail(RunShape):
    """A run with all its steps."""

    text: str | None
    """What it answered, as far as it is."""
    trace: list[StepShape]


class EstimateShape(Shape):
    """What a question would cost before it is asked; only `at_most` is a promise."""

    prompt_tokens: int
    """Of the first step: prompt, question and functions."""
    typical: int | None
    """The median of the last runs; null when there were none."""
    typical_of: int
    """Of so many runs."""
    at_most: int
    tokens_left: int | None
    """Of the payer; null: without limit, or not the asker's to know."""
    payer: Person
    fits: bool


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
