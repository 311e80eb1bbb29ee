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
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db import transaction
from django.utils import timezone

from aichat.engine import relay
from aichat.engine.job import Ending
from aichat.engine.job import Job
from aichat.engine.job import Outcome
from aichat.engine.job import Progress
from aichat.engine.job import Sighting
from aichat.errors import Interrupted
from aichat.models import ChatMessage
from aichat.models import folded
from billing import metering
from core import llm
from core.sql import identity
from core.sql import moment

logger = logging.getLogger(__name__)

STALE_AFTER = timedelta(seconds=20)
"""An answer nobody has vouched for in this time has lost its process; a living one is vouched for every 5 s."""

_CHECKPOINT = """
UPDATE chat_messages SET
  content = news.column3, status = 'streaming', progress_prompt = news.column4, progress_completion = news.column5,
  heartbeat_at = %s
FROM (VALUES {rows}) AS news
WHERE chat_messages.id = news.column1 AND chat_messages.attempt = news.column2
  AND chat_messages.status IN ('pending', 'streaming')
"""


def checkpoint(written: Sequence[Progress], *, running: Sequence[Job], vouch: bool) -> dict[UUID, Sighting]:
    """Store the text and progress of every answer that has grown, in one transaction and two statements.

    ``vouch`` also renews the heartbeat and the hold of those that have not. Returns what is known of each attempt in
    ``running``; one that is missing was ended by somebody else, and its process must let go of it.
    """
    counts = {item.job.message_id: item.counted + _count(item) for item in written}
    now = timezone.now()
    with transaction.atomic():
        _store(written, counts)
        if vouch:
            ChatMessage.objects.running().filter(pk__in=[job.message_id for job in running]).update(heartbeat_at=now)
        metering.record_progress(_metered(written, counts, running if vouch else ()))
    return _sightings(running, counts)


def finish(job: Job, *, content: str, heard: bool, ending: Ending, usage: llm.Usage | None) -> Outcome:
    """End an attempt: text, status and settlement in one transaction; safe to call again after a failure.

    The provider's own count wins, zero included; without one it is counted here. Nothing heard, nothing charged. An
    attempt that the sweeper gave up (its process seemed dead) still gets its full text; the charge stays as it was.
    """
    spent = _spent(job, content[len(job.base) :], heard=heard, usage=usage)
    estimated = usage is None
    with transaction.atomic():
        figures = _end(job, content, ending, spent, estimated=estimated)
        _settle(job, spent, usage)
        if figures is None:
            return _end_late(job, content, ending, spent, estimated=estimated)
    return Outcome(ending.status, ending.finish_reason, *figures, error=ending.error)


def abandon(message_id: UUID, attempt: int) -> bool:
    """Mark an answer whose process is gone ``incomplete`` and settle it at its progress; False when it had ended."""
    claim = ChatMessage.objects.running().filter(pk=message_id, attempt=attempt)
    stored = claim.values_list("content", flat=True).first()
    if stored is None:
        return False
    salvaged = relay.salvage(message_id, attempt, stored)
    with transaction.atomic():
        row = claim.select_for_update(no_key=True).first()
        if row is None:
            return False
        row.content = max(row.content, salvaged, key=len)
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
    """Abandon every answer that nobody vouches for any more; returns how many."""
    stale = ChatMessage.objects.running().filter(heartbeat_at__lt=timezone.now() - STALE_AFTER)
    return sum(abandon(message_id, attempt) for message_id, attempt in list(stale.values_list("pk", "attempt")))


def abandon_swept(key: str) -> None:
    """The sweeper of holds has settled ``key``: its answer is over too."""
    for message_id, attempt in ChatMessage.objects.filter(hold_key=key).values_list("pk", "attempt"):
        abandon(message_id, attempt)


def is_stale(row: ChatMessage) -> bool:
    """Whether the process that wrote a running answer is gone."""
    return row.is_running and row.heartbeat_at < timezone.now() - STALE_AFTER


def snapshots(message_ids: Iterable[UUID]) -> dict[UUID, ChatMessage]:
    """The rows as they are now, dead answers ended first: what somebody following from another process sees."""
    rows = ChatMessage.objects.in_bulk(list(message_ids))
    dead = [row for row in rows.values() if is_stale(row) and abandon(row.pk, row.attempt)]
    return rows | (ChatMessage.objects.in_bulk([row.pk for row in dead]) if dead else {})


def outcome_of(row: ChatMessage) -> Outcome:
    """The end of a finished answer."""
    return Outcome(
        status=row.status,
        finish_reason=row.finish_reason,
        prompt_tokens=row.prompt_tokens,
        completion_tokens=row.completion_tokens,
        estimated=row.estimated,
        error=row.error,
    )


