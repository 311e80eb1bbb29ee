"""What an agent was when a run of it began: what the run goes by, whatever is changed meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import fields
from typing import Any
from typing import Self
from typing import cast
from urllib.parse import urlsplit
from uuid import UUID

from agents import limits
from agents.egress import repeats
from agents.egress.repeats import Repeat
from agents.models import Agent
from agents.models import AgentFunction
from core.llm import Tool
from core.llm import tools


@dataclass(frozen=True, slots=True)
class FunctionSnapshot:
    """The public part of a function. Its address and secrets are read anew before each call."""

    id: str
    name: str
    description: str
    parameters: Mapping[str, Any]
    function_type: str
    effect: str
    repeat: str
    confirm: str
    http_method: str
    host: str
    per_run: int
    per_day: int | None
    pinned_hash: str
    internal: str
    """The tool of the house that it is; empty for what leaves it."""
    reads_private: bool

    @classmethod
    def of(cls, row: AgentFunction) -> Self:
        internal = (row.remote_name or row.name) if row.function_type == AgentFunction.Type.INTERNAL else ""
        tool = tools.find(internal) if internal else None
        return cls(
            id=str(row.pk),
            name=row.name,
            description=row.description,
            parameters=row.parameters,
            function_type=row.function_type,
            effect=row.effect,
            repeat=row.repeat,
            confirm=row.confirm,
            http_method=row.http_method,
            host=host_of(row),
            per_run=row.per_run,
            per_day=row.per_day,
            pinned_hash=row.pinned_hash,
            internal=internal,
            reads_private=tool is not None and tool.reads == "private",
        )

    @property
    def pk(self) -> UUID:
        return UUID(self.id)

    @property
    def definition(self) -> Tool:
        """What the model is told of it."""
        return Tool(self.name, self.description, self.parameters)

    @property
    def repeat_kind(self) -> Repeat:
        """Under which rule its calls are tried again."""
        if self.internal:
            return "always" if self.only_reads else "never"
        stored = cast("Repeat", self.repeat)
        return stored if self.function_type == AgentFunction.Type.MCP else repeats.kind_of(self.http_method, stored)

    @property
    def only_reads(self) -> bool:
        return self.effect == AgentFunction.Effect.READ


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An agent as a run knows it."""

    name: str
    system_prompt: str
    model: str
    temperature: float | None
    max_tokens: int
    history_tokens: int
    max_steps: int
    max_calls: int
    max_seconds: int
    run_tokens: int
    functions: tuple[FunctionSnapshot, ...]

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """As it was stored with the run."""
        known = {field.name: stored[field.name] for field in fields(cls) if field.name != "functions"}
        functions = tuple(FunctionSnapshot(**function) for function in stored["functions"])
        return cls(**known, functions=functions)

    def stored(self) -> dict[str, Any]:
        return asdict(self)

    def function(self, name: str) -> FunctionSnapshot | None:
        """The function of that name; models are not careful with capitals."""
        return next((one for one in self.functions if one.name.lower() == name.lower()), None)

    @property
    def tools(self) -> tuple[Tool, ...]:
        return tuple(one.definition for one in self.functions) if self.max_calls else ()


_OF_THE_AGENT = tuple(field.name for field in fields(Snapshot) if field.name != "functions")


def take(agent: Agent, *, asker_id: UUID, draft: bool = False) -> Snapshot:
    """An agent as it is now for this person; ``draft`` puts what its owner has changed and not published over it."""
    values = {name: getattr(agent, name) for name in _OF_THE_AGENT}
    if draft and agent.draft:
        changed = agent.draft | (agent.draft.get("limits") or {})
        values |= {name: changed[name] for name in _OF_THE_AGENT if name in changed}
    return Snapshot(**values, functions=tuple(map(FunctionSnapshot.of, offered(agent, asker_id))))


def of(agent: Agent, functions: tuple[FunctionSnapshot, ...]) -> Snapshot:
    """An agent with these functions, whether it has a row or not."""
    return Snapshot(**{name: getattr(agent, name) for name in _OF_THE_AGENT}, functions=functions)


def offered(agent: Agent, asker_id: UUID) -> Iterable[AgentFunction]:
    """What the model may call when this person asks: approved, as it was approved, and open to them."""
    rows = agent.functions.filter(is_enabled=True).order_by("name")[: limits.MAX_ENABLED_FUNCTIONS]
    return [row for row in rows if may_be_called(row, agent, asker_id)]


def may_be_called(row: AgentFunction, agent: Agent, asker_id: UUID | None) -> bool:
    """Whether a function is enabled, unchanged since it was approved, and not for its owner alone."""
    is_open = row.callable_by == AgentFunction.CallableBy.MEMBERS or agent.owner_id == asker_id
    is_pinned = row.definition_hash in ("", row.pinned_hash)
    return row.is_enabled and is_open and is_pinned


def host_of(row: AgentFunction) -> str:
    """Where its calls go; empty inside the house."""
    if row.function_type == AgentFunction.Type.INTERNAL:
        return ""
    url = row.source.url if row.function_type == AgentFunction.Type.MCP and row.source else row.endpoint_url
    return urlsplit(url).hostname or ""
