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
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db import transaction
from django.utils import timezone

from aichat.attempts import AnswerAttempt
from aichat.events import AnswerEnded
from aichat.models import ChatMessage
from aichat.services import advice
from aichat.services import noticing
from aichat.services import spending
from aichat.services import telling
from aichat.services.spending import Spent
from billing import metering
from core import llm
from core.llm.generation import AnswerOutcome
from core.llm.generation import AnswerProgress
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
  reasoning = COALESCE(news.column6, chat_messages.reasoning),
  thinking_ms = COALESCE(news.column7, chat_messages.thinking_ms), heartbeat_at = %s
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
    counts = {item.attempt.answer_id: item.counted + spending.seen(item) for item in grown}
    progress = [(item, spending.so_far(item, counts[item.attempt.answer_id])) for item in grown]
    with transaction.atomic():
        _store(progress)
        if renew_lease:
            rows = ChatMessage.objects.running().filter(pk__in=[attempt.answer_id for attempt in running])
            rows.update(heartbeat_at=timezone.now())
        metering.record_progress(_metered(progress, running if renew_lease else ()))
    return _heartbeats(running, counts)


def finish(attempt: AnswerAttempt, generated: Generated) -> AnswerOutcome:
    """End an attempt: text, status and settlement in one transaction; safe to call again after a failure.

    The provider's own count wins, zero included; without one it is counted here. Without any response nothing is
    charged. An attempt that was given up meanwhile (its process slept) is fenced: nothing of it is written any more,
    and its row says what was charged.
    """
    spent = spending.at_the_end(attempt, generated)
    # Before the transaction: what it looks up may lock the quota, which comes last.
    error = advice.error_body(attempt, generated.ending, spent.usage)
    with suppress(_GivenUp), transaction.atomic():
        outcome = _end(attempt, generated, spent, error)
        is_ours = metering.settle(
            attempt.hold_key,
            usage=spent.usage,
            charge=spent.charge,
            source="local" if generated.usage is None else "provider",
        )
        if outcome and not is_ours:
            # Its hold was swept, and charged at its progress; whoever swept it is about to end the answer.
            raise _GivenUp
        if outcome:
            noticing.note_ended(attempt.answer_id, attempt.owner_id, status=outcome.status, began_at=attempt.began_at)
            _tell_end(attempt.owner_id, attempt.chat_id, attempt.answer_id, outcome.status)
            return outcome
    abandon(attempt.answer_id, attempt.number)
    return _as_it_was_ended(attempt, generated, spent, error)


def abandon(message_id: UUID, attempt: int) -> bool:
    """Mark an answer whose process is gone ``incomplete`` and settle it at its progress; False when it had ended."""
    claim = ChatMessage.objects.running().filter(pk=message_id, attempt=attempt)
    stored = claim.values_list("content", "reasoning", "chat__owner_id").first()
    if stored is None:
        return False
    stream = relay.stream_of(STREAM_PREFIX, message_id, attempt)
    recovered, thought = relay.recover(stream, stored[0]), relay.recover(relay.thoughts_of(stream), stored[1])
    with transaction.atomic():
        row = claim.select_for_update(no_key=True).first()
        if row is None:
            return False
        row.content = max(row.content, recovered, key=len)
        row.reasoning = max(row.reasoning, _kept(thought), key=len)
        row.status = ChatMessage.Status.INCOMPLETE
        row.error = Interrupted().body()
        row.estimated = True
        row.search_text = folded(row.content)
        row.counted_tokens = None
        row.prompt_tokens += row.progress_prompt
        row.completion_tokens += row.progress_completion
        row.held_tokens = _held(row)
        usage = llm.Usage(row.progress_prompt, row.progress_completion)
        charge = spending.of_an_abandoned(row.model, usage)
        row.cost, row.priced = spending.added(row.cost, charge), charge.priced or row.priced
        row.save(update_fields=_ENDED)
        metering.settle(row.hold_key, usage=usage, charge=charge, source="local")
        noticing.note_ended(row.pk, stored[2], status=row.status, began_at=row.created_at)
        _tell_end(stored[2], row.chat_id, row.pk, row.status)
    logger.warning("aichat.answer_abandoned", extra={"message_id": str(message_id), "attempt": attempt})
    return True


def _held(row: ChatMessage) -> int | None:
    """What was set aside for an attempt whose process is gone, with what was for those before it."""
    before, now = row.held_tokens if row.attempt > 1 else 0, metering.held(row.hold_key)
    return None if before is None or now is None else before + now


def _tell_end(owner_id: UUID, chat_id: UUID, message_id: UUID, status: str) -> None:
    telling.tell(owner_id, AnswerEnded.model_validate({"chat_id": chat_id, "message_id": message_id, "status": status}))


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
    outcome = None if row.is_running else _stored_outcome(row)
    return Snapshot(row.attempt, row.content, outcome, row.reasoning, row.thinking_ms or 0)


def _stored_outcome(row: ChatMessage) -> AnswerOutcome:
    return AnswerOutcome(
        status=row.status,
        finish_reason=row.finish_reason,
        prompt_tokens=row.prompt_tokens,
        completion_tokens=row.completion_tokens,
        estimated=row.estimated,
        error=row.error,
        reasoning_tokens=row.reasoning_tokens,
        thinking_ms=row.thinking_ms,
        effort=row.effort,
        cached_tokens=row.cached_tokens,
        cache_write_tokens=row.cache_write_tokens,
        cost=row.cost,
        priced=row.priced,
        held_tokens=row.held_tokens,
    )


