"""The tools that rooms of the house offer to models, by name.

A module registers what it offers when the project starts (``ready()``); whoever lets a model call tools reads the
registry, and knows none of those modules.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from typing import Generic
from typing import Literal
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel
from pydantic import ValidationError

from core.errors import DomainError
from core.llm.base import Tool

Effect = Literal["read", "write"]
Reads = Literal["public", "private"]

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
ParamsT = TypeVar("ParamsT", bound=BaseModel)


class ToolFailed(Exception):
    """A tool said no; its text is for the model to read."""


@dataclass(frozen=True, slots=True)
class ToolContext:
    """On whose behalf a tool runs: it may do and see what this person may, in this conversation where there is one.

    ``caller_id`` is who calls it for them, where that is not they themselves: what it is to remember is its own.
    """

    user_id: UUID
    conversation_id: UUID | None = None
    caller_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class InternalTool(Generic[ParamsT]):
    """``effect`` is ``write`` when it changes anything, ``reads`` ``private`` when it may tell what is somebody's own.

    ``run`` is called in a database thread with checked parameters, and gives back what the model reads. It raises
    :class:`core.errors.DomainError` with a sentence the model may read.
    """

    name: str
    description: str
    params: type[ParamsT]
    effect: Effect
    reads: Reads
    run: Callable[[ToolContext, ParamsT], str]

    @property
    def definition(self) -> Tool:
        """What the model is told of it."""
        return Tool(self.name, self.description, self.params.model_json_schema())


_tools: dict[str, InternalTool[Any]] = {}

Run = Callable[[ToolContext, ParamsT], str]


def tool(name: str, params: type[ParamsT], *, effect: Effect, reads: Reads) -> Callable[[Run[ParamsT]], Run[ParamsT]]:
    """Register a function under a name; what it does is its docstring. Raises ValueError for a name that is no name,
    one that is taken, and a function without a docstring."""

    def register(run: Run[ParamsT]) -> Run[ParamsT]:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name for a tool: small letters, digits and _, at most 64.")
        if name in _tools:
            raise ValueError(f"There is a tool {name!r} already.")
        if not run.__doc__:
            raise ValueError(f"The tool {name!r} does not say what it does: its docstring is what the model reads.")
        _tools[name] = InternalTool(name, " ".join(run.__doc__.split()), params, effect, reads, run)
        return run

    return register


def registered() -> list[InternalTool[Any]]:
    """Every tool, by name."""
    return [_tools[name] for name in sorted(_tools)]


def call(name: str, context: ToolContext, arguments: Mapping[str, Any]) -> str:
    """What the tool says; a sentence about arguments it does not take, or why it was refused, is for the model too.

    Raises ToolFailed, whose text is such a sentence. To be called in a database thread.
    """
    found = find(name)
    if found is None:
        raise ToolFailed(f"There is no tool {name!r} here.")
    try:
        return found.run(context, found.params.model_validate(dict(arguments)))
    except ValidationError as error:
        places = ((".".join(map(str, one["loc"])), one["msg"]) for one in error.errors(include_url=False))
        raise ToolFailed("; ".join(f"{place}: {message}" if place else message for place, message in places)) from error
    except DomainError as error:
        raise ToolFailed(error.sentence) from error


def find(name: str) -> InternalTool[Any] | None:
    """The tool of that name; None when no module offers one."""
    return _tools.get(name)
