"""What answers mostly take on this site, by model and effort: counted every night, guessed until enough are known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.db import transaction
from django.utils import timezone

from aichat.models import ModelHabit
from core.llm import efforts
from core.sql import moment

ENOUGH = 20
"""Answers from which on our own figures are believed."""
DAYS = 30
TOKENS_A_SECOND = 40.0
"""Of thinking that is not shown; a guess until some were measured."""


@dataclass(frozen=True, slots=True)
class Habit:
    """Tokens: what an answer mostly writes (its thinking included), and what thinking must have room for."""

    typical: int
    thinking: int
    tokens_a_second: float


def of(model_id: str, effort: str) -> Habit:
    """What is known of a model, else what is usual of the effort."""
    return usual(effort, ModelHabit.objects.filter(model=model_id, effort=effort).first())


def when_thinking(model_id: str, effort: str) -> Habit:
    """The same for one who asks only about thinking: where there is none, nobody is asked."""
    return usual(effort) if effort in {"", "none"} else of(model_id, effort)


def known() -> dict[tuple[str, str], ModelHabit]:
    """All that is known, by model and effort."""
    return {(row.model, row.effort): row for row in ModelHabit.objects.all()}


def usual(effort: str, known: ModelHabit | None = None) -> Habit:
    """The figures of a row, with guesses for those it lacks."""
    thought = efforts.thought(effort)
    if known is None:
        return Habit(int(1.5 * thought) + efforts.USUAL_TEXT, thought, TOKENS_A_SECOND)
    return Habit(
        known.typical_tokens,
        thought if known.thought_tokens is None else known.thought_tokens,
        known.tokens_a_second or TOKENS_A_SECOND,
    )


# CUME_DIST is the share of answers with at most so many; the first that reaches a half is the median.
_COUNT = """
SELECT model, effort, COUNT(*),
  MIN(CASE WHEN written >= 0.5 THEN completion_tokens END),
  MIN(CASE WHEN reasoning_tokens IS NOT NULL AND thought >= 0.9 THEN reasoning_tokens END),
  COUNT(reasoning_tokens),
  MIN(CASE WHEN speed IS NOT NULL AND pace >= 0.5 THEN speed END)
FROM (
  SELECT model, effort, completion_tokens, reasoning_tokens, speed,
    CUME_DIST() OVER (PARTITION BY model, effort ORDER BY completion_tokens) AS written,
    CUME_DIST() OVER (PARTITION BY model, effort, reasoning_tokens IS NULL ORDER BY reasoning_tokens) AS thought,
    CUME_DIST() OVER (PARTITION BY model, effort, speed IS NULL ORDER BY speed) AS pace
  FROM (
    SELECT model, COALESCE(effort, '') AS effort, completion_tokens, reasoning_tokens,
      CASE WHEN reasoning_tokens > 0 AND thinking_ms > 0 THEN reasoning_tokens * 1000.0 / thinking_ms END AS speed
    FROM chat_messages
    WHERE created_at >= %s AND role = 'assistant' AND status = 'complete' AND attempt = 1 AND NOT estimated
      AND completion_tokens > 0
  ) AS answers
) AS ranked
GROUP BY model, effort HAVING COUNT(*) >= %s
"""


def count() -> int:
    """Count the answers of the last days anew; returns for how many models and efforts enough are known."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [moment(now - timedelta(days=DAYS)), ENOUGH])
        found = cursor.fetchall()
    rows = [
        ModelHabit(
            model=model,
            effort=effort,
            answers=answers,
            typical_tokens=typical,
            thought_tokens=thought if told >= ENOUGH else None,
            tokens_a_second=None if speed is None else float(speed),
            counted_at=now,
        )
        for model, effort, answers, typical, thought, told, speed in found
    ]
    with transaction.atomic():
        ModelHabit.objects.all().delete()
        ModelHabit.objects.bulk_create(rows)
    return len(rows)