_FINISH_REASON_LENGTH = 30
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


def _end(job: Job, content: str, ending: Ending, spent: llm.Usage, *, estimated: bool) -> tuple[int, int, bool] | None:
    """End a running attempt in one statement, as many answers may end at once; None when it runs no more."""
    parameters = (
        content,
        folded(content),
        ending.status,
        ending.finish_reason[:_FINISH_REASON_LENGTH],
        None if ending.error is None else json.dumps(ending.error),
        spent.prompt_tokens,
        spent.completion_tokens,
        spent.prompt_tokens,
        spent.completion_tokens,
        estimated,
        prompt_cost(content, job.model),
        job.model.encoding,
        identity(job.message_id),
        job.attempt,
    )
    with connection.cursor() as cursor:
        cursor.execute(_END, parameters)
        row = cursor.fetchone()
    return None if row is None else (row[0], row[1], bool(row[2]))


def _end_late(job: Job, content: str, ending: Ending, spent: llm.Usage, *, estimated: bool) -> Outcome:
    """The end of an attempt that somebody else has ended: only one given up by the sweeper still takes text."""
    row = ChatMessage.objects.select_for_update(no_key=True).filter(pk=job.message_id, attempt=job.attempt).first()
    if row is None:  # the chat was deleted, or somebody continued what seemed dead
        return Outcome(
            ending.status, ending.finish_reason, spent.prompt_tokens, spent.completion_tokens, estimated, ending.error
        )
    if row.status == ChatMessage.Status.INCOMPLETE and len(content) > len(row.content):
        # Its figures replace those of the abandonment, which had added the progress.
        row.prompt_tokens += spent.prompt_tokens - row.progress_prompt
        row.completion_tokens += spent.completion_tokens - row.progress_completion
        row.progress_prompt, row.progress_completion = spent.prompt_tokens, spent.completion_tokens
        row.content, row.search_text = content, folded(content)
        row.status, row.error = ending.status, ending.error
        row.finish_reason = ending.finish_reason[:_FINISH_REASON_LENGTH]
        row.estimated = estimated
        row.counted_tokens, row.counted_with = prompt_cost(content, job.model), job.model.encoding
        row.save(update_fields=_ENDED)
    return outcome_of(row)


def prompt_cost(content: str, model: llm.Model) -> int:
    """What a plain text turn adds to later prompts."""
    return llm.tokens.count_text(content, model) + llm.tokens.PER_MESSAGE


def _spent(job: Job, text: str, *, heard: bool, usage: llm.Usage | None) -> llm.Usage:
    if usage is not None:
        return usage
    if not heard:
        return llm.Usage(0, 0)
    return llm.Usage(job.prompt_tokens, llm.tokens.count_text(text, job.model))


def _settle(job: Job, spent: llm.Usage, usage: llm.Usage | None) -> None:
    metering.settle(
        job.key,
        prompt_tokens=spent.prompt_tokens,
        completion_tokens=spent.completion_tokens,
        source="local" if usage is None else "provider",
    )


def _count(item: Progress) -> int:
    return llm.tokens.count_text(item.fresh, item.job.model) if item.fresh else 0


def _store(written: Sequence[Progress], counts: dict[UUID, int]) -> None:
    if not written:
        return
    row = "(%s::uuid, %s, %s, %s, %s)" if connection.vendor == "postgresql" else "(%s, %s, %s, %s, %s)"
    parameters: list[Any] = [moment(timezone.now())]
    for item in written:
        job = item.job
        spent = (job.prompt_tokens if item.heard else 0, counts[job.message_id])
        parameters += [identity(job.message_id), job.attempt, item.content, *spent]
    with connection.cursor() as cursor:
        cursor.execute(_CHECKPOINT.format(rows=", ".join([row] * len(written))), parameters)


def _metered(written: Sequence[Progress], counts: dict[UUID, int], silent: Sequence[Job]) -> list[metering.Progress]:
    grown = [
        metering.Progress(item.job.key, item.job.prompt_tokens if item.heard else 0, counts[item.job.message_id])
        for item in written
    ]
    known = {item.key for item in grown}
    # Counts never go backwards in the ledger's table, so a zero only pushes the expiry.
    return grown + [metering.Progress(job.key, 0, 0) for job in silent if job.key not in known]


def _sightings(running: Sequence[Job], counts: dict[UUID, int]) -> dict[UUID, Sighting]:
    attempts = {job.message_id: job.attempt for job in running}
    rows = ChatMessage.objects.running().filter(pk__in=attempts)
    return {
        message_id: Sighting(counts.get(message_id, -1), stop_requested)
        for message_id, attempt, stop_requested in rows.values_list("pk", "attempt", "stop_requested")
        if attempts[message_id] == attempt
    }
