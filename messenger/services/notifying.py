"""Telling people's devices of what they have not read: who has the conversation open reads it first.

Nobody who sends pays for this. One serving process at a time looks once a second for what was said a moment ago; whom
it told, and up to where, stands with each member (``notified_seq``), so nothing is told twice and nothing is missed
when a process dies: the next one looks further back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import DatabaseError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils import translation
from django.utils.translation import gettext as _

from core import jobs
from core import push
from core import sql
from core.db_threads import in_db_thread
from core.ids import first_at
from core.jobs import claims
from messenger.models import Conversation
from messenger.models import Message
from messenger.models import NoticeScan
from messenger.models import Participant
from messenger.models.conversations import ACTIVE_MEMBERSHIPS
from messenger.models.messages import UNREAD

KIND = "message"
FINISHED = "messenger.notify_finished"
LOOK_SECONDS = 1.0
PATIENCE = timedelta(seconds=1.5)
"""An open conversation tells within half a second that it was read."""
LATE = timedelta(seconds=10)
"""How much later than its time a message may be committed and still be told."""
LONGEST = timedelta(minutes=10)
"""What was said earlier, while nothing ran, is old news."""
_LEASE = timedelta(seconds=30)
_MOST = 2_000
"""Unread messages, each counted for each member, of one transaction."""

_WAITING = f"""
SELECT p.id, m.seq FROM {ACTIVE_MEMBERSHIPS} JOIN conversation_messages m ON {UNREAD}
 WHERE {{which}} AND m.seq > p.notified_seq AND NOT p.is_muted AND {push.REACHABLE.format(user="p.user_id")}
   AND NOT EXISTS (SELECT 1 FROM growing_messages g WHERE g.message_id = m.id)
 ORDER BY m.seq LIMIT {_MOST}
"""  # noqa: S608 - fragments from code


async def watch() -> None:
    """Look, for as long as this runs: in every serving process."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        await in_db_thread(look)


def look() -> int:
    """Tell of what was said since the last look and is a moment old; how many members were told.

    Writes nothing when nothing was said, or while another process is at it.
    """
    until = timezone.now() - PATIENCE
    scan, _is_new = NoticeScan.objects.get_or_create(pk=1, defaults={"looked_until": until})
    since = max(scan.looked_until - LATE, until - LONGEST)
    if not Message.objects.filter(pk__gte=first_at(since), pk__lt=first_at(until)).exists():
        return 0
    free = NoticeScan.objects.filter(Q(lease_until=None) | claims.lapsed(timezone.now()))
    mine = claims.claim(free, 1, lease=_LEASE)
    if mine is None:
        return 0
    told, window = 0, [sql.identity(first_at(since)), sql.identity(first_at(until))]
    try:
        while found := _tell("m.id >= %s AND m.id < %s", window):
            told += found
    except Exception:
        with suppress(DatabaseError):
            claims.release(mine)  # the next look is in a second, and not when the lease has run out
        raise
    claims.release(mine, looked_until=until)
    return told


def note_finished(message: Message) -> None:
    """An agent's answer is whole: whom it waits for is told in a moment. Called in the transaction that ends it."""
    members = Participant.objects.filter(conversation=message.conversation_id, is_muted=False)
    if push.reachable(members.exclude(user=message.sender_id).values_list("user_id", flat=True)):
        jobs.enqueue(FINISHED, payload={"message_id": str(message.pk)}, run_at=timezone.now() + PATIENCE)


def tell_finished(message_id: UUID) -> int:
    """Tell of a message that grew."""
    return _tell("m.id = %s", [sql.identity(message_id)])


def forget_read(member: Participant) -> None:
    """They have read on, on one device: what was shown of it goes from all. ``member`` is as it was before."""
    if member.notified_seq > member.read_seq:
        push.clear(member.user_id, tag(member.conversation_id))


def forget_taken_back(messages: Iterable[Message]) -> None:
    """What was taken back is not left standing on locked screens."""
    for message in messages:
        told = Participant.objects.filter(
            conversation=message.conversation_id, notified_seq__gte=message.seq, read_seq__lt=message.seq
        )
        for user_id in told.values_list("user_id", flat=True):
            push.clear(user_id, tag(message.conversation_id))


def tag(conversation_id: UUID) -> str:
    """What notices of a conversation are about."""
    return f"c:{conversation_id}"


@dataclass(frozen=True, slots=True)
class _Unread:
    """What a member has not read and was not told."""

    member: Participant
    messages: Sequence[Message]
    """In the order in which they were said."""

    def newest(self) -> Message | None:
        """The newest that they want to hear of."""
        return next((message for message in reversed(self.messages) if _wants(self.member, message)), None)


@transaction.atomic
def _tell(which: str, parameters: Sequence[Any]) -> int:
    """Tell the next members; how many there were, those who want to hear nothing included."""
    rows = sql.rows(Participant, ("id",), _WAITING.format(which=which), parameters)
    found = _unread(rows)
    notices = [_notice(one.member, message) for one in found if (message := one.newest()) is not None]
    push.notify(notices)
    for one in found:
        seq = one.messages[-1].seq
        Participant.objects.filter(pk=one.member.pk, notified_seq__lt=seq).update(notified_seq=seq)
    return len(found)


def _unread(rows: Sequence[tuple[Any, ...]]) -> list[_Unread]:
    seqs: dict[UUID, list[int]] = {}
    for member_id, seq in rows:
        seqs.setdefault(member_id, []).append(seq)
    members = Participant.objects.filter(pk__in=seqs).select_related("user", "conversation")
    wanted: dict[UUID, set[int]] = {}
    for member in members:
        wanted.setdefault(member.conversation_id, set()).update(seqs[member.pk])
    said: dict[tuple[UUID, int], Message] = {}
    for conversation_id, numbers in wanted.items():
        messages = Message.objects.filter(conversation=conversation_id, seq__in=numbers)
        said |= {(conversation_id, row.seq): row for row in messages.select_related("sender", "reply_to")}
    pairs = (
        (one, [said[place] for seq in seqs[one.pk] if (place := (one.conversation_id, seq)) in said]) for one in members
    )
    return [_Unread(member, messages) for member, messages in pairs if messages]


def _wants(member: Participant, message: Message) -> bool:
    answered = message.reply_to
    named = {str(member.user_id), str(member.conversation_id)}.intersection(message.mentions)
    answers = answered is not None and answered.sender_id == member.user_id
    return bool(named) or answers or not member.only_mentions


def _notice(member: Participant, message: Message) -> push.Notice:
    conversation = member.conversation
    with translation.override(member.user.language):
        sender = message.sender
        name = sender.shown_name if sender else _("Somebody")
        text = message.content or _media_name(message.message_type)
        is_group = conversation.type == Conversation.Type.GROUP
        return push.Notice(
            user_id=member.user_id,
            kind=KIND,
            tag=tag(conversation.pk),
            title=conversation.name if is_group else name,
            body=f"{name}: {text}" if is_group else text,
            plain=_("New message"),
            url=f"/app/messages/{conversation.pk}",
            icon=(conversation.avatar_url if is_group else sender.avatar_url if sender else "") or "",
        )


def _media_name(message_type: str) -> str:
    names = {
        Message.Type.IMAGE: _("Picture"),
        Message.Type.VIDEO: _("Video"),
        Message.Type.AUDIO: _("Voice message"),
    }
    return names.get(Message.Type(message_type), _("File"))
