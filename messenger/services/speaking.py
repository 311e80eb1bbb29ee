"""A message that grows while its agent writes it.

Two events of it are durable: ``message.new`` with the first words, ``message.updated`` with the whole. Between them the
text is told by ephemeral ``message.delta`` with positions, and kept in the table about once a second without an event.

    speech = speaking.begin(agent, conversation_id=…, client_id=f"{run}:0", text="It is", run_id=run)
    wait = speaking.tell(speech, "It is 21 °C")      # as often as there is more; paced here
    speaking.keep(speech, "It is 21 °C in Kyiv")     # each second
    speaking.finish(speech, "It is 21 °C in Kyiv.", tokens=210)

A delta begins where the kept text ends (or the told one, if that is shorter), so whoever reads the history in the
middle can go on with the next delta, and one that was lost is made good by the next. Positions count code points.

Who began last holds the claim of the row (:class:`messenger.models.GrowingMessage`): everybody else's writes raise
SpeechOver. When the message is taken back, its agent leaves or is blocked, or its writer falls silent for a lease, it
ends where it is.

Locks: the conversation's stream, then the claim's row, then the message's.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from typing import Literal
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from core.db_threads import in_db_thread
from core.errors import Conflict
from core.errors import Forbidden
from core.errors import InvalidInput
from core.jobs import claims
from core.realtime import streams
from core.text import folded
from messenger import signals
from messenger import text as texts
from messenger.access import check_active
from messenger.access import conversation_stream
from messenger.access import lock_conversation
from messenger.access import member_of
from messenger.events import MessageDelta
from messenger.models import Conversation
from messenger.models import GrowingMessage
from messenger.models import Message
from messenger.services import notifying
from messenger.services.locking import check_not_blocked
from messenger.services.locking import publish_updated
from messenger.services.sending import all_or_none
from messenger.services.sending import draft
from messenger.services.sending.references import mentioned
from messenger.shapes import MessageShape

LEASE = timedelta(seconds=20)
"""A writer that keeps nothing for so long is lost."""

LOOK_SECONDS = 5.0
"""How often a serving process looks for such writers."""

PAUSE_SECONDS = 0.25
"""Between two deltas of one message."""

LOST = "lost"
"""The reason of a message whose writer fell silent; it alone can be begun again."""

End = Literal["complete", "stopped", "limited", "failed"]


class SpeechOver(Conflict):
    """The message is written no more, or by somebody else."""

    code, message = "speech_over", "This message has ended, or somebody else writes it."


@dataclass(slots=True)
class Speech:
    """A message that is being written, in the hands of its writer; for one thread at a time."""

    message_id: UUID
    conversation_id: UUID
    claim: GrowingMessage
    told: int
    """Code points that readers were shown, here as elsewhere."""
    kept: int
    tells_at: float = 0.0
    """On the monotonic clock: when more may be told."""

    @property
    def attempt(self) -> int:
        """Which try at the text it is, from 1."""
        return self.claim.fence


@transaction.atomic
def begin(
    agent: User,
    *,
    conversation_id: UUID,
    client_id: str,
    text: str,
    run_id: UUID,
    payer_id: UUID | None = None,
    hop: int = 0,
    reply_to_id: UUID | None = None,
) -> Speech:
    """Say the first words of a message, which must not be blank.

    With a ``client_id`` that began one before, that one begins anew, with these words and a higher attempt, and whoever
    wrote it so far does so no more. Raises SpeechOver when it was finished, taken back or ended since; NotFound (no
    member, no such message to answer), Blocked, Forbidden (no agent, or a suspended or retired one),
    IdempotencyMismatch, InvalidInput.
    """
    if agent.kind != User.Kind.AGENT:
        raise Forbidden
    facts = _facts(run_id, payer_id=payer_id, hop=hop)
    given = draft.begun(
        agent, conversation_id, _checked(text), client_id=client_id, facts=facts, reply_to_id=reply_to_id
    )
    sent = all_or_none.write([given])[0]
    claim = _begin_anew(agent, sent.message, text, facts) if sent.duplicate else _claim(sent.message.id, attempt=1)
    return Speech(sent.message.id, conversation_id, claim, told=len(text), kept=len(text))


def tell(speech: Speech, text: str) -> float:
    """Show readers what was said so far, all of it; at most four times a second.

    Returns the seconds until the rest may be told: 0 when everything was, so call it again then or with more. Raises
    SpeechOver.
    """
    if len(text) <= speech.told:
        return 0.0
    wait = speech.tells_at - time.monotonic()
    if wait > 0:
        return wait
    if not _held(speech).exists():
        raise SpeechOver
    at = min(speech.told, speech.kept)
    event = MessageDelta(
        conversation_id=speech.conversation_id,
        message_id=speech.message_id,
        attempt=speech.attempt,
        at=at,
        text=text[at:],
    )
    streams.publish_ephemeral(conversation_stream(speech.conversation_id), event)
    speech.told, speech.tells_at = len(text), time.monotonic() + PAUSE_SECONDS
    return 0.0


def keep(speech: Speech, text: str) -> None:
    """Store what was said so far, and let the lease run anew. Raises SpeechOver, InvalidInput.

    Of an agent that was suspended or retired it is over too, and ends as it was kept when its lease has run out.
    """
    _checked(text)
    with transaction.atomic():
        speaks = Message.objects.filter(pk=speech.message_id, sender__is_active=True)  # suspended or retired meanwhile?
        if not claims.extend(speech.claim, lease=LEASE) or not speaks.update(content=text):
            raise SpeechOver
    speech.kept = len(text)


@transaction.atomic
def finish(
    speech: Speech,
    text: str,
    *,
    state: End = "complete",
    reason: str | None = None,
    tokens: int | None = None,
    calls: int | None = None,
) -> MessageShape:
    """The whole text: it can be searched, and whom it names is mentioned. Raises SpeechOver, InvalidInput."""
    _checked(text)
    lock_conversation(speech.conversation_id)
    if not _held(speech).delete()[0]:
        raise SpeechOver
    end = {"state": state, "reason": reason, "tokens": tokens, "calls": calls}
    return _conclude(speech.message_id, text, end)


def hand_over(agent: User, *, conversation_id: UUID, client_id: str, media_id: UUID) -> MessageShape:
    """A file of the agent's, behind what it has said; the same ``client_id`` sends it once.

    In a transaction. Raises NotFound (no member, no such file), Blocked, Forbidden, IdempotencyMismatch.
    """
    given = draft.check_input(
        agent, conversation_id=conversation_id, content="", client_id=client_id, media_id=media_id
    )
    return all_or_none.write([given])[0].message


def end_all(conversation_id: UUID, *, reason: str, speaker_id: UUID | None = None) -> None:
    """What is being written in the conversation, or by one of its members, ends as it was kept.

    The conversation's stream must be locked.
    """
    growing = GrowingMessage.objects.filter(message__conversation=conversation_id)
    if speaker_id is not None:
        growing = growing.filter(message__sender=speaker_id)
    for message_id in list(growing.order_by("pk").values_list("pk", flat=True)):
        if GrowingMessage.objects.filter(pk=message_id).delete()[0]:
            _conclude(message_id, None, {"state": "stopped", "reason": reason})


def end_lost() -> int:
    """End the messages whose writers have been silent for a lease, as they were kept; returns how many."""
    lapsed = GrowingMessage.objects.filter(claims.lapsed(timezone.now()))
    return sum(_end_lost(*found) for found in list(lapsed.values_list("pk", "message__conversation")))


async def watch() -> None:
    """End what was lost, for as long as this runs: in every serving process, and the first one ends a message."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        await in_db_thread(end_lost)


