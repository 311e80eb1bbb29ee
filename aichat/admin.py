"""Chats for staff: what they cost and how they ended, without what was said."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib import admin

from accounts.clients import Client
from accounts.models import User
from accounts.reading_admin import PrivateTextAdmin
from accounts.reading_admin import ReadOnlyAdmin
from aichat.models import Chat
from aichat.models import ChatMessage
from aichat.services import moderation

_PRIVATE = ("title", "search_title", "system_prompt", "content", "search_text")


@admin.register(Chat)
class ChatAdmin(ReadOnlyAdmin):
    list_display = ("id", "owner", "model", "temporary", "archived", "updated_at")
    list_filter = ("temporary", "archived", "model")
    list_select_related = ("owner",)
    search_fields = ("=id", "owner__username", "owner__email")
    hidden = _PRIVATE


@admin.register(ChatMessage)
class ChatMessageAdmin(PrivateTextAdmin):
    list_display = ("id", "role", "status", "model", "prompt_tokens", "completion_tokens", "estimated", "created_at")
    list_filter = ("status", "role", "provider", "model", "estimated")
    search_fields = ("=id", "=chat__id", "=hold_key", "chat__owner__username", "chat__owner__email")
    hidden = _PRIVATE
    permission = moderation.PERMISSION
    content_template = "admin/aichat/content.html"

    def read_content(
        self, actor: User, *, message_ids: Sequence[UUID], reason: str, client: Client
    ) -> list[ChatMessage]:
        return moderation.read_content(actor, message_ids=message_ids, reason=reason, client=client)
