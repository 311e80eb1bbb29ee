"""What goes into the book of tokens and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from datetime import datetime
from decimal import Decimal
from typing import Any
from typing import Literal
from typing import NamedTuple
from uuid import UUID

from billing.metering.tokens.days import day_value
from core.llm.base import Usage
from core.llm.prices import UNKNOWN
from core.llm.prices import Charge

Source = Literal["provider", "local"]
"""Who counted: the provider, whose word wins (a zero included), or our own tokenizer."""

MIN_TOKENS = 64
"""An answer shorter than this is not worth beginning."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Tokens set aside; ``max_tokens`` may go to the provider, and ``created`` is False for a repeated key."""

    id: UUID
    key: str
    amount: int
    max_tokens: int
    state: str
    created: bool


@dataclass(frozen=True, slots=True)
class HoldProgress:
    """What a running action has used so far."""

    key: str
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Draft:
    id: UUID
    key: str
    user_id: UUID
    made_at: datetime
    expires_at: datetime
    prompt: int
    max_tokens: int
    feature: str
    model: str
    reference: str
    takes_quota: bool
    day: date | None
    funded_by: str = ""
    least: int = MIN_TOKENS
    effort: str = ""
    micros: int = 0
    cost_day: date | None = None

    @property
    def amount(self) -> int:
        return self.prompt + self.max_tokens

    @property
    def facts(self) -> tuple[Any, ...]:
        return (
            self.max_tokens,
            self.feature,
            self.model,
            self.reference,
            self.takes_quota,
            day_value(self.day),
            self.funded_by,
            self.effort,
            self.micros,
            day_value(self.cost_day),
        )


class Claim(NamedTuple):
    id: Any
    key: str
    user_id: Any
    amount: int
    charged: int
    progress_prompt: int
    progress_completion: int
    feature: str
    model: str
    reference: str
    takes_quota: Any
    platform_day: Any
    funded_by: str
    effort: str
    micros: int
    cost_day: Any


class Booked(NamedTuple):
    """What the ledger says of one hold; ``cost`` in USD, None where the price was not known."""

    prompt_tokens: int
    completion_tokens: int
    cost: Decimal | None


class Used(NamedTuple):
    usage: Usage
    source: Source
    charge: Charge = UNKNOWN
