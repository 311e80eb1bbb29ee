"""Chats and their messages, which form a tree: an edited question or a second answer is a sibling."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core import searching
from core.models import StoredFile
from core.models import UUIDModel
from core.text import folded

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

TEMPORARY_LIFE = timedelta(hours=24)
"""How long a temporary chat is kept after its last message."""


SEARCH_TITLE_LENGTH = 400


def searchable(title: str) -> str:
    """A title as it is searched; some letters fold into many, and what is cut off a title of those is not missed."""
    return folded(title)[:SEARCH_TITLE_LENGTH]


class ChatQuerySet(models.QuerySet["Chat"]):
    """Who may see which chats."""

    def visible_to(self, user: AbstractBaseUser) -> ChatQuerySet:
        """The user's own chats, temporary ones included."""
        return self.filter(owner_id=user.pk)

    def listed(self) -> ChatQuerySet:
        """Without temporary chats."""
        return self.filter(temporary=False)

    def matching(self, words: str) -> ChatQuerySet:
        """Chats with all ``words`` in the title, or all in one message, in any order."""
        in_messages = ChatMessage.objects.filter(searching.says("search_text", words), chat=models.OuterRef("pk"))
        return self.filter(searching.says("search_title", words) | Q(models.Exists(in_messages)))

    def expired(self) -> ChatQuerySet:
        """Temporary chats whose time is over."""
        return self.filter(temporary=True, updated_at__lt=timezone.now() - TEMPORARY_LIFE)


class Chat(UUIDModel):
    """One conversation with language models."""

    class TitleSource(models.TextChoices):
        NONE = "none"
        QUESTION = "question"
        MODEL = "model"
        USER = "user"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="chats")
    title = models.CharField(max_length=200, blank=True)
    title_source = models.CharField(max_length=10, choices=TitleSource.choices, default=TitleSource.NONE)
    search_title = models.CharField(max_length=SEARCH_TITLE_LENGTH, blank=True, editable=False)
    model = models.CharField(max_length=100, blank=True, help_text="Empty: the site's default model.")
    system_prompt = models.TextField(blank=True)
    temperature = models.FloatField(null=True, blank=True)
    effort = models.CharField(max_length=10, null=True, blank=True, help_text="Empty: the model's own.")
    read_everything = models.BooleanField(
        default=False, db_default=False, help_text="The whole history may be sent, not only the model's usual part."
    )
    pinned = models.BooleanField(default=False)
    archived = models.BooleanField(default=False)
    temporary = models.BooleanField(default=False)
    active_leaf = models.ForeignKey(
        "ChatMessage",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The last message of the branch that is shown.",
    )
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now, help_text="The last message, not the last change.")

    objects = ChatQuerySet.as_manager()

    class Meta:
        db_table = "chats"
        indexes = [
            models.Index(fields=["owner", "-updated_at", "-id"], name="chat_owner_newest"),
            models.Index(fields=["updated_at"], name="chat_temporary", condition=Q(temporary=True)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(temperature__isnull=True) | Q(temperature__gte=0, temperature__lte=2),
                name="chat_temperature_range",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ChatMessageQuerySet(models.QuerySet["ChatMessage"]):
    """Who may see which messages."""

    def visible_to(self, user: AbstractBaseUser) -> ChatMessageQuerySet:
        """Messages of the user's own chats."""
        return self.filter(chat__owner_id=user.pk)

    def running(self) -> ChatMessageQuerySet:
        """Answers that are being written, or whose process died over them."""
        return self.filter(status__in=ChatMessage.RUNNING)


class ChatMessage(UUIDModel):
    """One turn. An answer is written by exactly one *attempt* at a time; ``continue`` begins the next one."""

    class Role(models.TextChoices):
        USER = "user"
        ASSISTANT = "assistant"
        SYSTEM = "system"
        TOOL = "tool"

    class Status(models.TextChoices):
        PENDING = "pending"
        STREAMING = "streaming"
        COMPLETE = "complete"
        INCOMPLETE = "incomplete"
        STOPPED = "stopped"
        FAILED = "failed"

    RUNNING = (Status.PENDING, Status.STREAMING)

    chat = models.ForeignKey(Chat, on_delete=models.CASCADE, related_name="messages")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="children")
    role = models.CharField(max_length=10, choices=Role.choices)
    content = models.TextField(blank=True)
    search_text = models.TextField(blank=True, editable=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.COMPLETE)
    model = models.CharField(max_length=100, blank=True)
    provider = models.CharField(max_length=50, blank=True)
    finish_reason = models.CharField(max_length=30, blank=True)
    prompt_tokens = models.PositiveIntegerField(default=0, help_text="Of all finished attempts.")
    completion_tokens = models.PositiveIntegerField(default=0, help_text="Of all finished attempts.")
    estimated = models.BooleanField(default=False, help_text="Counted here, not by the provider.")
    error = models.JSONField(null=True, blank=True, help_text="The house error body of the last attempt.")
    reasoning = models.TextField(
        blank=True, default="", db_default="", help_text="What the model showed of its thinking; no part of the answer."
    )
    reasoning_tokens = models.PositiveIntegerField(
        null=True, blank=True, help_text="Of the completion's; null: not told."
    )
    thinking_ms = models.PositiveIntegerField(null=True, blank=True, help_text="Until the first word of the answer.")
    effort = models.CharField(max_length=10, null=True, blank=True, help_text="What was asked for.")
    cached_tokens = models.PositiveIntegerField(default=0, db_default=0, help_text="Of the prompt's.")
    cache_write_tokens = models.PositiveIntegerField(default=0, db_default=0, help_text="Of the prompt's.")
    cost = models.DecimalField(
        max_digits=16,
        decimal_places=8,
        null=True,
        blank=True,
        help_text="USD of all finished attempts; null: not known.",
    )
    priced = models.DateField(null=True, blank=True, help_text="The day from which its price holds.")
    held_tokens = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="Set aside for all finished attempts; null: not known."
    )
    withheld = models.BooleanField(
        default=False, db_default=False, help_text="A refused turn, which later prompts leave out."
    )
    client_id = models.CharField(max_length=64, null=True, blank=True)
    counted_tokens = models.PositiveIntegerField(null=True, editable=False, help_text="Of the content, for prompts.")
    counted_with = models.CharField(max_length=30, blank=True, editable=False, help_text="The encoding of that count.")

    attempt = models.PositiveSmallIntegerField(default=0, help_text="0: not written by a model.")
    hold_key = models.CharField(max_length=100, blank=True, help_text="The metering hold of the last attempt.")
    progress_prompt = models.PositiveIntegerField(default=0, help_text="Of the running attempt.")
    progress_completion = models.PositiveIntegerField(default=0, help_text="Of the running attempt.")
    stop_requested = models.BooleanField(default=False)
    heartbeat_at = models.DateTimeField(default=timezone.now, help_text="When its process last renewed its lease.")
    unseen = models.BooleanField(
        default=False, db_default=False, help_text="It took long, has ended, and its owner has not looked since."
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = ChatMessageQuerySet.as_manager()

    class Meta:
        db_table = "chat_messages"
        permissions = [("read_content", "Can read the private text of messages")]
        indexes = [
            models.Index(fields=["chat", "parent"], name="chat_message_tree"),
            models.Index(
                fields=["heartbeat_at"],
                name="chat_message_running",
                condition=Q(status__in=["pending", "streaming"]),
            ),
            models.Index(fields=["hold_key"], name="chat_message_hold", condition=~Q(hold_key="")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["chat", "client_id"], name="chat_message_client_id", condition=Q(client_id__isnull=False)
            ),
            models.CheckConstraint(
                condition=Q(role__in=["user", "assistant", "system", "tool"]), name="chat_message_role"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "streaming", "complete", "incomplete", "stopped", "failed"]),
                name="chat_message_status",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.pk}"

    @property
    def is_running(self) -> bool:
        return self.status in self.RUNNING


