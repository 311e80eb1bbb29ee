"""What an answer may cost at most, and whether that is left: the floor, the ceiling and the hold."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from aichat import habits
from aichat.errors import EffortTooDear
from aichat.prompting import Prompt
from billing import metering
from core import llm
from core.llm import efforts
from core.llm import prices


@dataclass(frozen=True, slots=True)
class Asked:
    """A prompt for a model, in tokens, and how many may be written at most."""

    model: llm.Model
    prompt_tokens: int
    max_tokens: int

    @classmethod
    def of(cls, model: llm.Model, prompt: Prompt) -> Asked:
        return cls(model, prompt.tokens, prompt.max_tokens)


def hold(user_id: UUID, asked: Asked, effort: str, *, key: str, feature: str, reference: str) -> metering.Hold:
    """Set aside what an answer costs at most, inside a transaction that a refusal ends.

    Raises EffortTooDear, and what :func:`metering.hold` raises.
    """
    least = floor(asked, effort)
    try:
        return metering.hold(
            user_id,
            key=key,
            prompt_tokens=asked.prompt_tokens,
            max_tokens=asked.max_tokens,
            least=least,
            feature=feature,
            reference=reference,
            model=asked.model.id,
            effort=effort,
            cost=dearest(asked),
            savepoint=False,
        )
    except metering.TokenLimitExceeded:
        if fits := cheaper(user_id, asked, effort):
            raise EffortTooDear(effort=effort, floor=least, left=_left(user_id, asked), fits=fits) from None
        raise


def floor(asked: Asked, effort: str) -> int:
    """The tokens that must be left for the answer; where nothing is thought, those that any answer needs."""
    thinking = habits.of(asked.model.id, effort).thinking
    return min(max(efforts.floor(asked.model, effort, thinking), metering.MIN_TOKENS), asked.max_tokens)


def cheaper(user_id: UUID, asked: Asked, effort: str) -> str | None:
    """The highest effort below this one for which enough is left; None when there is none."""
    left = _left(user_id, asked)
    lower = efforts.below(asked.model, effort)
    return next((name for name in lower if left is None or floor(asked, name) <= left), None)


def _left(user_id: UUID, asked: Asked) -> int | None:
    """What of the allowance remains for the answer once the prompt is held; None: without limit."""
    left = metering.allowance(user_id).left
    return None if left is None else max(0, left - metering.for_prompt(asked.prompt_tokens))


def dearest(asked: Asked) -> Decimal | None:
    """Dollars, when all of the room is used and nothing comes from the cache; None when the price is not known."""
    read = metering.for_prompt(asked.prompt_tokens)
    usage = llm.Usage(read, asked.max_tokens, cache_write_tokens=read)
    return prices.cost(usage, asked.model, llm.catalogue.today())
