"""One attempt at an answer while it runs: reads the provider, fills the transcript, remembers how far it is."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from typing import Generic

from core import llm
from core.errors import DomainError
from core.llm.generation.attempt import FINISH_REASON_LENGTH
from core.llm.generation.attempt import AnswerProgress
from core.llm.generation.attempt import AttemptT
from core.llm.generation.attempt import Ending
from core.llm.generation.attempt import EndStatus
from core.llm.generation.attempt import Generated
from core.llm.generation.budget import Budget
from core.llm.generation.errors import Fault
from core.llm.generation.errors import Interrupted
from core.llm.generation.relay import Piece
from core.llm.generation.transcript import Transcript

logger = logging.getLogger(__name__)

STOPPED = Ending("stopped", finish_reason="stopped")


class RunningAttempt(Generic[AttemptT]):
    """Runs :attr:`attempt` into :attr:`transcript`. The store reads from it; it is not in its loop."""

    def __init__(self, attempt: AttemptT, transcript: Transcript) -> None:
        self.attempt = attempt
        self.transcript = transcript
        self.closing = False
        self.relayed = transcript.length
        self._responded = False
        self._usage: llm.Usage | None = None
        self._finish_reason = ""
        self._asked: Ending | None = None
        self._writer: asyncio.Task[None] | None = None
        self._counted = 0
        self._counted_to = transcript.length

    async def run(self) -> Generated:
        """Read the provider to its end, to a failure or to :meth:`end`; never raises."""
        self._writer = asyncio.create_task(self._write(), name=f"answer {self.attempt.answer_id}")
        if self._asked:
            self._writer.cancel()
        await asyncio.wait([self._writer])
        self.closing = True
        ending = self._ending(self._writer)
        return Generated(self.text, ending, self._usage, self._responded)

    def end(self, ending: Ending) -> None:
        """Close the connection to the provider and end so; what ended first counts."""
        self._asked = self._asked or ending
        if self._writer is not None:
            self._writer.cancel()

    def interrupt(self) -> None:
        """End because this process can no longer renew the lease."""
        self.end(Ending("incomplete", error=Interrupted()))

    async def _write(self) -> None:
        attempt, transcript = self.attempt, self.transcript
        budget = Budget(attempt.model, attempt.max_tokens)
        deltas = llm.stream(
            attempt.prompt, model=attempt.model.id, max_tokens=attempt.max_tokens, temperature=attempt.temperature
        )
        async with aclosing(deltas):
            async for delta in deltas:
                self._responded = True
                if delta.text:
                    # PostgreSQL cannot keep a NUL; positions must be the same everywhere.
                    text, is_whole = budget.fit(delta.text.replace("\x00", ""))
                    transcript.append(text)
                    if not is_whole:
                        logger.warning("An answer is cut at its limit", extra={"answer_id": str(attempt.answer_id)})
                        # What the provider counts is more than it was asked for.
                        self._finish_reason, self._usage = "length", None
                        return
                if delta.finish_reason:
                    self._finish_reason = delta.finish_reason[:FINISH_REASON_LENGTH]
                if delta.usage is not None:
                    self._usage = delta.usage
        if self._finish_reason == "content_filter":
            raise llm.errors.ContentFiltered

    def _ending(self, writer: asyncio.Task[None]) -> Ending:
        if writer.cancelled():
            return self._asked or Ending("incomplete", error=Interrupted())
        error = writer.exception()
        if error is None:
            return Ending("complete", finish_reason=self._finish_reason)
        if not isinstance(error, DomainError):
            logger.error("An answer broke", exc_info=error, extra={"answer_id": str(self.attempt.answer_id)})
            error = Fault()
        if isinstance(error, llm.errors.EmptyAnswer):
            self._usage = llm.Usage(0, 0)  # whatever the provider counted: nothing was given for it
        status: EndStatus = "incomplete" if self.transcript.length else "failed"
        return Ending(status, finish_reason=self._finish_reason, error=error)

    # For the store and the relay -----------------------------------------------------------------------------------

    @property
    def has_grown(self) -> bool:
        """Whether there is text that no checkpoint has seen."""
        return self.transcript.length > self._counted_to

    def progress(self) -> tuple[int, AnswerProgress[AttemptT]]:
        """What a checkpoint writes, and the position it reaches."""
        position = self.transcript.length
        fresh = self.transcript.since(self._counted_to)
        return position, AnswerProgress(self.attempt, self.text, fresh, self._counted, self._responded)

    def checkpointed(self, position: int, counted: int) -> None:
        """The text up to ``position`` is stored, and counted as so many tokens."""
        self._counted, self._counted_to = counted, position

    @property
    def text(self) -> str:
        return self.transcript.since(0)

    def unrelayed(self) -> Piece | None:
        """What Redis does not have yet."""
        if self.transcript.length == self.relayed:
            return None
        return Piece(self.transcript.length, self.transcript.since(self.relayed))
