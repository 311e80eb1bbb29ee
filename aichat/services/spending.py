"""What an attempt at an answer has used, counted by the provider or else by us, and what that cost in dollars."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from aichat.attempts import AnswerAttempt
from aichat.models import ChatMessage
from core import llm
from core.llm import prices
from core.llm.errors import UnknownModel
from core.llm.generation import AnswerProgress
from core.llm.generation import Generated
from core.llm.prices import Charge


@dataclass(frozen=True, slots=True)
class Spent:
    """The usage and the charge of one attempt; ``cost`` (dollars) and ``reasoning_tokens`` are those of all of them."""

    usage: llm.Usage
    charge: Charge
    cost: Decimal | None
    reasoning_tokens: int | None


def at_the_end(attempt: AnswerAttempt, generated: Generated) -> Spent:
    """The provider's own count wins, zero included; without one it is counted here.

    Without any response nothing was used. What was not charged may have cost something all the same.
    """
    usage = generated.usage or _counted(attempt, generated)
    paid = generated.unpaid or usage
    charge = prices.charge(paid, attempt.model, attempt.asked_on)
    told, before = usage.reasoning_tokens, attempt.reasoning_base
    return Spent(
        usage,
        charge,
        cost=attempt.cost_base if generated.unpaid else added(attempt.cost_base, charge),
        reasoning_tokens=before if told is None else (before or 0) + told,
    )


def of_an_abandoned(model_id: str, usage: llm.Usage) -> Charge:
    """What an attempt cost whose process is gone, by the price of today."""
    try:
        model = llm.catalogue.get(model_id)
    except UnknownModel:
        return prices.UNKNOWN
    return prices.charge(usage, model, llm.catalogue.today())


def added(before: Decimal | None, charge: Charge) -> Decimal | None:
    """The cost of an answer with that of one more attempt."""
    return before if charge.cost is None else (before or Decimal(0)) + charge.cost


def stored(cost: Decimal | None) -> Any:
    """A cost as the driver takes it."""
    return ChatMessage._meta.get_field("cost").get_db_prep_save(cost, connection)


def seen(item: AnswerProgress[AnswerAttempt]) -> int:
    """The tokens of what was written and thought since the last count."""
    return sum(llm.tokens.count_text(text, item.attempt.model) for text in (item.fresh, item.fresh_thought) if text)


def so_far(item: AnswerProgress[AnswerAttempt], counted: int) -> llm.Usage:
    """What a running attempt has used; ``counted`` are the tokens of all that was seen."""
    attempt = item.attempt
    written = counted + _hidden(attempt, item.hidden_seconds)
    return llm.Usage(attempt.prompt_tokens if item.responded else 0, min(written, max(counted, attempt.max_tokens)))


def _counted(attempt: AnswerAttempt, generated: Generated) -> llm.Usage:
    if not generated.responded:
        return llm.Usage(0, 0)
    written = llm.tokens.count_text(generated.text[len(attempt.base) :], attempt.model)
    thought = llm.tokens.count_text(generated.thought[len(attempt.thought_base) :], attempt.model)
    total = written + thought + _hidden(attempt, generated.hidden_seconds)
    # What was asked for is the most there can be, where our own count is an estimate.
    return llm.Usage(attempt.prompt_tokens, min(total, attempt.max_tokens))


def _hidden(attempt: AnswerAttempt, seconds: float) -> int:
    """Tokens of thinking of which nothing was seen: nobody counts them for us when it is broken off."""
    return int(seconds * attempt.tokens_a_second)
