"""What writes answers: the engine of :mod:`core.llm.generation` over the tables of chats."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from uuid import UUID

from django.db import Error as DatabaseError

from aichat.attempts import AnswerAttempt
from aichat.models import ChatMessage
from aichat.services import answers
from aichat.services import titles
from billing.errors import MeteringUnavailable
from core import llm
from core.db_threads import in_db_thread
from core.llm.generation import AnswerOutcome
from core.llm.generation import AnswerProgress
from core.llm.generation import Engines
from core.llm.generation import Generated
from core.llm.generation import Heartbeat
from core.llm.generation import Snapshot

logger = logging.getLogger(__name__)


class ChatAnswers:
    """Answers of chats as an :class:`core.llm.generation.AnswerStore`."""

    stream_prefix = answers.STREAM_PREFIX

    def checkpoint(
        self, grown: Sequence[AnswerProgress[AnswerAttempt]], *, running: Sequence[AnswerAttempt], renew_lease: bool
    ) -> Mapping[UUID, Heartbeat]:
        """See :func:`answers.checkpoint`."""
        return answers.checkpoint(grown, running=running, renew_lease=renew_lease)

    def finish(self, attempt: AnswerAttempt, generated: Generated) -> AnswerOutcome:
        """See :func:`answers.finish`."""
        return answers.finish(attempt, generated)

    def snapshots(self, answer_ids: Iterable[UUID]) -> Mapping[UUID, Snapshot]:
        """See :func:`answers.current`."""
        return {message_id: answers.snapshot(row) for message_id, row in answers.current(answer_ids).items()}

    async def ended(self, attempt: AnswerAttempt, outcome: AnswerOutcome) -> None:
        """A better title than the question's first words; failures leave the old one."""
        if not attempt.may_name or outcome.status != ChatMessage.Status.COMPLETE:
            return
        try:
            naming = await in_db_thread(titles.begin, attempt)
            if naming is None:
                return
            text, usage, responded = await _ask(naming)
            await in_db_thread(titles.finish, naming, text=text, usage=usage, responded=responded)
        except (DatabaseError, MeteringUnavailable):
            logger.exception("A chat keeps its first title")


async def _ask(naming: titles.TitleAttempt) -> tuple[str, llm.Usage | None, bool]:
    text, usage, responded = "", None, False
    try:
        deltas = llm.stream(
            naming.prompt,
            model=naming.model.id,
            max_tokens=naming.max_tokens,
            effort=naming.effort or None,
            person=naming.person,
        )
        async for delta in deltas:
            responded = True
            text += delta.text
            usage = delta.usage or usage
    except llm.errors.ModelError as error:
        logger.info("No title from the model: %s", error.code)
        text = ""
    return text, usage, responded


engines: Engines[AnswerAttempt] = Engines(ChatAnswers())
"""One in each event loop."""
