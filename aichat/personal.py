"""What the chat keeps of people: all of it is theirs alone, so all of it goes."""

from __future__ import annotations

from uuid import UUID

from accounts.models import User
from aichat.models import Chat
from aichat.models import ChatMessage
from aichat.models import ChatPreferences
from aichat.models import ChatShare
from aichat.models import MessageAttachment
from aichat.services import chats
from core.errors import NotFound
from core.personal import Holding
from core.personal import Work

HOLDINGS = [
    Holding(
        model="aichat.Chat",
        rows=lambda user_id: Chat.objects.filter(owner_id=user_id),
        leave_out=("search_title",),
    ),
    Holding(
        model="aichat.ChatMessage",
        rows=lambda user_id: ChatMessage.objects.filter(chat__owner_id=user_id),
        leave_out=("search_text", "counted_tokens", "counted_with", "hold_key", "heartbeat_at", "stop_requested"),
    ),
    Holding(
        model="aichat.MessageAttachment",
        rows=lambda user_id: MessageAttachment.objects.filter(message__chat__owner_id=user_id),
    ),
    Holding(
        model="aichat.ChatShare",
        rows=lambda user_id: ChatShare.objects.filter(chat__owner_id=user_id),
        leave_out=("token_hash",),
    ),
    Holding(
        model="aichat.ChatPreferences",
        rows=lambda user_id: ChatPreferences.objects.filter(user_id=user_id),
    ),
]


NOT_PERSONAL = {"aichat.ModelHabit": "Middles over the answers of everybody."}


def erase(user_id: UUID, work: Work) -> None:
    """Chats with their messages and links. Who writes an answer finds it gone and ends."""
    ChatPreferences.objects.filter(user_id=user_id).delete()
    owner = User(pk=user_id)
    for chat_id in Chat.objects.filter(owner_id=user_id).order_by("pk").values_list("pk", flat=True):
        try:
            chats.delete_chat(owner, chat_id=chat_id)
        except NotFound:  # gone since, as temporary ones do
            continue
        work.moved(1)
