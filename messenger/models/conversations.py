"""Who talks to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.models import UUIDModel

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


Notify = Literal["all", "mentions", "none"]


class ConversationQuerySet(models.QuerySet["Conversation"]):
    """Who may see which conversations."""

    def visible_to(self, user: AbstractBaseUser) -> ConversationQuerySet:
        """Conversations the user is a member of now."""
        mine = Participant.objects.filter(conversation=models.OuterRef("pk"), user_id=user.pk)
        return self.current().filter(models.Exists(mine))

    def current(self) -> ConversationQuerySet:
        """Those that have not ended: an ended group keeps its members' rows, and nobody sees it any more."""
        return self.filter(deleted_at=None)


class Conversation(UUIDModel):
    """Two people, or a group. Its stream is ``c:<id>``; the stream's row exists from the first moment."""

    class Type(models.TextChoices):
        DIRECT = "direct"
        GROUP = "group"

    type = models.CharField(max_length=10, choices=Type.choices)
    name = models.CharField(max_length=100, blank=True, help_text="Of a group; a direct one shows the other person.")
    avatar_url = models.CharField(max_length=500, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    direct_key = models.CharField(
        max_length=65, null=True, unique=True, editable=False, help_text="Both ids in order: one per pair."
    )
    is_ai_agent = models.BooleanField(default=False)
    agent_count = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Members that are agents; without one, what is said costs no signal."
    )
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now, help_text="The last message, not the last change.")
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        db_table = "conversations"
        indexes = [models.Index(fields=["-updated_at", "-id"], name="conversation_newest")]
        constraints = [
            models.CheckConstraint(condition=Q(type__in=["direct", "group"]), name="conversation_type"),
            models.CheckConstraint(
                condition=Q(type="direct", direct_key__isnull=False) | Q(type="group", direct_key__isnull=True),
                name="conversation_direct_key",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_saved(self) -> bool:
        """The saved messages of one person, who is alone in it."""
        one, _, other = (self.direct_key or "").partition(":")
        return one != "" and one == other


def direct_key(a: UUID, b: UUID) -> str:
    """Of a pair: the same in both orders. Of one person twice: of their saved messages."""
    low, high = sorted((a, b))
    return f"{low.hex}:{high.hex}"


class ParticipantQuerySet(models.QuerySet["Participant"]):
    """Who is where."""

    def active(self) -> ParticipantQuerySet:
        """Memberships that count: the conversation has not ended. :data:`ACTIVE_MEMBERSHIPS` says the same in SQL."""
        return self.filter(conversation__deleted_at=None)


ACTIVE_MEMBERSHIPS = """
conversation_participants p JOIN conversations c ON c.id = p.conversation_id AND c.deleted_at IS NULL
"""
"""What stands after FROM: :meth:`ParticipantQuerySet.active` as ``p``, each with its conversation ``c``."""


class Participant(UUIDModel):
    """A member; the row goes when they leave. What only they see of the conversation stands here."""

    class Role(models.TextChoices):
        ADMIN = "admin"
        MEMBER = "member"

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="participants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="participations")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    read_seq = models.PositiveBigIntegerField(default=0, help_text="Everything up to here was seen; never goes back.")
    last_read_at = models.DateTimeField(null=True, blank=True)
    cleared_seq = models.PositiveBigIntegerField(
        default=0, help_text="This member removed the history up to here from their own view."
    )
    is_hidden = models.BooleanField(default=False, help_text="Removed from the own list until the next message.")
    is_pinned = models.BooleanField(default=False)
    is_muted = models.BooleanField(default=False)
    only_mentions = models.BooleanField(
        default=False, db_default=False, help_text="Unless it is muted: told only of what names or answers them."
    )
    notified_seq = models.PositiveBigIntegerField(
        default=0, db_default=0, help_text="Everything up to here was told to their devices."
    )
    is_archived = models.BooleanField(default=False)
    draft = models.TextField(blank=True)
    draft_reply_to = models.UUIDField(null=True, blank=True)
    draft_updated_at = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(default=timezone.now)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        db_table = "conversation_participants"
        constraints = [models.UniqueConstraint(fields=["conversation", "user"], name="participant_once")]
        indexes = [models.Index(fields=["user", "conversation"], name="participant_user")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.conversation_id}"

    @property
    def notify(self) -> Notify:
        """What their devices are told of."""
        if self.is_muted:
            return "none"
        return "mentions" if self.only_mentions else "all"


class Invite(UUIDModel):
    """A link that lets people join a group."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="invites")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    token = models.CharField(max_length=64, unique=True)
    uses = models.PositiveIntegerField(default=0)
    max_uses = models.PositiveIntegerField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "conversation_invites"

    def __str__(self) -> str:
        return str(self.pk)


class BlockQuerySet(models.QuerySet["Block"]):
    """A block works both ways, whoever made it."""

    def between(self, one: Any, other: Any) -> BlockQuerySet:
        """Of these two, each a user, an id or an ``OuterRef`` of one. :data:`IS_BLOCKED` says the same in SQL."""
        return self.filter(Q(blocker=one, blocked=other) | Q(blocker=other, blocked=one))

    def between_any(self, one: Any, others: Any) -> BlockQuerySet:
        """Of the one and any of the others: a list or a query of users."""
        return self.filter(Q(blocker=one, blocked__in=others) | Q(blocker__in=others, blocked=one))


# By CASE, so that nothing is looked for in groups: there a block does not count.
IS_BLOCKED = """
CASE WHEN c.type = 'direct' THEN EXISTS (
  SELECT 1 FROM conversation_participants o
    JOIN user_blocks b ON (b.blocker_id = p.user_id AND b.blocked_id = o.user_id)
                       OR (b.blocker_id = o.user_id AND b.blocked_id = p.user_id)
   WHERE o.conversation_id = p.conversation_id) ELSE FALSE END
"""
"""Whether the member ``p`` of ``c`` and the other one cannot write to each other; for :data:`ACTIVE_MEMBERSHIPS`."""


class Block(UUIDModel):
    """Neither of the two can write to the other, see their presence or their stories."""

    blocker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="blocked_by")
    created_at = models.DateTimeField(default=timezone.now)

    objects = BlockQuerySet.as_manager()

    class Meta:
        db_table = "user_blocks"
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="block_once"),
            models.CheckConstraint(condition=~Q(blocker=models.F("blocked")), name="block_not_oneself"),
        ]

    def __str__(self) -> str:
        return f"{self.blocker_id} blocks {self.blocked_id}"
