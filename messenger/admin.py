"""Conversations for staff: who talks with whom and when, without what was said."""

# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import F
from django.db.models import Func
from django.db.models import IntegerField
from django.db.models import OuterRef
from django.db.models import QuerySet
from django.db.models import Subquery
from django.http import HttpRequest

from accounts.admin.content_access import ContentAccessAdmin
from accounts.clients import ClientInfo
from accounts.models import User
from core.admin_base import ReadOnlyAdmin
from messenger.models import Block
from messenger.models import Conversation
from messenger.models import GrowingMessage
from messenger.models import Invite
from messenger.models import LinkPreview
from messenger.models import Message
from messenger.models import NoticeScan
from messenger.models import Participant
from messenger.models import Reaction
from messenger.models import ReadReceipt
from messenger.models import Story
from messenger.models import StoryView
from messenger.services import moderation


def _count(rows: QuerySet[Any]) -> Any:
    """How many there are, asked for the rows of one page only: a join would group the whole table first."""
    counted = rows.order_by().annotate(all=Func(F("pk"), function="COUNT")).values("all")
    return Subquery(counted, output_field=IntegerField())


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
    search_people = ("participants__user",)
    search_help_text = "Whole id, or the beginning of a member's user name or address"
    hidden = ("name", "avatar_url", "direct_key")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = (
            super()
            .get_queryset(request)
            .annotate(member_count=_count(Participant.objects.filter(conversation=OuterRef("pk"))))
        )
        return rows

    @admin.display(description="members")
    def members(self, row: Any) -> int:
        """How many there are."""
        return int(row.member_count)


@admin.register(Participant)
class ParticipantAdmin(ReadOnlyAdmin):
    list_display = ("conversation", "user", "role", "joined_at", "last_read_at", "read_seq")
    list_filter = ("role",)
    list_select_related = ("conversation", "user")
    search_exact = ("pk", "conversation__pk")
    search_people = ("user",)
    search_help_text = "Whole id of a conversation, or the beginning of a user name or address"
    hidden = ("draft", "draft_reply_to", "draft_updated_at")


@admin.register(Message)
class MessageAdmin(_WithFile, ContentAccessAdmin):
    list_display = ("id", "conversation", "seq", "sender", "message_type", "is_edited", "is_deleted", "created_at")
    list_filter = ("message_type", "is_deleted", "is_edited", "is_forwarded")
    list_select_related = ("conversation", "sender")
    search_exact = ("pk", "conversation__pk")
    search_people = ("sender",)
    search_help_text = "Whole id of a message or a conversation, or the beginning of the sender's name or address"
    hidden = ("content", "search_text", "system", "link_preview", "media", "fingerprint", "client_id")
    permission = moderation.PERMISSION
    content_template = "admin/messenger/content.html"

    def read_content(
        self, actor: User, *, message_ids: Sequence[UUID], reason: str, client: ClientInfo
    ) -> list[Message]:
        return moderation.read_content(actor, message_ids=message_ids, reason=reason, client=client)


@admin.register(NoticeScan)
class NoticeScanAdmin(ReadOnlyAdmin):
    """Up to when what was said has been told to devices."""

    is_internal = True
    list_display = ("id", "looked_until", "fence", "lease_until")
    list_filter = ("lease_until",)
    search_exact = ("pk",)
    search_help_text = "1"


@admin.register(GrowingMessage)
class GrowingMessageAdmin(ReadOnlyAdmin):
    """Which messages are being written; what they say is on nobody's page."""

    is_internal = True
    list_display = ("message_id", "fence", "lease_until")
    list_filter = ("lease_until",)
    search_exact = ("pk",)
    search_help_text = "Whole id of a message"
    hidden = ("message",)


@admin.register(Invite)
class InviteAdmin(ReadOnlyAdmin):
    list_display = ("id", "conversation", "created_by", "uses", "max_uses", "expires_at", "revoked_at", "created_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("conversation", "created_by")
    search_exact = ("pk", "conversation__pk")
    search_people = ("created_by",)
    search_help_text = "Whole id of an invite or a conversation, or the beginning of its maker's name or address"
    hidden = ("token",)


@admin.register(Block)
class BlockAdmin(ReadOnlyAdmin):
    list_display = ("blocker", "blocked", "created_at")
    list_select_related = ("blocker", "blocked")
    list_filter = ("created_at",)
    search_people = ("blocker", "blocked")
    search_help_text = "The beginning of a user name or address"


@admin.register(Story)
class StoryAdmin(_WithFile):
    plural = "stories"
    list_display = ("id", "user", "created_at", "expires_at", "viewers")
    list_filter = ("created_at", "expires_at")
    list_select_related = ("user",)
    search_people = ("user",)
    search_help_text = "Whole id, or the beginning of a user name or address"
    hidden = ("caption", "media", "client_id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = (
            super().get_queryset(request).annotate(view_count=_count(StoryView.objects.filter(story=OuterRef("pk"))))
        )
        return rows

    @admin.display(description="viewers")
    def viewers(self, row: Any) -> int:
        """How many saw it."""
        return int(row.view_count)


@admin.register(Reaction)
class ReactionAdmin(ReadOnlyAdmin):
    list_display = ("id", "message_id", "user", "created_at")
    list_filter = ("created_at",)
    list_select_related = ("user",)
    search_exact = ("pk", "message__pk")
    search_people = ("user",)
    search_help_text = "Whole id of a message, or the beginning of a user name or address"
    hidden = ("message", "emoji")


@admin.register(ReadReceipt)
class ReadReceiptAdmin(ReadOnlyAdmin):
    is_internal = True
    list_display = ("id", "message_id", "user", "read_at")
    list_filter = ("read_at",)
    list_select_related = ("user",)
    search_exact = ("pk", "message__pk")
    search_people = ("user",)
    search_help_text = "Whole id of a message, or the beginning of a user name or address"
    hidden = ("message",)


@admin.register(LinkPreview)
class LinkPreviewAdmin(ReadOnlyAdmin):
    """When a page was looked at; which one is private."""

    is_internal = True
    list_display = ("url_hash", "fetched_at")
    list_filter = ("fetched_at",)
    search_help_text = "The whole hash"
    hidden = ("preview",)


@admin.register(StoryView)
class StoryViewAdmin(ReadOnlyAdmin):
    is_internal = True
    list_display = ("id", "story_id", "viewer", "viewed_at")
    list_filter = ("viewed_at",)
    list_select_related = ("viewer",)
    search_exact = ("pk", "story__pk")
    search_people = ("viewer",)
    search_help_text = "Whole id of a story, or the beginning of the viewer's name or address"
    hidden = ("story",)
