"""An answer's life in the database while a model writes it: checkpoints, the end, and what is left of a dead one.

A message's end and the settlement of its hold are one transaction, so neither exists without the other. Whoever ends
an attempt claims it by a conditional update on (id, attempt, still running), so it ends once. Rows are locked in the
order message → hold → quota, everywhere.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db import transaction
from django.utils import timezone

from aichat.attempts import AnswerAttempt
from aichat.models import ChatMessage
from billing import metering
from core import llm
from core.llm.generation import AnswerOutcome
from core.llm.generation import AnswerProgress
from core.llm.generation import Ending
from core.llm.generation import Generated
from core.llm.generation import Heartbeat
from core.llm.generation import Interrupted
from core.llm.generation import Snapshot
from core.llm.generation import relay
from core.sql import identity
from core.sql import moment
from core.text import folded

logger = logging.getLogger(__name__)

STREAM_PREFIX = "answer"
"""What the streams of answers in Redis are called."""

LEASE = timedelta(seconds=20)
"""How long after its last heartbeat an answer still belongs to its process; a living one renews that every 5 s."""


class _GivenUp(Exception):
    """The attempt is not its process's any more."""


_CHECKPOINT = """
UPDATE chat_messages SET
  content = news.column3, status = 'streaming', progress_prompt = news.column4, progress_completion = news.column5,
  heartbeat_at = %s
FROM (VALUES {rows}) AS news
WHERE chat_messages.id = news.column1 AND chat_messages.attempt = news.column2
  AND chat_messages.status IN ('pending', 'streaming')
"""


def checkpoint(
    grown: Sequence[AnswerProgress[AnswerAttempt]], *, running: Sequence[AnswerAttempt], renew_lease: bool
) -> dict[UUID, Heartbeat]:
    """Store the text and progress of every answer that has grown, in one transaction and two statements.

    ``renew_lease`` also renews the heartbeat and the hold of those that have not. Returns what is known of each attempt
    in ``running``; one that is missing was ended by somebody else, and its process must let go of it.
    """
    counts = {item.attempt.answer_id: item.counted + _count(item) for item in grown}
    with transaction.atomic():
        _store(grown, counts)
        if renew_lease:
            rows = ChatMessage.objects.running().filter(pk__in=[attempt.answer_id for attempt in running])
            rows.update(heartbeat_at=timezone.now())
        metering.record_progress(_metered(grown, counts, running if renew_lease else ()))
    return _heartbeats(running, counts)


def finish(attempt: AnswerAttempt, generated: Generated) -> AnswerOutcome:
    """End an attempt: text, status and settlement in one transaction; safe to call again after a failure.

    The provider's own count wins, zero included; without one it is counted here. Without any response nothing is
    charged. An attempt that was given up meanwhile (its process slept) is fenced: nothing of it is written any more,
    and its row says what was charged.
    """
    spent = _spent(attempt, generated)
    with suppress(_GivenUp), transaction.atomic():
        outcome = _end(attempt, generated, spent)
        is_ours = _settle(attempt, spent, generated.usage)
        if outcome and not is_ours:
            # Its hold was swept, and charged at its progress; whoever swept it is about to end the answer.
            raise _GivenUp
        if outcome:
            return outcome
    abandon(attempt.answer_id, attempt.number)
    return _as_it_was_ended(attempt, generated.ending, spent, estimated=generated.usage is None)


def abandon(message_id: UUID, attempt: int) -> bool:
    """Mark an answer whose process is gone ``incomplete`` and settle it at its progress; False when it had ended."""
    claim = ChatMessage.objects.running().filter(pk=message_id, attempt=attempt)
    stored = claim.values_list("content", flat=True).first()
    if stored is None:
        return False
    recovered = relay.recover(relay.stream_of(STREAM_PREFIX, message_id, attempt), stored)
    with transaction.atomic():
        row = claim.select_for_update(no_key=True).first()
        if row is None:
            return False
        row.content = max(row.content, recovered, key=len)
        row.status = ChatMessage.Status.INCOMPLETE
        row.error = Interrupted().body()
        row.estimated = True
        row.search_text = folded(row.content)
        row.counted_tokens = None
        row.prompt_tokens += row.progress_prompt
        row.completion_tokens += row.progress_completion
        row.save(update_fields=_ENDED)
        metering.settle(
            row.hold_key,
            prompt_tokens=row.progress_prompt,
            completion_tokens=row.progress_completion,
            source="local",
        )
    logger.warning("aichat.answer_abandoned", extra={"message_id": str(message_id), "attempt": attempt})
    return True


