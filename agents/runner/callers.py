"""How calls are made: one caller for each type of function. The runner knows when, they know how."""

from __future__ import annotations

from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from agents.egress import Answer
from agents.egress.problems import ArgumentsRefused
from agents.egress.problems import Problem
from agents.models import AgentFunction
from core.db_threads import in_db_thread
from core.errors import DomainError
from core.llm import tools


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A call to be made. ``key`` is what the other side knows a repeat by: the same in every try."""

    function: AgentFunction
    arguments: dict[str, Any]
    key: UUID
    run_id: UUID
    asker_id: UUID
    conversation_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A call that may be made: ``shown`` is what will be sent, secrets masked, ``size`` its bytes.

    ``host`` is empty for what does not leave the house. ``send`` makes it once, and raises nothing but CancelledError.
    """

    send: Callable[[], Awaitable[Answer]]
    shown: dict[str, Any] | None = None
    size: int = 0
    host: str = ""


Prepare = Callable[[Wanted], Prepared]
"""In a database thread. Raises :class:`agents.egress.CannotBuild`, and its child ArgumentsRefused."""

_prepare: dict[str, Prepare] = {}


def use(function_type: str, prepare: Prepare) -> None:
    """From now on calls of this type are made so."""
    _prepare[function_type] = prepare


def prepare(wanted: Wanted) -> Prepared:
    """Make a call ready; see :data:`Prepare`."""
    return _prepare[wanted.function.function_type](wanted)


def can_call(function_type: str) -> bool:
    """Whether anybody makes calls of this type."""
    return function_type in _prepare


def _inside(wanted: Wanted) -> Prepared:
    """A tool of the house, on behalf of the asker."""
    name = wanted.function.remote_name or wanted.function.name
    tool = tools.find(name)
    if tool is None:
        raise ArgumentsRefused(f"{name} is not there at present.")
    try:
        params = tool.params.model_validate(wanted.arguments)
    except ValidationError as error:
        raise ArgumentsRefused(*(f"{one['loc']}: {one['msg']}" for one in error.errors())) from None
    # What is tried is nobody yet, and remembers nothing.
    caller_id = None if wanted.function._state.adding else wanted.function.agent_id
    context = tools.ToolContext(wanted.asker_id, wanted.conversation_id, caller_id)
    run = tool.run

    async def send() -> Answer:
        try:
            return Answer(None, text=await in_db_thread(run, context, params))
        except DomainError as error:
            return Answer(None, failure="answered", problem=Problem(error.code, error.sentence))

    return Prepared(send=send)


use(AgentFunction.Type.INTERNAL, _inside)
