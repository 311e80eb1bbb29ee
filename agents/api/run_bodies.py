"""What the endpoints of runs take, and the events that their streams bring."""

from __future__ import annotations

from typing import Annotated
from typing import Any
from typing import Literal

from pydantic import Field

from agents import limits
from agents.shapes import ApprovalShape
from agents.shapes import Effect
from agents.shapes import Reason
from agents.shapes import RunShape
from agents.shapes import RunState
from agents.shapes import StepKind
from agents.shapes import StepState
from core.shapes import Body
from core.shapes import Filled
from core.shapes import Shape
from core.shapes import Verbatim

TURNS = 100
TURN_LENGTH = 32_000


class Turn(Body):
    """What was said before."""

    role: Literal["user", "assistant"]
    content: Annotated[Verbatim, Field(max_length=TURN_LENGTH)]


class ExecuteRequest(Body):
    """`POST /api/agents/:id/execute`"""

    input: Annotated[Filled, Field(max_length=limits.PROMPT_LENGTH)]
    client_id: Annotated[str, Field(max_length=64)] | None = None
    """A repeated one attaches to the first run and is not charged again."""
    history: Annotated[list[Turn], Field(max_length=TURNS)] = Field(default_factory=list)
    draft: bool = False
    """Ask what is not published yet; for the owner."""
    really_call: bool | None = None
    """Said by the console: whether calls leave, or are built and shown only."""


class TryRequest(Body):
    """`POST /api/agents/templates/:id/try`"""

    input: Annotated[Filled, Field(max_length=limits.PROMPT_LENGTH)]
    client_id: Annotated[str, Field(max_length=64)] | None = None
    """A repeated one attaches to the first run and is not charged again."""
    history: Annotated[list[Turn], Field(max_length=TURNS)] = Field(default_factory=list)
    really_call: bool = True
    """Whether calls are made; those of templates stay in this house."""


class DecisionRequest(Body):
    """`POST /api/agents/runs/:rid/approvals/:sid`"""

    decision: Literal["approve", "deny"]
    arguments_hash: Annotated[str, Field(max_length=64)]
    """Of what was shown: a yes is for these arguments alone."""
    remember: bool = False
    """Do not ask again about this definition of the function, for 30 days."""


class RunStartEvent(Shape):
    """`event: start`, id `0.s`"""

    run: RunShape


class StepEvent(Shape):
    """`event: step`: a step began (id `n.s`), or a call ended (id `n.e`). A higher `attempt` begins its text anew."""

    n: int
    kind: StepKind
    state: StepState
    attempt: int
    is_closing: bool
    name: str
    arguments: Any
    effect: Effect | None
    status_code: int | None
    seconds: float | None
    bytes: int | None
    result: str | None
    error: str | None


class StepDeltaEvent(Shape):
    """Text of a step; the id is `n.` and its length so far, in code points."""

    delta: str
    n: int
    done: Literal[False]


class StepUsageEvent(Shape):
    """`event: usage`, id `n.e`: an answer of the model is over."""

    n: int
    prompt_tokens: int
    completion_tokens: int
    run_tokens: int
    estimated: bool


class ApprovalEvent(ApprovalShape):
    """`event: approval`, without an id: whoever comes back is told again, as long as it waits."""


class RunDoneEvent(Shape):
    """The last one, id `n.done`."""

    delta: str
    done: Literal[True]
    state: RunState
    reason: Reason | None
    text: str
    """The answer."""
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    estimated: bool
    steps: int
    calls: int


class RunErrorEvent(Shape):
    """`event: error`: the last one of a run that failed or met a bound, id `n.done`."""

    error: str
    code: str
    request_id: str
    details: dict[str, list[str]] = Field(default_factory=dict)
    state: RunState
    reason: Reason | None
    text: str
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    estimated: bool
    steps: int
    calls: int
