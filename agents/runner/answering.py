"""What a run says in its conversation, while it says it: see :mod:`messenger.services.speaking`.

The answer is the texts of all its steps, one below the other. A message of it is finished when it is full, when a
person has to be asked first, and at the end, in the transaction that ends the run. Which parts stand in finished
messages is kept with the run, so who goes on with it goes on with the same message, as its next attempt.

Rows are locked in the order run → conversation's stream → message; the ``lock`` of this process comes before them.
"""

from __future__ import annotations

import io
import logging
import re
import threading
import time
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any
from typing import cast
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from agents import limits
from agents.models import AgentRun
from agents.models import AgentStep
from agents.services.histories import Place
from core.errors import DomainError
from core.files import services as files
from core.files.errors import StorageUnavailable
from core.jobs import claims
from core.llm.generation import Transcript
from core.models import StoredFile
from messenger.models import Message
from messenger.services import speaking
from messenger.services import typing

logger = logging.getLogger(__name__)

TYPING_SECONDS = 4.0
KEEP_SECONDS = 1.0
IDLE_KEEP_SECONDS = 5.0
"""Between two renewals of a message's lease, while nothing is added to it."""
_MENTION = re.compile(r"@[A-Za-z0-9_-]+")
_WINDOW = 500
"""In the last so many characters of a full message a place is looked for where it may end."""


class _Over(Exception):
    """The run, or the message, is not this process's any more."""


