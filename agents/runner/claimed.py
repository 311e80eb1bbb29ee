"""A run that this process holds: its row as claimed, and its steps. Only the holder of the fence writes them."""

from __future__ import annotations

from collections.abc import Hashable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from functools import cached_property
from uuid import UUID

from agents import limits
from agents.models import AgentRun
from agents.models import AgentStep
from agents.runner.answering import Answer
from agents.services.histories import Place
from agents.services.snapshots import FunctionSnapshot
from agents.services.snapshots import Snapshot
from core import llm

StepState = AgentStep.State
ENDED_CALL = (StepState.DONE, StepState.FAILED, StepState.DENIED, StepState.UNKNOWN)


class RunLost(Exception):
    """The run belongs to another process now, or was ended: nothing more of it is written or done here."""


@dataclass
class Claimed:
    """``row`` is the claim (see :mod:`core.jobs.claims`); ``counts`` remembers what turns cost in tokens."""

    row: AgentRun
    steps: list[AgentStep]
    approved: frozenset[UUID] = frozenset()
    """Steps whose call, with these arguments, a person has said yes to."""
    ending: tuple[str, str] | None = None
    """State and reason, once it is to be cut off."""
    counts: dict[Hashable, int] = field(default_factory=dict)
    clips: dict[Hashable, str] = field(default_factory=dict)
    place: Place | None = None
    """The conversation it answers in."""
    answer: Answer | None = None
    """What it says there."""

    @property
    def pk(self) -> UUID:
        return self.row.pk

    @cached_property
    def snapshot(self) -> Snapshot:
        return Snapshot.read(self.row.snapshot)

    @cached_property
    def model(self) -> llm.Model:
        return llm.catalogue.require(self.snapshot.model)

    @property
    def prompt(self) -> str:
        """What was asked, as the model reads it."""
        return self.place.prompt if self.place is not None else self.row.prompt

    @property
    def history(self) -> Sequence[Mapping[str, str]]:
        """What was said before."""
        return self.place.history if self.place is not None else self.row.history

    @contextmanager
    def ending_answer(self, last: tuple[AgentStep, str] | None = None, *, ends: bool = True) -> Iterator[None]:
        """Nothing more is said in passing: taken before the transaction that ends a step, or the run (``ends``).

        ``last`` is as :meth:`agents.runner.answering.Answer.text` takes it.
        """
        if self.answer is None:
            yield
            return
        with self.answer.lock:
            if ends:
                self.answer.prepare(last)
            yield

    @property
    def last(self) -> AgentStep | None:
        return self.steps[-1] if self.steps else None

    @property
    def batch(self) -> list[AgentStep]:
        """The calls that the model's last answer wants."""
        at = next((at for at in range(len(self.steps) - 1, -1, -1) if self.steps[at].kind == AgentStep.Kind.MODEL), -1)
        return self.steps[at + 1 :]

    def closing_of(self, step: AgentStep) -> str:
        """The bound for which an answer is the last one; empty when it is not."""
        return self.row.reason if step.is_closing else ""

    @property
    def calls(self) -> list[AgentStep]:
        return [step for step in self.steps if step.kind == AgentStep.Kind.TOOL]

    def function(self, step: AgentStep) -> FunctionSnapshot | None:
        return self.snapshot.function(step.name)

    # What is left ----------------------------------------------------------------------------------------------------

    @property
    def tokens_left(self) -> int:
        used = self.row.prompt_tokens + self.row.completion_tokens
        return self.snapshot.run_tokens * self.row.budgets - used

    @property
    def steps_left(self) -> int:
        return self.snapshot.max_steps * self.row.budgets - self.row.steps

    @property
    def calls_left(self) -> int:
        return self.snapshot.max_calls * self.row.budgets - self.row.calls

    @property
    def seconds_allowed(self) -> float:
        return float(self.snapshot.max_seconds * self.row.budgets)

    def calls_of(self, function: FunctionSnapshot) -> int:
        """How often it was called in this run, as far as it was begun."""
        begun = (StepState.SENDING, StepState.DONE, StepState.UNKNOWN, StepState.FAILED)
        return sum(step.name == function.name and step.state in begun and bool(step.attempt) for step in self.calls)

    def same_before(self, step: AgentStep) -> int:
        """How often the same was asked for before."""
        return sum(one.n < step.n and one.arguments_hash == step.arguments_hash for one in self.calls)

    @property
    def wrong_in_row(self) -> int:
        """Calls at the end of the run that were none, since it was last continued."""
        count = 0
        for step in reversed(self.steps):
            if step.is_closing or (step.kind == AgentStep.Kind.TOOL and not is_wrong(step)):
                break
            count += step.kind == AgentStep.Kind.TOOL
        return count

    @property
    def repeated(self) -> AgentStep | None:
        """The call that goes in a circle."""
        return next((one for one in self.batch if self.same_before(one) >= limits.SAME_CALLS), None)


def is_wrong(step: AgentStep) -> bool:
    """Whether the model has named no tool of its, or given what are no arguments."""
    return step.state == StepState.FAILED and step.error in ("unknown_tool", "bad_arguments")
