"""An attempt at an answer in a chat, as the generation engine of :mod:`core.llm.generation` is given it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from core.llm.generation import Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerAttempt(Attempt):
    """One attempt at the answer whose message is ``answer_id``, paid for by ``held_tokens`` under ``hold_key``.

    ``may_name`` is False where the chat has its final title, so that nobody needs to ask the database about it.
    ``request_id`` is that of the request that began the attempt: its errors name it, wherever they come up. It is paid
    by the prices of ``asked_on``; thinking that nobody sees is taken for ``tokens_a_second``. ``cost_base`` (dollars)
    and ``reasoning_base`` (tokens) are those of the earlier attempts, None where not known.
    """

    chat_id: UUID
    owner_id: UUID
    began_at: datetime
    hold_key: str
    held_tokens: int
    prompt_tokens: int
    may_name: bool
    request_id: str
    asked_on: date
    tokens_a_second: float
    cost_base: Decimal | None
    reasoning_base: int | None