def abandon_stale() -> int:
    """Abandon every answer whose lease has run out; returns how many."""
    stale = ChatMessage.objects.running().filter(heartbeat_at__lt=timezone.now() - LEASE)
    return sum(abandon(message_id, attempt) for message_id, attempt in list(stale.values_list("pk", "attempt")))


def abandon_swept(key: str) -> None:
    """The sweeper of holds has settled ``key``: its answer is over too."""
    for message_id, attempt in ChatMessage.objects.filter(hold_key=key).values_list("pk", "attempt"):
        abandon(message_id, attempt)


def is_stale(row: ChatMessage) -> bool:
    """Whether the process that wrote a running answer is gone."""
    return row.is_running and row.heartbeat_at < timezone.now() - LEASE


def current(message_ids: Iterable[UUID]) -> dict[UUID, ChatMessage]:
    """The rows as they are now, dead answers ended first: what somebody following from another process sees."""
    rows = ChatMessage.objects.in_bulk(list(message_ids))
    dead = [row for row in rows.values() if is_stale(row) and abandon(row.pk, row.attempt)]
    return rows | (ChatMessage.objects.in_bulk([row.pk for row in dead]) if dead else {})


def snapshot(row: ChatMessage) -> Snapshot:
    """A row as the engine reads it."""
    return Snapshot(row.attempt, row.content, None if row.is_running else _stored_outcome(row))


def _stored_outcome(row: ChatMessage) -> AnswerOutcome:
    return AnswerOutcome(
        status=row.status,
        finish_reason=row.finish_reason,
        prompt_tokens=row.prompt_tokens,
        completion_tokens=row.completion_tokens,
        estimated=row.estimated,
        error=row.error,
    )


def _outcome(
    attempt: AnswerAttempt, ending: Ending, prompt_tokens: int, completion_tokens: int, *, estimated: bool
) -> AnswerOutcome:
    return AnswerOutcome(
        status=ending.status,
        finish_reason=ending.finish_reason,
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        estimated=estimated,
        error=_error_body(attempt, ending),
    )


def _error_body(attempt: AnswerAttempt, ending: Ending) -> dict[str, Any] | None:
    """The house error body with the id under which the request that asked stands in the logs."""
    return None if ending.error is None else ending.error.body() | {"request_id": attempt.request_id}


_ENDED = [
    "content",
    "search_text",
    "status",
    "finish_reason",
    "prompt_tokens",
    "completion_tokens",
    "progress_prompt",
    "progress_completion",
    "estimated",
    "error",
    "counted_tokens",
    "counted_with",
]


_END = """
UPDATE chat_messages SET
  content = %s, search_text = %s, status = %s, finish_reason = %s, error = %s,
  prompt_tokens = prompt_tokens + %s, completion_tokens = completion_tokens + %s,
  progress_prompt = %s, progress_completion = %s,
  estimated = CASE WHEN attempt > 1 AND estimated THEN TRUE ELSE %s END,
  counted_tokens = %s, counted_with = %s
WHERE id = %s AND attempt = %s AND status IN ('pending', 'streaming')
RETURNING prompt_tokens, completion_tokens, estimated
"""


def _end(attempt: AnswerAttempt, generated: Generated, spent: llm.Usage) -> AnswerOutcome | None:
    """End a running attempt in one statement, as many answers may end at once; None when it runs no more."""
    text, ending = generated.text, generated.ending
    error = _error_body(attempt, ending)
    parameters = (
        text,
        folded(text),
        ending.status,
        ending.finish_reason,
        None if error is None else json.dumps(error),
        spent.prompt_tokens,
        spent.completion_tokens,
        spent.prompt_tokens,
        spent.completion_tokens,
        generated.usage is None,
        prompt_cost(text, attempt.model),
        attempt.model.encoding,
        identity(attempt.answer_id),
        attempt.number,
    )
    with connection.cursor() as cursor:
        cursor.execute(_END, parameters)
        row = cursor.fetchone()
    return None if row is None else _outcome(attempt, ending, row[0], row[1], estimated=bool(row[2]))


