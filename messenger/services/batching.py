"""Group commit: messages that wait for the database at the same moment are written in one transaction.

A message that says nothing but a text goes this way: all that came while one batch was being written are the next
batch, whoever sent them and wherever to. In it the streams are taken in the order of their ids, then everybody is
admitted by one query, then the messages and the events are written by a statement each. What is refused, or was sent
before, is left out, so that the rest has no gaps; files, answers and mentions, which need more than that, are written
alone (:func:`messenger.services.sending.deliver`), as is everything of a batch that failed before its commit.

A stream that somebody else holds does not hold up the others: its messages go to a second batch, which waits for it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from concurrent.futures import Executor
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from functools import cache
from functools import partial

from django.db import IntegrityError
from django.db import connection
from django.db import transaction
from django.utils import timezone

from core import lanes
from core import sql
from core.batching import Batcher
from core.errors import DomainError
from core.errors import NotFound
from core.realtime import streams
from messenger.access import conversation_stream
from messenger.errors import Blocked
from messenger.models import Message
from messenger.presentation.messages import MessageRow
from messenger.services import sending
from messenger.services.sending import Admitted
from messenger.services.sending import Draft
from messenger.services.sending import Sent

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 100
"""Messages in one transaction."""


class Later(Enum):
    """What becomes of a draft that was not written with the others."""

    WAITING = "the stream is held by somebody else"
    ALONE = "it needs more than a batch does, or its batch failed"


Outcome = Sent | DomainError | Later


def send(draft: Draft) -> Sent:
    """Write one message, together with those that other threads send; returns once it is committed.

    Raises as :func:`messenger.services.sending.deliver`. Inside a transaction of the caller's it is written there.
    """
    if not _is_plain(draft):
        return _alone(draft)
    if connection.in_atomic_block:
        outcome = write([draft], wait=True)[0]
    else:
        outcome = quick().do(draft)
        if outcome is Later.WAITING:
            outcome = patient().do(draft)
    return _alone(draft) if isinstance(outcome, Later) else _told(outcome)


async def send_async(draft: Draft) -> Sent:
    """:func:`send` for an event loop: a message that waits holds no database thread."""
    if not _is_plain(draft):
        return await lanes.in_lane(_alone, draft)
    outcome = await quick().do_async(draft)
    if outcome is Later.WAITING:
        outcome = await patient().do_async(draft)
    return await lanes.in_lane(_alone, draft) if isinstance(outcome, Later) else _told(outcome)


def _is_plain(draft: Draft) -> bool:
    is_text = draft.message_type in {None, Message.Type.TEXT.value}
    return is_text and not (draft.media_id or draft.reply_to_id or draft.is_forwarded or draft.names or draft.link)


def _alone(draft: Draft) -> Sent:
    return sending.deliver([draft])[0]


def _told(outcome: Sent | DomainError) -> Sent:
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


@cache
def quick() -> Batcher[Draft, Outcome]:
    """Where every message begins."""
    return Batcher(partial(write, wait=False), _writer, MOST_AT_ONCE)


@cache
def patient() -> Batcher[Draft, Outcome]:
    """Where those go whose stream somebody else holds."""
    return Batcher(partial(write, wait=True), lanes.executor, MOST_AT_ONCE)


@cache
def _writer() -> Executor:
    """A thread of its own: messages do not queue behind what else is asked of the database."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="message-writer")


def _forget() -> None:
    for made in (quick, patient, _writer):
        made.cache_clear()


os.register_at_fork(after_in_child=_forget)  # a child has neither the threads of its parent nor those who wait


def write(drafts: Sequence[Draft], *, wait: bool) -> list[Outcome]:
    """One transaction for all plain drafts that can be written; an outcome for each.

    ``wait``: for streams that others hold; else those drafts are ``WAITING``. When it fails before the commit nothing
    was written, nor when it was refused there, and all are ``ALONE``. Raises what else the commit raises: then nobody
    knows, and only a repeat by the client finds out.
    """
    batch = _Batch(drafts)
    try:
        with transaction.atomic():
            batch.write(wait=wait)
    except Exception as error:
        if batch.is_written and not isinstance(error, IntegrityError):
            raise
        logger.warning("A batch of %d messages is written one by one", len(drafts), exc_info=True)
        return [Later.ALONE] * len(drafts)
    return batch.outcomes


class _Batch:
    """Drafts on their way through one transaction."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self._drafts = drafts
        self.outcomes: list[Outcome] = [Later.ALONE] * len(drafts)
        self.is_written = False

    def write(self, *, wait: bool) -> None:
        names = [conversation_stream(one) for one in {draft.conversation_id for draft in self._drafts}]
        with sql.pipelined():
            taken = streams.take(names, wait=wait)
            asked = sending.admit(self._drafts)
            heads, admitted = taken(), asked()
        chosen = self._chosen([draft.conversation_id in heads for draft in self._drafts], wait=wait)
        now = timezone.now()
        rows: dict[int, MessageRow] = {}
        for index in chosen:
            draft, writer = self._drafts[index], admitted[index]
            if writer is None or writer.is_repeated or writer.is_blocked or writer.was_hidden:
                self.outcomes[index] = _refusal(writer)
                continue
            heads[draft.conversation_id] += 1
            rows[index] = sending.text_row(draft, heads[draft.conversation_id], writer, now)
        self._store(rows)
        self.is_written = True

    def _chosen(self, is_taken: Sequence[bool], *, wait: bool) -> list[int]:
        """The drafts of streams that are held; of several with one ``client_id`` the first."""
        chosen, seen = [], set()
        for index, draft in enumerate(self._drafts):
            if not is_taken[index]:
                self.outcomes[index] = NotFound() if wait else Later.WAITING
                continue
            mark = (draft.sender_id, draft.client_id)
            if draft.client_id is None or mark not in seen:
                seen.add(mark)
                chosen.append(index)
        return chosen

    def _store(self, rows: dict[int, MessageRow]) -> None:
        if not rows:
            return
        with sql.pipelined():
            sending.store_texts([(row, self._drafts[index].fingerprint) for index, row in rows.items()])
            shapes = sending.tell_texts(list(rows.values()))
        for index, shape in zip(rows, shapes, strict=True):
            self.outcomes[index] = Sent(shape)


def _refusal(writer: Admitted | None) -> Outcome:
    if writer is None:
        return NotFound()
    return Later.ALONE if writer.is_repeated or not writer.is_blocked else Blocked()
