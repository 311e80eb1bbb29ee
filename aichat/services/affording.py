"""What an answer may cost at most, and whether that is left: the floor, the ceiling and the hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from aichat import habits
from aichat.errors import EffortTooDear
from aichat.habits import Habit
from aichat.prompting import Prompt
from billing import metering
from core import llm
from core.llm import efforts
from core.llm import prices


@dataclass(frozen=True, slots=True)
class Asked:
    """A prompt of so many tokens for a model, and how many may be written at most; ``effort`` is empty for none."""

    model: llm.Model
    effort: str
    prompt_tokens: int
    max_tokens: int
    habit: Habit

    @classmethod
    def of(cls, model: llm.Model, effort: str, prompt: Prompt) -> Asked:
        return cls(model, effort, prompt.tokens, prompt.max_tokens, habits.when_thinking(model.id, effort))

    @property
    def floor(self) -> int:
        """The tokens that must be left for the answer; where nothing is thought, those that any answer needs."""
        return _floor(self.model, self.effort, self.habit, self.max_tokens)


@contextmanager
def explained(user_id: UUID, asked: Asked) -> Iterator[None]:
    """Around a transaction with a :func:`hold` that too little may be left for.

    Raises EffortTooDear when less thinking would do, and else what :func:`metering.hold` has raised.
    """
    try:
        yield
    except metering.TokenLimitExceeded:
        left = _left(user_id, asked.prompt_tokens)
        if fits := _cheaper(asked.model, asked.effort, asked.max_tokens, left):
            raise EffortTooDear(effort=asked.effort, floor=asked.floor, left=left, fits=fits) from None
        raise


def hold(user_id: UUID, asked: Asked, *, key: str, feature: str, reference: str) -> metering.Hold:
    """Set aside what an answer costs at most, inside a transaction that a refusal ends; see :func:`explained`."""
    return metering.hold(
        user_id,
        key=key,
        prompt_tokens=asked.prompt_tokens,
        max_tokens=asked.max_tokens,
        least=asked.floor,
        feature=feature,
        reference=reference,
        model=asked.model.id,
        effort=asked.effort,
        cost=of_the_day(asked.model, asked.prompt_tokens, asked.max_tokens),
        savepoint=False,
    )


def cheaper(user_id: UUID, model: llm.Model, effort: str, *, prompt_tokens: int, max_tokens: int) -> str | None:
    """The highest effort below this one for which enough is left; None when there is none."""
    return _cheaper(model, effort, max_tokens, _left(user_id, prompt_tokens))


def dearest(model: llm.Model, prompt_tokens: int, max_tokens: int) -> Decimal | None:
    """Dollars, when all of the room is used and nothing comes from the cache; None when the price is not known."""
    read = metering.for_prompt(prompt_tokens)
    usage = llm.Usage(read, max_tokens, cache_write_tokens=read)
    return prices.cost(usage, model, llm.catalogue.today())


def of_the_day(model: llm.Model, prompt_tokens: int, max_tokens: int) -> Decimal | None:
    """The same as far as the operator pays it: the price of the demo is for show."""
    return None if model.is_demo else dearest(model, prompt_tokens, max_tokens)


def _cheaper(model: llm.Model, effort: str, max_tokens: int, left: int | None) -> str | None:
    for name in efforts.below(model, effort):
        if left is None or _floor(model, name, habits.when_thinking(model.id, name), max_tokens) <= left:
            return name
    return None


def _floor(model: llm.Model, effort: str, habit: Habit, max_tokens: int) -> int:
    return min(max(efforts.floor(model, effort, habit.thinking), metering.MIN_TOKENS), max_tokens)


def _left(user_id: UUID, prompt_tokens: int) -> int | None:
    """What of the allowance remains for the answer once the prompt is held; None: without limit."""
    left = metering.allowance(user_id).left
    return None if left is None else max(0, left - metering.for_prompt(prompt_tokens))
