"""What the messenger keeps of people. What others said is theirs and stands in nobody else's archive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from accounts.models import display_name
from core.personal import Holding
from messenger.models import Block
from messenger.models import Conversation
from messenger.models import Invite
from messenger.models import Message
from messenger.models import Participant
from messenger.models import Reaction
from messenger.models import ReadReceipt
from messenger.models import Story
from messenger.models import StoryView
from messenger.services.erasing import erase

__all__ = ["HOLDINGS", "NOT_PERSONAL", "erase"]


def _conversations(user_id: UUID) -> Any:
    mine = Participant.objects.filter(user_id=user_id).values("conversation_id")
    return Conversation.objects.current().filter(pk__in=mine)


def _shown(rows: Sequence[Conversation]) -> list[dict[str, Any]]:
    """A group by its name, a direct one by whom it is with, as the member's own list shows it."""
    direct = [row.pk for row in rows if row.type == Conversation.Type.DIRECT]
    members: dict[UUID, list[str]] = {}
    named = ("user__display_name", "user__username", "user_id")
    for conversation, *who in Participant.objects.filter(conversation__in=direct).values_list("conversation", *named):
        members.setdefault(conversation, []).append(display_name(*who))
    return [
        {
            "id": row.pk,
            "type": row.type,
            "name": row.name,
            "between": members.get(row.pk),
            "created_at": row.created_at,
            "updated_at": row.updated_at,
        }
        for row in rows
    ]


HOLDINGS = [
    Holding(
        model="messenger.Conversation",
        rows=_conversations,
        shown=_shown,
        ends="emptied",
        reason="It belongs to all its members; when none is left it goes.",
    ),
    Holding(model="messenger.Participant", rows=lambda user_id: Participant.objects.filter(user_id=user_id)),
    Holding(
        model="messenger.Message",
        rows=lambda user_id: Message.objects.filter(sender_id=user_id),
        leave_out=("search_text", "fingerprint"),
        ends="emptied",
        reason="A stone without text, file and sender stays where others go on talking.",
    ),
    Holding(model="messenger.Reaction", rows=lambda user_id: Reaction.objects.filter(user_id=user_id)),
    Holding(model="messenger.ReadReceipt", rows=lambda user_id: ReadReceipt.objects.filter(user_id=user_id)),
    Holding(
        model="messenger.Invite",
        rows=lambda user_id: Invite.objects.filter(created_by_id=user_id),
        leave_out=("token",),
    ),
    # Who blocked them is the others' own, and is erased all the same.
    Holding(model="messenger.Block", rows=lambda user_id: Block.objects.filter(blocker_id=user_id)),
    Holding(model="messenger.Story", rows=lambda user_id: Story.objects.filter(user_id=user_id)),
    Holding(model="messenger.StoryView", rows=lambda user_id: StoryView.objects.filter(viewer_id=user_id)),
]

NOT_PERSONAL = {
    "messenger.NoticeScan": "Up to when whom to tell was looked for.",
    "messenger.GrowingMessage": "That a message of an agent is being written; the row goes when it is finished.",
    "messenger.LinkPreview": "What public pages say of themselves; not which message linked to them.",
}
