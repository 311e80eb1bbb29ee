"""One attempt at an answer while it runs: reads the provider, fills the transcript, remembers how far it is."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing

from aichat.engine.job import Ending
from aichat.engine.job import Job
from aichat.engine.job import Progress
from aichat.engine.relay import Piece
from aichat.engine.transcript import Transcript
from aichat.errors import Fault
from aichat.errors import Interrupted
from aichat.models import ChatMessage
from core import llm
from core.api.handler import render_body
from core.errors import DomainError

logger = logging.getLogger(__name__)

_LONGEST_REASON = 30
"""What the message's column holds; OpenAI's words are shorter, other providers write what they like."""

STOPPED = Ending(ChatMessage.Status.STOPPED, finish_reason="stopped")


class Generation:
    """Runs :attr:`job` into :attr:`transcript`. Storage and metering read from it; they are not in its loop."""

    def __init__(self, job: Job, transcript: Transcript) -> None:
        self.job = job
        self.transcript = transcript
        self.heard = False
        self.usage: llm.Usage | None = None
        self.closing = False
        self.relayed = transcript.length
        self._finish_reason = ""
        self._asked: Ending | None = None
        self._writer: asyncio.Task[None] | None = None
        self._counted = 0
        self._counted_to = transcript.length

    async def run(self) -> Ending:
        """Read the provider to its end, to a failure or to :meth:`end`; never raises."""
        self._writer = asyncio.create_task(self._write(), name=f"answer {self.job.message_id}")
        if self._asked:
            self._writer.cancel()
        await asyncio.wait([self._writer])
        self.closing = True
        return self._ending(self._writer)

    def end(self, ending: Ending) -> None:
        """Close the connection to the provider and end so; what ended first counts."""
        self._asked = self._asked or ending
        if self._writer is not None:
            self._writer.cancel()

    def interrupt(self) -> None:
        """End because this process can no longer vouch for the answer."""
        self.end(Ending(ChatMessage.Status.INCOMPLETE, error=render_body(Interrupted())))

    async def _write(self) -> None:
        job, transcript = self.job, self.transcript
        deltas = llm.stream(job.prompt, model=job.model.id, max_tokens=job.max_tokens, temperature=job.temperature)
        async with aclosing(deltas):
            async for delta in deltas:
                self.heard = True
                if delta.text:
                    # PostgreSQL cannot keep a NUL; positions must be the same everywhere.
                    transcript.append(delta.text.replace("\x00", ""))
                if delta.finish_reason:
                    self._finish_reason = delta.finish_reason[:_LONGEST_REASON]
                if delta.usage is not None:
                    self.usage = delta.usage
        if self._finish_reason == "content_filter":
            raise llm.errors.ContentFiltered

    def _ending(self, writer: asyncio.Task[None]) -> Ending:
        if writer.cancelled():
            return self._asked or Ending(ChatMessage.Status.INCOMPLETE, error=render_body(Interrupted()))
        error = writer.exception()
        if error is None:
            return Ending(ChatMessage.Status.COMPLETE, finish_reason=self._finish_reason)
        if not isinstance(error, DomainError):
            logger.error("An answer broke", exc_info=error, extra={"message_id": str(self.job.message_id)})
            error = Fault()
        status = ChatMessage.Status.INCOMPLETE if self.transcript.length else ChatMessage.Status.FAILED
        return Ending(status, finish_reason=self._finish_reason, error=render_body(error))

    # Storage and metering ------------------------------------------------------------------------------------------

    @property
    def has_grown(self) -> bool:
        """Whether there is text that no checkpoint has seen."""
        return self.transcript.length > self._counted_to

    def progress(self) -> tuple[int, Progress]:
        """What a checkpoint writes, and the position it reaches."""
        position = self.transcript.length
        fresh = self.transcript.since(self._counted_to)
        return position, Progress(self.job, self.content, fresh, self._counted, self.heard)

    def checkpointed(self, position: int, counted: int) -> None:
        """The text up to ``position`` is stored, and counted as so many tokens."""
        self._counted, self._counted_to = counted, position

    @property
    def content(self) -> str:
        return self.transcript.since(0)

    def unrelayed(self) -> Piece | None:
        """What Redis does not have yet."""
        if self.transcript.length == self.relayed:
            return None
        return Piece(self.transcript.length, self.transcript.since(self.relayed))