@dataclass(frozen=True, slots=True)
class _Figures:
    """What the row of an answer sums up over its attempts."""

    prompt_tokens: int
    completion_tokens: int
    estimated: bool
    cached_tokens: int
    cache_write_tokens: int
    held_tokens: int | None


def _outcome(
    attempt: AnswerAttempt, generated: Generated, spent: Spent, figures: _Figures, error: dict[str, Any] | None
) -> AnswerOutcome:
    ending = generated.ending
    return AnswerOutcome(
        status=ending.status,
        finish_reason=ending.finish_reason,
        prompt_tokens=figures.prompt_tokens,
        completion_tokens=figures.completion_tokens,
        estimated=figures.estimated,
        error=error,
        reasoning_tokens=spent.reasoning_tokens,
        thinking_ms=generated.thinking_ms,
        effort=attempt.effort,
        cached_tokens=figures.cached_tokens,
        cache_write_tokens=figures.cache_write_tokens,
        cost=spent.cost,
        priced=spent.charge.priced,
        held_tokens=figures.held_tokens,
    )


def _kept(thought: str) -> str:
    """What is stored of a thought."""
    return thought if settings.KEEP_REASONING else ""


_ENDED = [
    "content",
    "reasoning",
    "cost",
    "priced",
    "held_tokens",
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
  cached_tokens = cached_tokens + %s, cache_write_tokens = cache_write_tokens + %s,
  held_tokens = CASE WHEN attempt > 1 THEN held_tokens ELSE 0 END + %s,
  progress_prompt = %s, progress_completion = %s,
  reasoning = %s, reasoning_tokens = %s, thinking_ms = %s, cost = %s, priced = COALESCE(%s, priced), withheld = %s,
  estimated = CASE WHEN attempt > 1 AND estimated THEN TRUE ELSE %s END,
  counted_tokens = %s, counted_with = %s
WHERE id = %s AND attempt = %s AND status IN ('pending', 'streaming')
RETURNING prompt_tokens, completion_tokens, estimated, cached_tokens, cache_write_tokens, held_tokens
"""


def _end(
    attempt: AnswerAttempt, generated: Generated, spent: Spent, error: dict[str, Any] | None
) -> AnswerOutcome | None:
    """End a running attempt in one statement, as many answers may end at once; None when it runs no more."""
    text, ending, usage = generated.text, generated.ending, spent.usage
    is_refused = ending.finish_reason == "refusal"
    parameters = (
        text,
        folded(text),
        ending.status,
        ending.finish_reason,
        None if error is None else json.dumps(error),
        usage.prompt_tokens,
        usage.completion_tokens,
        usage.cached_tokens,
        usage.cache_write_tokens,
        attempt.held_tokens,
        usage.prompt_tokens,
        usage.completion_tokens,
        _kept(generated.thought),
        spent.reasoning_tokens,
        generated.thinking_ms,
        spending.stored(spent.cost),
        connection.ops.adapt_datefield_value(spent.charge.priced),
        is_refused,
        generated.usage is None,
        prompt_cost(text, attempt.model),
        attempt.model.encoding,
        identity(attempt.answer_id),
        attempt.number,
    )
    with connection.cursor() as cursor:
        cursor.execute(_END, parameters)
        row = cursor.fetchone()
    if row is None:
        return None
    if is_refused:
        ChatMessage.objects.filter(children=attempt.answer_id).update(withheld=True)
    figures = _Figures(row[0], row[1], bool(row[2]), *row[3:])
    return _outcome(attempt, generated, spent, figures, error)


def _as_it_was_ended(
    attempt: AnswerAttempt, generated: Generated, spent: Spent, error: dict[str, Any] | None
) -> AnswerOutcome:
    """The end of an attempt that somebody else has ended, as the row tells it."""
    row = ChatMessage.objects.filter(pk=attempt.answer_id, attempt=attempt.number).first()
    if row is not None:
        return _stored_outcome(row)
    # The chat was deleted, or somebody continued what seemed dead.
    usage, estimated = spent.usage, generated.usage is None
    figures = _Figures(
        usage.prompt_tokens,
        usage.completion_tokens,
        estimated,
        usage.cached_tokens,
        usage.cache_write_tokens,
        attempt.held_tokens,
    )
    return _outcome(attempt, generated, spent, figures, error)


def prompt_cost(content: str, model: llm.Model) -> int:
    """What a plain text turn adds to later prompts."""
    return llm.tokens.count_text(content, model) + llm.tokens.PER_MESSAGE


def _store(progress: Sequence[tuple[AnswerProgress[AnswerAttempt], llm.Usage]]) -> None:
    if not progress:
        return
    row = "(%s, %s, %s, %s, %s, %s, %s)"
    if connection.vendor == "postgresql":
        row = "(%s::uuid, %s, %s, %s, %s, %s::text, %s::integer)"
    parameters: list[Any] = [moment(timezone.now())]
    for item, usage in progress:
        thought = None if item.thought is None else _kept(item.thought)
        parameters += [identity(item.attempt.answer_id), item.attempt.number, item.text]
        parameters += [usage.prompt_tokens, usage.completion_tokens, thought, item.thinking_ms]
    with connection.cursor() as cursor:
        cursor.execute(_CHECKPOINT.format(rows=", ".join([row] * len(progress))), parameters)


def _metered(
    progress: Sequence[tuple[AnswerProgress[AnswerAttempt], llm.Usage]], silent: Sequence[AnswerAttempt]
) -> list[metering.HoldProgress]:
    known = {
        item.attempt.hold_key: metering.HoldProgress(
            item.attempt.hold_key, usage.prompt_tokens, usage.completion_tokens
        )
        for item, usage in progress
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
