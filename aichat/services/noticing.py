"""Telling the owner's devices of an answer that took long, when nothing that shows it is open.

Whether somebody looks only their client knows: it says so (``POST …/seen``) for what ends before their eyes, and is
given a moment for it.
"""

from __future__ import annotations

from datetime import datetime
from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from django.utils import translation
from django.utils.translation import gettext as _

from aichat.models import ChatMessage
from core import jobs
from core import push

KIND = "answer"
FINISHED = "aichat.notify_answered"
LONG = timedelta(seconds=20)
"""Who waits for less is still there."""
PATIENCE = timedelta(seconds=3)

_Status = ChatMessage.Status


def note_ended(message_id: UUID, owner_id: UUID, *, status: str, began_at: datetime) -> None:
    """An answer has ended, in the transaction that ends it; nothing is told of one that was quick, or was stopped."""
    now = timezone.now()
    if status == _Status.STOPPED or now - began_at < LONG:
        return
    if ChatMessage.objects.filter(pk=message_id, stop_requested=False).update(unseen=True) and push.reachable(
        [owner_id]
    ):
        jobs.enqueue(FINISHED, payload={"message_id": str(message_id)}, run_at=now + PATIENCE)


def tell(message_id: UUID) -> int:
    """Tell of an answer that nobody has looked at; to how many devices. One that is gone or goes on is a normal end."""
    unseen = ChatMessage.objects.filter(pk=message_id, unseen=True).exclude(status__in=ChatMessage.RUNNING)
    row = unseen.select_related("chat__owner").first()
    if row is None:
        return 0
    chat = row.chat
    is_whole = row.status == _Status.COMPLETE
    with translation.override(chat.owner.language):
        notice = push.Notice(
            user_id=chat.owner_id,
            kind=KIND,
            tag=tag(chat.pk),
            title=chat.title or _("Chat"),
            body=row.content if is_whole else _("The answer could not be finished."),
            plain=_("Your answer is ready") if is_whole else _("The answer could not be finished."),
            url=f"/app/chat/{chat.pk}",
        )
    return push.notify([notice])


def forget(owner_id: UUID, chat_id: UUID) -> None:
    """It was looked at on one device: what is shown of it goes from all."""
    push.clear(owner_id, tag(chat_id))


def tag(chat_id: UUID) -> str:
    """What notices of a chat are about."""
    return f"a:{chat_id}"