def _as_it_was_ended(attempt: AnswerAttempt, ending: Ending, spent: llm.Usage, *, estimated: bool) -> AnswerOutcome:
    """The end of an attempt that somebody else has ended, as the row tells it."""
    row = ChatMessage.objects.filter(pk=attempt.answer_id, attempt=attempt.number).first()
    if row is None:  # the chat was deleted, or somebody continued what seemed dead
        return _outcome(attempt, ending, spent.prompt_tokens, spent.completion_tokens, estimated=estimated)
    return _stored_outcome(row)


def prompt_cost(content: str, model: llm.Model) -> int:
    """What a plain text turn adds to later prompts."""
    return llm.tokens.count_text(content, model) + llm.tokens.PER_MESSAGE


def _spent(attempt: AnswerAttempt, generated: Generated) -> llm.Usage:
    if generated.usage is not None:
        return generated.usage
    if not generated.responded:
        return llm.Usage(0, 0)
    written = generated.text[len(attempt.base) :]
    # What was asked for is the most there can be, where our own count is an estimate.
    written_tokens = min(llm.tokens.count_text(written, attempt.model), attempt.max_tokens)
    return llm.Usage(attempt.prompt_tokens, written_tokens)


def _settle(attempt: AnswerAttempt, spent: llm.Usage, usage: llm.Usage | None) -> bool:
    return metering.settle(
        attempt.hold_key,
        prompt_tokens=spent.prompt_tokens,
        completion_tokens=spent.completion_tokens,
        source="local" if usage is None else "provider",
    )


def _count(item: AnswerProgress[AnswerAttempt]) -> int:
    return llm.tokens.count_text(item.fresh, item.attempt.model) if item.fresh else 0


def _prompt_spent(item: AnswerProgress[AnswerAttempt]) -> int:
    return item.attempt.prompt_tokens if item.responded else 0


def _store(grown: Sequence[AnswerProgress[AnswerAttempt]], counts: dict[UUID, int]) -> None:
    if not grown:
        return
    row = "(%s::uuid, %s, %s, %s, %s)" if connection.vendor == "postgresql" else "(%s, %s, %s, %s, %s)"
    parameters: list[Any] = [moment(timezone.now())]
    for item in grown:
        answer_id = item.attempt.answer_id
        parameters += [identity(answer_id), item.attempt.number, item.text, _prompt_spent(item), counts[answer_id]]
    with connection.cursor() as cursor:
        cursor.execute(_CHECKPOINT.format(rows=", ".join([row] * len(grown))), parameters)


def _metered(
    grown: Sequence[AnswerProgress[AnswerAttempt]], counts: dict[UUID, int], silent: Sequence[AnswerAttempt]
) -> list[metering.HoldProgress]:
    known = {
        item.attempt.hold_key: metering.HoldProgress(
            item.attempt.hold_key, _prompt_spent(item), counts[item.attempt.answer_id]
        )
        for item in grown
    }
    # Counts never go backwards in the ledger's table, so a zero only pushes the expiry.
    return [
        *known.values(),
        *(metering.HoldProgress(each.hold_key, 0, 0) for each in silent if each.hold_key not in known),
    ]


def _heartbeats(running: Sequence[AnswerAttempt], counts: dict[UUID, int]) -> dict[UUID, Heartbeat]:
    numbers = {attempt.answer_id: attempt.number for attempt in running}
    rows = ChatMessage.objects.running().filter(pk__in=numbers)
    return {
        message_id: Heartbeat(counts.get(message_id, -1), stop_requested)
        for message_id, number, stop_requested in rows.values_list("pk", "attempt", "stop_requested")
        if numbers[message_id] == number
    }
