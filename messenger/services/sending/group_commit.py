"""Group commit: plain texts that wait for the database at the same moment are written in one transaction.

All that came while one batch was being written are the next batch, whoever sent them and wherever to. What is refused,
or was sent before, is left out of it, so that the rest has no gaps. Files, answers and mentions need more than that and
are written alone (:func:`.all_or_none.write`), as is everything of a batch that failed before its commit.

A stream that somebody else has locked does not delay the others: its messages go to a second batch, which waits for it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection
from collections.abc import Sequence
from concurrent.futures import Executor
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from functools import cache
from functools import partial
from uuid import UUID

from django.db import IntegrityError
from django.db import connection
from django.db import transaction
from django.utils import timezone

from core import db_threads
from core.batching import Batcher
from core.errors import DomainError
from core.errors import NotFound
from messenger.services.sending import admission
from messenger.services.sending import all_or_none
from messenger.services.sending import rows
from messenger.services.sending.admission import Admission
from messenger.services.sending.draft import MessageDraft
from messenger.services.sending.draft import Sent
from messenger.services.sending.rows import NewMessage

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 100
"""Messages in one transaction."""


class SendDeferred(Enum):
    """What becomes of a draft that was not written with the others."""

    WAITING = "the stream is locked by somebody else"
    ALONE = "it needs more than a batch does, or its batch failed"


SendOutcome = Sent | DomainError | SendDeferred


def write(draft: MessageDraft) -> Sent:
    """Write one message, together with those that other threads write; returns once it is committed.

    Raises as :func:`.all_or_none.write`. Inside a transaction of the caller's it is written there.
    """
    if not draft.is_plain:
        return _write_alone(draft)
    if connection.in_atomic_block:
        outcome = write_batch([draft], wait=True)[0]
    else:
        outcome = quick().do(draft)
        if outcome is SendDeferred.WAITING:
            outcome = patient().do(draft)
    return _write_alone(draft) if isinstance(outcome, SendDeferred) else _result(outcome)


async def write_async(draft: MessageDraft) -> Sent:
    """:func:`write` for an event loop: a message that waits keeps no database thread."""
    if not draft.is_plain:
        return await db_threads.in_db_thread(_write_alone, draft)
    outcome = await quick().do_async(draft)
    if outcome is SendDeferred.WAITING:
        outcome = await patient().do_async(draft)
    if isinstance(outcome, SendDeferred):
        return await db_threads.in_db_thread(_write_alone, draft)
    return _result(outcome)


def _write_alone(draft: MessageDraft) -> Sent:
    return all_or_none.write([draft])[0]


def _result(outcome: Sent | DomainError) -> Sent:
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


@cache
def quick() -> Batcher[MessageDraft, SendOutcome]:
    """Where every message begins."""
    return Batcher(partial(write_batch, wait=False), _executor, MOST_AT_ONCE)


@cache
def patient() -> Batcher[MessageDraft, SendOutcome]:
    """Where those go whose stream somebody else has locked."""
    return Batcher(partial(write_batch, wait=True), db_threads.executor, MOST_AT_ONCE)


@cache
def _executor() -> Executor:
    """A thread of its own: messages do not queue behind what else is asked of the database."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="message-writer")


def _start_anew() -> None:
    for made in (quick, patient, _executor):
        made.cache_clear()


os.register_at_fork(after_in_child=_start_anew)  # a child has neither the threads of its parent nor those who wait


def write_batch(drafts: Sequence[MessageDraft], *, wait: bool) -> list[SendOutcome]:
    """One transaction for all plain drafts that can be written; an outcome for each.

    ``wait``: for streams that others have locked; else those drafts are ``WAITING``. When it fails before the commit
    nothing was written, nor when it was refused there, and all are ``ALONE``. Raises what else the commit raises: then
    nobody knows, and only a repeat by the client finds out.
    """
    batch = _MessageBatch(drafts)
    try:
        with transaction.atomic():
            batch.write(wait=wait)
    except Exception as error:
        if batch.is_written and not isinstance(error, IntegrityError):
            raise
        logger.warning("A batch of %d messages is written one by one", len(drafts), exc_info=True)
        return [SendDeferred.ALONE] * len(drafts)
    return batch.outcomes


class _MessageBatch:
    """Drafts on their way through one transaction."""

    def __init__(self, drafts: Sequence[MessageDraft]) -> None:
        self._drafts = drafts
        self.outcomes: list[SendOutcome] = [SendDeferred.ALONE] * len(drafts)
        self.is_written = False

    def write(self, *, wait: bool) -> None:
        heads, admissions = admission.lock_and_admit(self._drafts, wait=wait)
        now = timezone.now()
        new: dict[int, NewMessage] = {}
        for index in self._choose(heads, wait=wait):
            draft, writer = self._drafts[index], self._admit(index, admissions[index])
            if writer is not None:
                heads[draft.conversation_id] += 1
                new[index] = rows.new_message(draft, seq=heads[draft.conversation_id], writer=writer, now=now)
        for index, shape in zip(new, rows.write(list(new.values())), strict=True):
            self.outcomes[index] = Sent(shape)
        self.is_written = True

    def _choose(self, locked: Collection[UUID], *, wait: bool) -> list[int]:
        """The drafts of streams that are locked; of several with one ``client_id`` the first."""
        chosen, seen = [], set()
        for index, draft in enumerate(self._drafts):
            if draft.conversation_id not in locked:
                self.outcomes[index] = NotFound() if wait else SendDeferred.WAITING
                continue
            mark = (draft.sender_id, draft.client_id)
            if draft.client_id is None or mark not in seen:
                seen.add(mark)
                chosen.append(index)
        return chosen

    def _admit(self, index: int, found: Admission | None) -> Admission | None:
        """Who may write the draft in this batch.

        Left alone is what was sent before, or may have been by who is a member no more, and what brings a conversation
        back.
        """
        if found is None and self._drafts[index].client_id is not None:
            return None
        try:
            writer = admission.check(found)
        except admission.Repeated:
            return None
        except DomainError as refusal:
            self.outcomes[index] = refusal
            return None
        return None if writer.was_hidden else writer
