"""Agents in conversations: how far each has listened, where they were stopped, and what they remember."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from agents import limits
from agents.models.agents import Agent
from core.models import UUIDModel
from messenger.models import Conversation


class AgentSubscription(UUIDModel):
    """An agent listens to a conversation, up to where it has heard it: nothing is lost, nothing is answered twice."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="subscriptions")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    heard_seq = models.PositiveBigIntegerField(default=0)
    unfinished = models.JSONField(
        default=list, blank=True, help_text="Messages before there that agents were still writing."
    )
    speaks_up = models.BooleanField(default=False, help_text="Answers also when nobody has named it.")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "agent_subscriptions"
        constraints = [models.UniqueConstraint(fields=["agent", "conversation"], name="agent_subscription")]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.conversation_id}"


class AgentConversation(models.Model):
    """Whether all agents of a conversation were stopped; runs carry the epoch they began in."""

    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, primary_key=True, related_name="+")
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    paused_at = models.DateTimeField(null=True, blank=True)
    epoch = models.PositiveIntegerField(default=0, help_text="Counts how often they were stopped.")

    class Meta:
        db_table = "agent_conversations"

    def __str__(self) -> str:
        return str(self.conversation_id)


class AgentMemory(UUIDModel):
    """What an agent was told to remember: of one person for them alone, or of a conversation for its members."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="memories")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    text = models.CharField(max_length=limits.MEMORY_LENGTH)
    text_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "agent_memories"
        verbose_name_plural = "agent memories"
        constraints = [
            models.CheckConstraint(
                condition=Q(user=None, conversation__isnull=False) | Q(user__isnull=False, conversation=None),
                name="agent_memory_subject",
            ),
            models.UniqueConstraint(
                fields=["agent", "user", "text_hash"], condition=Q(conversation=None), name="agent_memory_of_person"
            ),
            models.UniqueConstraint(
                fields=["agent", "conversation", "text_hash"],
                condition=Q(user=None),
                name="agent_memory_of_conversation",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