@transaction.atomic
def _end_lost(message_id: UUID, conversation_id: UUID) -> bool:
    lock_conversation(conversation_id)
    if not GrowingMessage.objects.filter(claims.lapsed(timezone.now()), pk=message_id).delete()[0]:
        return False  # its writer was heard of meanwhile, or it ended
    _conclude(message_id, None, {"state": "failed", "reason": LOST})
    return True


def _begin_anew(agent: User, known: MessageShape, text: str, facts: dict[str, Any]) -> GrowingMessage:
    check_not_blocked(member_of(agent, known.conversation_id, lock=True))
    check_active(agent)
    message = Message.objects.get(pk=known.id)
    before = message.agent or {}
    claim = claims.claim(GrowingMessage.objects.all(), message.pk, lease=LEASE)
    if claim is None and before.get("reason") == LOST:
        claim = _claim(message.pk, attempt=before["attempt"] + 1)
    if claim is None:
        raise SpeechOver
    Message.objects.filter(pk=message.pk).update(content=text, agent=facts | {"attempt": claim.fence})
    publish_updated(message)
    return claim


def _held(speech: Speech) -> QuerySet[GrowingMessage]:
    """The claim's row, as long as it is this writer's, and its agent was neither suspended nor retired."""
    return claims.held(speech.claim).filter(message__sender__is_active=True)


def _claim(message_id: UUID, *, attempt: int) -> GrowingMessage:
    until = timezone.now() + LEASE
    return GrowingMessage.objects.create(message_id=message_id, fence=attempt, lease_until=until)


def _facts(run_id: UUID, *, payer_id: UUID | None, hop: int) -> dict[str, Any]:
    """What ``Message.agent`` keeps: ids, so that it never tells a name that is no longer there."""
    return {
        "run_id": str(run_id),
        "state": "writing",
        "reason": None,
        "paid_by": str(payer_id) if payer_id else None,
        "tokens": None,
        "calls": None,
        "hop": hop,
        "attempt": 1,
    }


def _conclude(message_id: UUID, text: str | None, end: dict[str, Any]) -> MessageShape:
    """The last words, or what was kept; ``end`` is what is known of the run now.

    The stream is locked, and the claim is gone, so nobody writes any more.
    """
    message = Message.objects.get(pk=message_id)
    content = message.content if text is None else text
    Message.objects.filter(pk=message.pk).update(
        content=content,
        search_text=folded(content),
        mentions=mentioned(message.conversation_id, texts.names(content), by=message.sender_id),
        agent=(message.agent or {}) | end,
    )
    if Conversation.objects.filter(pk=message.conversation_id, agent_count__gt=0).exists():
        signals.send_messages_written([(message.conversation_id, message.pk)])
    notifying.note_finished(message)
    return publish_updated(message)


def _checked(text: str) -> str:
    if not text.strip():
        raise InvalidInput(details={"content": ["An answer begins with its first words."]})
    return texts.checked(text)
