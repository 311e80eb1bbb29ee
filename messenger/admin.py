"""Conversations for staff: who talks with whom and when, without what was said."""

# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Count
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.clients import Client
from accounts.models import User
from accounts.reading_admin import PrivateTextAdmin
from accounts.reading_admin import ReadOnlyAdmin
from messenger.models import Block
from messenger.models import Conversation
from messenger.models import Invite
from messenger.models import Message
from messenger.models import Participant
from messenger.models import Story
from messenger.services import moderation


class _WithFile(ReadOnlyAdmin):
    """A file shows its name, and a name says what was sent: of files only the ids stand here."""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*super().get_fields(request, obj), "file"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["file"]

    @admin.display(description="Media")
    def file(self, row: Message | Story) -> str:
        """The id of its file."""
        return str(row.media_id or "-")


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    list_display = ("id", "type", "members", "created_by", "is_ai_agent", "created_at", "updated_at", "deleted_at")
    list_filter = ("type", "is_ai_agent", ("deleted_at", admin.EmptyFieldListFilter))
    list_select_related = ("created_by",)
    search_fields = ("=id", "participants__user__username", "participants__user__email")
    search_help_text = "Id, or the user name or e-mail address of a member"
    date_hierarchy = "created_at"
    hidden = ("name", "avatar_url", "direct_key")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request).annotate(member_count=Count("participants", distinct=True))
        return rows

    @admin.display(ordering="member_count")
    def members(self, row: Any) -> int:
        """How many there are."""
        return int(row.member_count)


@admin.register(Participant)
class ParticipantAdmin(ReadOnlyAdmin):
    list_display = ("conversation", "user", "role", "joined_at", "last_read_at", "read_seq")
    list_filter = ("role",)
    list_select_related = ("conversation", "user")
    search_fields = ("=conversation__id", "user__username", "user__email")
    search_help_text = "Id of a conversation, user name or e-mail address"
    hidden = ("draft", "draft_reply_to", "draft_updated_at")


@admin.register(Message)
class MessageAdmin(_WithFile, PrivateTextAdmin):
    list_display = ("id", "conversation", "seq", "sender", "message_type", "is_edited", "is_deleted", "created_at")
    list_filter = ("message_type", "is_deleted", "is_edited", "is_forwarded")
    list_select_related = ("conversation", "sender")
    search_fields = ("=id", "=conversation__id", "sender__username", "sender__email")
    search_help_text = "Id of a message or a conversation, or the sender"
    hidden = ("content", "search_text", "system", "link_preview", "media", "fingerprint", "client_id")
    permission = moderation.PERMISSION
    content_template = "admin/messenger/content.html"

    def read_content(self, actor: User, *, message_ids: Sequence[UUID], reason: str, client: Client) -> list[Message]:
        return moderation.read_content(actor, message_ids=message_ids, reason=reason, client=client)


@admin.register(Invite)
class InviteAdmin(ReadOnlyAdmin):
    list_display = ("id", "conversation", "created_by", "uses", "max_uses", "expires_at", "revoked_at", "created_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("conversation", "created_by")
    search_fields = ("=id", "=conversation__id", "created_by__username")
    hidden = ("token",)


@admin.register(Block)
class BlockAdmin(ReadOnlyAdmin):
    list_display = ("blocker", "blocked", "created_at")
    list_select_related = ("blocker", "blocked")
    search_fields = ("blocker__username", "blocked__username", "blocker__email", "blocked__email")


@admin.register(Story)
class StoryAdmin(_WithFile):
    list_display = ("id", "user", "created_at", "expires_at", "viewers")
    list_select_related = ("user",)
    search_fields = ("=id", "user__username", "user__email")
    hidden = ("caption", "media", "client_id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request).annotate(view_count=Count("views"))
        return rows

    @admin.display(ordering="view_count")
    def viewers(self, row: Any) -> int:
        """How many saw it."""
        return int(row.view_count)
