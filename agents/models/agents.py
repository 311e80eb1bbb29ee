"""Agents: a prompt, a model, bounds, and the user that speaks for them in the messenger."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from agents import limits
from core.models import TimestampedModel
from messenger.models import Participant

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


def within(bound: limits.Bound, field: str) -> Q:
    """The condition that a column stays inside its bound."""
    return Q(**{f"{field}__gte": bound.least, f"{field}__lte": bound.most})


class AgentQuerySet(models.QuerySet["Agent"]):
    """Who may see which agents."""

    def current(self) -> AgentQuerySet:
        """Those that were not deleted."""
        return self.filter(deleted_at=None)

    def owned_by(self, user: AbstractBaseUser) -> AgentQuerySet:
        """What the user may change."""
        return self.current().filter(owner_id=user.pk)

    def visible_to(self, user: AbstractBaseUser) -> AgentQuerySet:
        """Agents the user may see: their own, those for everybody here, and those of conversations they are in.

        One that speaks in a conversation is seen by its members whatever its audience is: they read what it says.
        """
        shared = Q(audience=Agent.Audience.SITE) | Q(user_id__in=_members_with(user))
        return self.current().filter(Q(owner_id=user.pk) | Q(is_active=True) & shared)

    def open_to(self, user: AbstractBaseUser) -> AgentQuerySet:
        """Agents the user may ask anywhere: its owner has opened it to them, and not only to a conversation."""
        members = Q(audience=Agent.Audience.MEMBERS, user_id__in=_members_with(user))
        shared = Q(audience=Agent.Audience.SITE) | members
        return self.current().filter(Q(owner_id=user.pk) | Q(is_active=True) & shared)


def _members_with(user: AbstractBaseUser) -> models.QuerySet[Participant, Any]:
    """Who is in a conversation with the user, as ids."""
    conversations = Participant.objects.active().filter(user_id=user.pk).values("conversation_id")
    return Participant.objects.active().filter(conversation_id__in=conversations).values("user_id")


class Agent(TimestampedModel):
    """One agent of one person."""

    class Audience(models.TextChoices):
        OWNER = "owner"
        MEMBERS = "members"
        SITE = "site"

    class Payer(models.TextChoices):
        ASKER = "asker"
        OWNER = "owner"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="agents")
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="as_agent", help_text="Who speaks for it."
    )
    name = models.CharField(max_length=limits.NAME_LENGTH)
    system_prompt = models.TextField(blank=True)
    model = models.CharField(max_length=200)
    temperature = models.FloatField(null=True, blank=True)
    max_tokens = models.PositiveIntegerField(default=limits.ANSWER_TOKENS.default, help_text="Of one answer.")
    audience = models.CharField(max_length=7, choices=Audience.choices, default=Audience.OWNER)
    payer = models.CharField(max_length=5, choices=Payer.choices, default=Payer.ASKER)
    owner_daily_tokens = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="What others may use of the owner's tokens in a day; nothing: the house's bound.",
    )
    asker_daily_tokens = models.PositiveIntegerField(
        null=True, blank=True, help_text="What one of them may use of it in a day; nothing: the house's bound."
    )
    history_tokens = models.PositiveIntegerField(default=limits.HISTORY_TOKENS.default)
    max_steps = models.PositiveSmallIntegerField(default=limits.STEPS.default)
    max_calls = models.PositiveSmallIntegerField(default=limits.CALLS.default)
    max_seconds = models.PositiveSmallIntegerField(default=limits.SECONDS.default)
    run_tokens = models.PositiveIntegerField(default=limits.RUN_TOKENS.default)
    template = models.CharField(max_length=20, blank=True, help_text="What it was begun from.")
    is_active = models.BooleanField(default=True)
    switched_off_by_staff = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1, help_text="Counts what was changed; runs name theirs.")
    draft = models.JSONField(null=True, blank=True, help_text="What the owner has changed and not published.")
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = AgentQuerySet.as_manager()

    class Meta:
        db_table = "agents"
        constraints = [
            models.CheckConstraint(condition=within(limits.STEPS, "max_steps"), name="agent_max_steps"),
            models.CheckConstraint(condition=within(limits.CALLS, "max_calls"), name="agent_max_calls"),
            models.CheckConstraint(condition=within(limits.SECONDS, "max_seconds"), name="agent_max_seconds"),
            models.CheckConstraint(condition=within(limits.RUN_TOKENS, "run_tokens"), name="agent_run_tokens"),
            models.CheckConstraint(condition=within(limits.HISTORY_TOKENS, "history_tokens"), name="agent_history"),
            models.CheckConstraint(condition=within(limits.ANSWER_TOKENS, "max_tokens"), name="agent_max_tokens"),
            models.CheckConstraint(
                condition=Q(temperature=None) | Q(temperature__gte=0, temperature__lte=2), name="agent_temperature"
            ),
            models.CheckConstraint(condition=Q(audience__in=["owner", "members", "site"]), name="agent_audience"),
            models.CheckConstraint(condition=Q(payer__in=["asker", "owner"]), name="agent_payer"),
        ]
        indexes = [models.Index(fields=["owner", "-id"], name="agent_newest")]

    def __str__(self) -> str:
        return self.name