class MessageAttachment(models.Model):
    """A file that was sent with a message."""

    message = models.ForeignKey(ChatMessage, on_delete=models.CASCADE, related_name="attachments")
    file = models.ForeignKey(StoredFile, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "chat_message_attachments"
        constraints = [
            models.UniqueConstraint(fields=["message", "file"], name="chat_attachment_once"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.file_id}"


class ChatPreferences(models.Model):
    """What somebody wants every model to know, in all of their chats."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="chat_preferences"
    )
    instructions = models.TextField(blank=True, help_text="Stand before each chat's own instructions.")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "chat_preferences"
        verbose_name_plural = "chat preferences"

    def __str__(self) -> str:
        return str(self.user_id)


class ChatShareQuerySet(models.QuerySet["ChatShare"]):
    """Who may see which links."""

    def visible_to(self, user: AbstractBaseUser) -> ChatShareQuerySet:
        """Those of the user's own chats; what stands behind a link is for whoever has it."""
        return self.filter(chat__owner_id=user.pk)


class ChatShare(UUIDModel):
    """A link by which anybody reads a chat as it was when the link was made."""

    chat = models.ForeignKey(Chat, on_delete=models.CASCADE, related_name="shares")
    token_hash = models.CharField(
        max_length=64, unique=True, editable=False, help_text="SHA-256; the link is not kept."
    )
    title = models.CharField(max_length=200, blank=True)
    shows_name = models.BooleanField(default=False, help_text="Whoever reads it learns whose chat it is.")
    messages = models.JSONField(help_text="[id, characters] of each, oldest first: what grows later is not shown.")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ChatShareQuerySet.as_manager()

    class Meta:
        db_table = "chat_shares"

    def __str__(self) -> str:
        return str(self.pk)


class ModelHabit(models.Model):
    """What answers of one model at one effort mostly take on this site; counted anew every night."""

    model = models.CharField(max_length=100)
    effort = models.CharField(max_length=10, blank=True, help_text="Empty: the model cannot be told.")
    answers = models.PositiveIntegerField(help_text="In the days that were counted.")
    typical_tokens = models.PositiveIntegerField(help_text="Written by half of them at most, thinking included.")
    thought_tokens = models.PositiveIntegerField(null=True, help_text="Thought by nine of ten at most; null: not told.")
    tokens_a_second = models.FloatField(null=True, help_text="Of thinking, in the middle; null: not known.")
    counted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "model_habits"
        constraints = [models.UniqueConstraint(fields=["model", "effort"], name="model_habits_once")]

    def __str__(self) -> str:
        return f"{self.model} {self.effort}: {self.typical_tokens}"