class Answer:
    """The voice of one claimed run in its conversation. ``is_over``: nobody may hear it any more."""

    def __init__(self, row: AgentRun, steps: Sequence[AgentStep], place: Place) -> None:
        self.lock = threading.RLock()
        self.is_over = False
        self.is_closed = False
        self.place = place
        self._row = row
        self._steps = steps
        self._growing: Transcript | None = None
        self._speech: speaking.Speech | None = None
        self._file: StoredFile | None = None
        self._shown = ""
        self._kept = ""
        self._tells_at = self._types_at = self._kept_at = 0.0
        """On the monotonic clock."""

    # In the event loop ------------------------------------------------------------------------------------------------

    def follow(self, transcript: Transcript | None) -> None:
        """What the open step of the model says from now on."""
        self._growing = transcript

    def text(self, last: tuple[AgentStep, str] | None = None) -> str:
        """All of it; ``last`` is a step that ends this moment, and its text."""
        parts = []
        for step in self._steps:
            if step.kind != AgentStep.Kind.MODEL:
                continue
            if last is not None and step.pk == last[0].pk:
                part = last[1]
            elif step.state == AgentStep.State.OPEN:
                part = self._growing.since(0) if self._growing is not None else ""
            else:
                part = step.text if step.state == AgentStep.State.DONE else ""
            parts.append(part.strip())
        return _clean("\n\n".join(part for part in parts if part))

    def is_due(self, text: str) -> bool:
        """Whether :meth:`show` has something to do."""
        if self.is_closed:
            return False
        now, rest = time.monotonic(), self._rest(text)
        if self._speech is None:
            return says_something(rest) or now >= self._types_at
        return self._must_keep() or (now >= self._tells_at and rest not in ("", self._shown))

    # In database threads ----------------------------------------------------------------------------------------------

    def show(self, text: str) -> None:
        """Let readers see what there is of it by now."""
        with self.lock:
            if self.is_closed:
                return
            try:
                self._show(text)
            except (_Over, DomainError):
                self.is_closed = self.is_over = True

    def pause(self) -> None:
        """A person is asked before it goes on: what was said so far stands by itself."""
        with self.lock:
            rest = self._rest(self.text())
            if self.is_closed or (self._speech is None and not says_something(rest)):
                return
            try:
                self._finish_message(rest or self._shown, len(rest))
            except (_Over, DomainError):
                self.is_closed = self.is_over = True

    def prepare(self, last: tuple[AgentStep, str] | None = None) -> None:
        """What is longer than its messages may be becomes a file. Before :meth:`finish`, and outside its transaction:
        the bytes must lie there before the row says so; until it is sent the file ends by itself."""
        text = self.text(last)
        if self.is_closed or not _is_too_long(self._rest(text), self._pieces_left):
            return
        try:
            self._file = files.keep_made(
                self.place.speaker,
                content=io.BytesIO(text.encode()),
                name=limits.ANSWER_FILE,
                mime_type="text/markdown",
                purpose=StoredFile.Purpose.MESSAGE,
                expires_at=timezone.now() + limits.ANSWER_FILE_TIME,
            )
        except StorageUnavailable:
            logger.exception("The rest of an answer could not be stored", extra={"run_id": str(self._row.pk)})

    def finish(self, state: str, reason: str, over: AgentRun, last: tuple[AgentStep, str] | None = None) -> None:
        """The whole of it; ``over`` is the run as it ends. Inside the transaction that ends it, and with the lock,
        which is taken before it."""
        if self.is_closed:
            return
        self.is_closed = True
        try:
            with transaction.atomic():
                self._finish(self.text(last), state, reason, over)
                over.answer_message_ids = self._row.answer_message_ids
        except DomainError:  # it was taken back, or the agent is no member any more
            logger.info("An answer could not be finished", extra={"run_id": str(self._row.pk)})

    # Messages -------------------------------------------------------------------------------------------------------

    def _rest(self, text: str) -> str:
        return text[self._row.answered_chars :].lstrip()

    def _show(self, text: str) -> None:
        rest = self._rest(text)
        while len(rest) > limits.ANSWER_PIECE and not self._is_last:
            cut = _cut(rest)
            self._finish_message(rest[:cut].rstrip(), len(text) - len(rest) + cut - self._row.answered_chars)
            rest = self._rest(text)
        rest = rest[: limits.ANSWER_PIECE]
        if self._speech is not None and rest.startswith(self._shown):
            self._grow(self._speech, rest)
        elif says_something(rest):
            self._begin(rest)
        elif self._speech is not None:  # another attempt, of which nothing is there yet
            self._grow(self._speech, self._shown)
        else:
            self._types_at = time.monotonic() + TYPING_SECONDS
            self._type(is_typing=True)

    def _grow(self, speech: speaking.Speech, text: str) -> None:
        wait = speaking.tell(speech, text)
        self._tells_at = time.monotonic() + (wait or speaking.PAUSE_SECONDS)
        if not wait:
            self._shown = text
        if self._must_keep():
            speaking.keep(speech, text)
            self._kept, self._kept_at = text, time.monotonic()

    def _must_keep(self) -> bool:
        seconds = KEEP_SECONDS if self._shown != self._kept else IDLE_KEEP_SECONDS
        return time.monotonic() >= self._kept_at + seconds

    @transaction.atomic
    def _begin(self, text: str) -> None:
        """The first words, or the first of another attempt at the same message."""
        if not claims.extend(self._row, lease=limits.LEASE):
            raise _Over
        self._begin_message(text)

    def _begin_message(self, text: str) -> speaking.Speech:
        row, place = self._row, self.place
        answers = place.is_group and row.answered_messages == 0
        speech = speaking.begin(
            place.speaker,
            conversation_id=cast("UUID", row.conversation_id),
            client_id=f"{row.pk}:{row.answered_messages}",
            text=text,
            run_id=row.pk,
            payer_id=row.payer_id,
            hop=row.hop,
            reply_to_id=row.trigger_message_id if answers else None,
        )
        if str(speech.message_id) not in row.answer_message_ids:
            row.answer_message_ids = [*row.answer_message_ids, str(speech.message_id)]
            AgentRun.objects.filter(pk=row.pk).update(answer_message_ids=row.answer_message_ids)
        self._speech, self._shown, self._kept = speech, text, text
        self._kept_at = time.monotonic()
        self._tells_at = self._kept_at + speaking.PAUSE_SECONDS
        return speech

    def _finish_message(self, text: str, taken: int) -> None:
        """One message of several: it is whole, ``taken`` code points further into the answer."""
        row = self._row
        places = {"answered_messages": row.answered_messages + 1, "answered_chars": row.answered_chars + taken}
        with transaction.atomic():
            if not claims.extend(row, lease=limits.LEASE, **places):
                raise _Over
            self._end_message(text, "complete")
        for name, value in places.items():
            setattr(row, name, value)

    def _end_message(self, text: str, state: str, reason: str | None = None, over: AgentRun | None = None) -> None:
        end = cast("speaking.End", state)
        tokens = over.prompt_tokens + over.completion_tokens if over is not None else None
        calls = over.calls if over is not None else None
        speech = self._speech or self._begin_message(text)
        speaking.finish(speech, text, state=end, reason=reason, tokens=tokens, calls=calls)
        self._speech, self._shown = None, ""

    def _finish(self, text: str, state: str, reason: str, over: AgentRun) -> None:
        row, rest = self._row, self._rest(text)
        if not says_something(rest):
            rest = self._begun_text()
            if not rest:
                self._type(is_typing=False)
                return
        *full, last = list(_pieces(rest, self._pieces_left))
        for piece in full:
            self._end_message(piece, "complete")
            row.answered_messages += 1
            AgentRun.objects.filter(pk=row.pk).update(answered_messages=row.answered_messages)
        self._end_message(last, state, reason or None, over)
        # Who continues the run begins the next message, behind all that was said.
        row.answered_messages += 1
        row.answered_chars = len(text)
        places = {"answered_messages": row.answered_messages, "answered_chars": row.answered_chars}
        AgentRun.objects.filter(pk=row.pk).update(**places)
        if self._file is not None:
            self._hand_over(self._file)

    def _hand_over(self, file: StoredFile) -> None:
        row = self._row
        StoredFile.objects.filter(pk=file.pk).update(expires_at=None)
        conversation_id = cast("UUID", row.conversation_id)
        sent = speaking.hand_over(
            self.place.speaker, conversation_id=conversation_id, client_id=f"{row.pk}:file", media_id=file.pk
        )
        row.answer_message_ids = [*row.answer_message_ids, str(sent.id)]
        AgentRun.objects.filter(pk=row.pk).update(answer_message_ids=row.answer_message_ids)

    def _begun_text(self) -> str:
        """What stands in a message that was begun, by this process or one that is gone, and is not finished."""
        if self._speech is not None:
            return self._shown
        begun = self._row.answer_message_ids[self._row.answered_messages :]
        found = (
            Message.objects.filter(pk__in=begun, is_deleted=False)
            .exclude(content="")
            .values_list("content", flat=True)
            .first()
        )
        return found or ""

    @property
    def _pieces_left(self) -> int:
        """So many messages it may still be; a run that is continued once more has one."""
        return max(1, limits.ANSWER_PIECES - self._row.answered_messages)

    @property
    def _is_last(self) -> bool:
        return self._pieces_left == 1

    def _type(self, *, is_typing: bool) -> None:
        conversation_id = cast("Any", self._row.conversation_id)
        typing.notify(self.place.speaker, conversation_id=conversation_id, is_typing=is_typing)


def says_something(text: str) -> bool:
    """Whether it is more than blanks and names of others: else it is silence, and nothing is posted."""
    return bool(_MENTION.sub("", text).strip())


def _pieces(text: str, most: int) -> Iterator[str]:
    """A text in messages; what is beyond the last one is in the file, see :meth:`Answer.prepare`."""
    for number in range(most):
        if len(text) <= limits.ANSWER_PIECE:
            yield text
            return
        cut = _cut(text)
        if number == most - 1:
            yield text[:cut].rstrip() + " …"
            return
        yield text[:cut].rstrip()
        text = text[cut:].lstrip()


def _is_too_long(text: str, most: int) -> bool:
    """Whether more than ``most`` messages would be needed."""
    for _number in range(most):
        if len(text) <= limits.ANSWER_PIECE:
            return False
        text = text[_cut(text) :].lstrip()
    return True


def _cut(text: str) -> int:
    """Where a message that is full ends: the same place however much more there is."""
    most = limits.ANSWER_PIECE
    found = (text.rfind(mark, most - _WINDOW, most) for mark in ("\n\n", "\n", " "))
    return next((at for at in found if at > 0), most)


def _clean(text: str) -> str:
    """As a message may hold it."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()
