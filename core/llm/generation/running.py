"""One attempt at an answer while it runs: reads the provider, fills the transcript, remembers how far it is."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from typing import Generic
from typing import NamedTuple

from core import llm
from core.errors import DomainError
from core.llm.generation.attempt import FINISH_REASON_LENGTH
from core.llm.generation.attempt import AnswerProgress
from core.llm.generation.attempt import AttemptT
from core.llm.generation.attempt import Ending
from core.llm.generation.attempt import EndStatus
from core.llm.generation.attempt import Generated
from core.llm.generation.budget import Budget
from core.llm.generation.clock import Clock
from core.llm.generation.errors import Fault
from core.llm.generation.errors import Interrupted
from core.llm.generation.relay import Piece
from core.llm.generation.transcript import Transcript

logger = logging.getLogger(__name__)

STOPPED = Ending("stopped", finish_reason="stopped")


class Reached(NamedTuple):
    """How far an attempt is: positions in text and thought, and seconds of thinking of which nothing was seen."""

    text: int
    thought: int
    hidden: float


class RunningAttempt(Generic[AttemptT]):
    """Runs :attr:`attempt` into :attr:`transcript`. The store reads from it; it is not in its loop."""

    def __init__(self, attempt: AttemptT, transcript: Transcript) -> None:
        self.attempt = attempt
        self.transcript = transcript
        self.closing = False
        self._clock = Clock(attempt.thinking_base_ms, thinks=attempt.thinks)
        self._relayed = transcript.length
        self._relayed_thought = (transcript.thought_length, transcript.thinking_ms)
        self._usage: llm.Usage | None = None
        self._unpaid: llm.Usage | None = None
        self._finish_reason = ""
        self._tool_calls: tuple[llm.ToolCall, ...] = ()
        self._state: llm.State | None = None
        self._asked: Ending | None = None
        self._writer: asyncio.Task[None] | None = None
        self._counted = 0
        self._reached = Reached(transcript.length, transcript.thought_length, 0.0)

    async def run(self) -> Generated:
        """Read the provider to its end, to a failure or to :meth:`end`; never raises."""
        self._writer = asyncio.create_task(self._write(), name=f"answer {self.attempt.answer_id}")
        if self._asked:
            self._writer.cancel()
        await asyncio.wait([self._writer])
        self.closing = True
        ending = self._ending(self._writer)
        self._clock.stop()
        return Generated(
            self.text,
            ending,
            self._usage,
            self._clock.responded,
            thought=self.transcript.thought_since(0),
            thinking_ms=self._clock.total_ms if self._thought() else self.attempt.thinking_base_ms or None,
            hidden_seconds=self._clock.hidden_seconds,
            unpaid=self._unpaid,
            tool_calls=self._tool_calls if ending.status == "complete" else (),
            state=self._state,
        )

    def _thought(self) -> bool:
        """Whether it has thought: it was seen, or told, or there is nothing else that it could have done."""
        if self.transcript.thought_length > len(self.attempt.thought_base):
            return True
        if self._usage is not None:
            return bool(self._usage.reasoning_tokens)
        return bool(self._clock.hidden_seconds) and self.transcript.length == len(self.attempt.base)

    def end(self, ending: Ending) -> None:
        """Close the connection to the provider and end so; what ended first counts."""
        self._asked = self._asked or ending
        if self._writer is not None:
            self._writer.cancel()

    def interrupt(self) -> None:
        """End because this process can no longer renew the lease."""
        self.end(Ending("incomplete", error=Interrupted()))

    async def _write(self) -> None:
        attempt = self.attempt
        budget = Budget(attempt.model, attempt.max_tokens)
        deltas = llm.stream(
            attempt.prompt,
            model=attempt.model.id,
            max_tokens=attempt.max_tokens,
            temperature=attempt.temperature,
            effort=attempt.effort,
            person=attempt.person,
            thread=attempt.thread,
            tools=attempt.tools,
            tool_choice=attempt.tool_choice,
        )
        async with aclosing(deltas):
            async for delta in deltas:
                self._clock.respond()
                if not (self._think(budget, delta.reasoning) and self._say(budget, delta.text)):
                    logger.warning("An answer is cut at its limit", extra={"answer_id": str(attempt.answer_id)})
                    # What the provider counts is more than it was asked for.
                    self._finish_reason, self._usage = "length", None
                    break
                if delta.finish_reason:
                    self._finish_reason = delta.finish_reason[:FINISH_REASON_LENGTH]
                if delta.usage is not None:
                    self._usage = delta.usage
                self._tool_calls = delta.tool_calls or self._tool_calls
                self._state = delta.state or self._state
        if self._finish_reason == "content_filter":
            raise llm.errors.ContentFiltered
        if self._finish_reason == "length" and not self.transcript.length and self.transcript.thought_length:
            raise llm.errors.ThoughtTooLong

    def _say(self, budget: Budget, text: str) -> bool:
        """Write as much as was paid for; False when that is not all."""
        if not text:
            return True
        self._clock.stop()
        # PostgreSQL cannot keep a NUL; positions must be the same everywhere.
        text, is_whole = budget.fit(text.replace("\x00", ""))
        self.transcript.append(text)
        return is_whole

    def _think(self, budget: Budget, thought: str) -> bool:
        """The same with what it thinks."""
        if not thought:
            return True
        thought, is_whole = budget.fit(thought.replace("\x00", ""))
        transcript = self.transcript
        if self.attempt.thought_base and transcript.thought_length == len(self.attempt.thought_base):
            thought = f"\n\n{thought}"
        transcript.think(thought, self._clock.show())
        return is_whole

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
            # Whatever the provider counted: nothing was given for it.
            self._usage, self._unpaid = llm.Usage(0, 0), self._usage
        status: EndStatus = "incomplete" if self.transcript.length else "failed"
        return Ending(status, finish_reason=self._finish_reason, error=error)

    # For the store and the relay -----------------------------------------------------------------------------------

    @property
    def has_grown(self) -> bool:
        """Whether there is text, or thought, that no checkpoint has seen."""
        return self._now() != self._reached

    def keep_thinking(self) -> None:
        """Tell the readers from time to time that it still thinks, also when nothing is seen of it."""
        if (ms := self._clock.tick()) is not None:
            self.transcript.think("", ms)

    def progress(self) -> tuple[Reached, AnswerProgress[AttemptT]]:
        """What a checkpoint writes, and what it reaches."""
        now, before = self._now(), self._reached
        progress = AnswerProgress(
            self.attempt,
            self.text,
            self.transcript.since(before.text),
            self._counted,
            self._clock.responded,
            thought=self.transcript.thought_since(0) if now.thought > before.thought else None,
            fresh_thought=self.transcript.thought_since(before.thought),
            thinking_ms=self.transcript.thinking_ms or None,
            hidden_seconds=now.hidden,
        )
        return now, progress

    def checkpointed(self, reached: Reached, counted: int) -> None:
        """What was reached is stored, and what was seen until then counted as so many tokens."""
        self._counted, self._reached = counted, reached

    @property
    def text(self) -> str:
        return self.transcript.since(0)

    def unrelayed(self) -> tuple[Piece | None, Piece | None]:
        """What Redis does not have yet, of the text and of the thought."""
        transcript, piece, thought = self.transcript, None, None
        if transcript.length > self._relayed:
            piece = Piece(transcript.length, transcript.since(self._relayed))
        reached = (transcript.thought_length, transcript.thinking_ms)
        if reached != self._relayed_thought:
            text = transcript.thought_since(self._relayed_thought[0])
            thought = Piece(reached[0], text, thinking_ms=reached[1])
        return piece, thought

    def relayed(self, piece: Piece | None, thought: Piece | None) -> None:
        """Redis has taken them."""
        if piece is not None:
            self._relayed = piece.end
        if thought is not None:
            self._relayed_thought = (thought.end, thought.thinking_ms)

    def _now(self) -> Reached:
        return Reached(self.transcript.length, self.transcript.thought_length, self._clock.hidden_seconds)
