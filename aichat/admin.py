"""Chats for staff: what they cost and how they ended, without what was said."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib import admin

from accounts.admin.content_access import ContentAccessAdmin
from accounts.clients import ClientInfo
from accounts.models import User
from aichat.models import Chat
from aichat.models import ChatMessage
from aichat.models import ChatPreferences
from aichat.models import ChatShare
from aichat.models import MessageAttachment
from aichat.models import ModelHabit
from aichat.services import moderation
from core.admin_base import ReadOnlyAdmin

_PRIVATE = (
    "title",
    "search_title",
    "system_prompt",
    "instructions",
    "token_hash",
    "messages",
    "content",
    "reasoning",
    "search_text",
)


@admin.register(Chat)
class ChatAdmin(ReadOnlyAdmin):
    list_display = ("id", "owner", "model", "temporary", "archived", "updated_at")
    list_filter = ("temporary", "archived")
    list_select_related = ("owner",)
    search_people = ("owner",)
    search_help_text = "Whole id, or the beginning of the owner's name or address"
    hidden = _PRIVATE


@admin.register(ChatPreferences)
class ChatPreferencesAdmin(ReadOnlyAdmin):
    """Who has instructions for all chats, not which."""

    is_internal = True
    list_display = ("user", "updated_at")
    list_filter = ("updated_at",)
    list_select_related = ("user",)
    search_people = ("user",)
    search_help_text = "Whole id, or the beginning of the user's name or address"
    hidden = _PRIVATE


@admin.register(ChatShare)
class ChatShareAdmin(ReadOnlyAdmin):
    """Which chats can be read by a link."""

    list_display = ("id", "chat_id", "shows_name", "created_at")
    list_filter = ("shows_name", "created_at")
    search_exact = ("pk", "chat__pk")
    search_people = ("chat__owner",)
    search_help_text = "Whole id of a link or a chat, or the beginning of the owner's name or address"
    hidden = (*_PRIVATE, "chat")


@admin.register(ModelHabit)
class ModelHabitAdmin(ReadOnlyAdmin):
    """What answers mostly take here: estimates before sending go by it."""

    is_internal = True
    list_display = ("model", "effort", "answers", "typical_tokens", "thought_tokens", "tokens_a_second", "counted_at")
    list_filter = ("counted_at",)
    search_exact = ("pk", "model", "effort")
    search_help_text = "The whole id of a model, or an effort"


@admin.register(ChatMessage)
class ChatMessageAdmin(ContentAccessAdmin):
    list_display = ("id", "role", "status", "model", "prompt_tokens", "completion_tokens", "cost", "created_at")
    list_filter = ("status", "role", "estimated")
    search_exact = ("pk", "chat__pk")
    search_people = ("chat__owner",)
    search_help_text = "Whole id of a message or a chat, or the beginning of the owner's name or address"
    hidden = _PRIVATE
    permission = moderation.PERMISSION
    content_template = "admin/aichat/content.html"

    def read_content(
        self, actor: User, *, message_ids: Sequence[UUID], reason: str, client: ClientInfo
    ) -> list[ChatMessage]:
        return moderation.read_content(actor, message_ids=message_ids, reason=reason, client=client)


@admin.register(MessageAttachment)
class MessageAttachmentAdmin(ReadOnlyAdmin):
    """Which file belongs to which message, by their ids: a name says what was sent."""

    is_internal = True
    list_display = ("id", "message_id", "file_id", "position")
    list_filter = ("message__role",)
    search_exact = ("pk", "message__pk", "file__pk")
    search_help_text = "Whole id of a message or a file"
    hidden = ("message", "file")
