"""The figures of answers against the ledger: what a message shows is what was charged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.utils import timezone

from billing.metering.findings import LedgerFinding
from billing.metering.findings import differences
from billing.metering.findings import lowest_id
from billing.metering.findings import rows
from core.sql import identity

_LOOK_BACK = timedelta(days=8)

# One statement, which sees one moment. All attempts at an answer name it in the ledger.
_ANSWERS = """
SELECT answer.id, answer.prompt_tokens, answer.completion_tokens,
  COALESCE(booked.prompt_tokens, 0), COALESCE(booked.completion_tokens, 0)
FROM chat_messages answer LEFT JOIN (
  SELECT reference, SUM(prompt_tokens) AS prompt_tokens, SUM(completion_tokens) AS completion_tokens
  FROM usage_entries WHERE hold_id >= %s AND feature = 'aichat' GROUP BY reference
) booked ON booked.reference = {reference}
WHERE answer.id >= %s AND answer.role = 'assistant' AND answer.status NOT IN ('pending', 'streaming')
  AND answer.hold_key <> ''
  AND (answer.prompt_tokens <> COALESCE(booked.prompt_tokens, 0)
    OR answer.completion_tokens <> COALESCE(booked.completion_tokens, 0))
"""
_REFERENCE = {
    "postgresql": "answer.id::text",
    "sqlite": "substr(answer.id, 1, 8) || '-' || substr(answer.id, 9, 4) || '-' || substr(answer.id, 13, 4)"
    " || '-' || substr(answer.id, 17, 4) || '-' || substr(answer.id, 21)",
}


def check() -> Iterator[LedgerFinding]:
    """Answers of the last eight days whose figures are not the sum of their rows in the ledger."""
    floor = identity(lowest_id(timezone.now() - _LOOK_BACK))
    statement = _ANSWERS.format(reference=_REFERENCE[connection.vendor])
    for answer_id, prompt, completion, booked_prompt, booked_completion in rows(statement, floor, floor):
        yield from differences(
            f"answer {UUID(str(answer_id))}",
            answer_prompt=(booked_prompt, prompt),
            answer_completion=(booked_completion, completion),
        )
