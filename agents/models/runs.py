"""Runs: rows that any serving process can go on with. A step is written before it acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from agents import limits
from agents.models.agents import Agent
from agents.models.conversations import AgentSubscription
from agents.models.functions import AgentFunction
from core.jobs.claims import Claimable
from core.models import UUIDModel
from messenger.models import Conversation

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

LIVE = ("queued", "running", "waiting")


class AgentRunQuerySet(models.QuerySet["AgentRun"]):
    """Who may see which runs."""

    def visible_to(self, user: AbstractBaseUser) -> AgentRunQuerySet:
        """What the user asked for or paid, and what their agents did; of others' runs an owner sees no texts."""
        mine = Q(asker_id=user.pk) | Q(payer_id=user.pk)
        return self.filter(mine | Q(agent__owner_id=user.pk, agent__deleted_at=None))

    def live(self) -> AgentRunQuerySet:
        """Those that have not ended."""
        return self.filter(state__in=LIVE)


class AgentRun(UUIDModel, Claimable):
    """What one question to one agent set going, until it ended or waits for a person.

    ``snapshot`` is what the agent was when it began: prompt, model, bounds and the public part of its functions, so
    that a change in the middle changes nothing here. Secrets and permissions are read anew before each call.
    """

    class Trigger(models.TextChoices):
        CONSOLE = "console"
        API = "api"
        MESSAGE = "message"

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        WAITING = "waiting"
        COMPLETE = "complete"
        STOPPED = "stopped"
        LIMITED = "limited"
        FAILED = "failed"

    class Reason(models.TextChoices):
        STEPS = "steps"
        CALLS = "calls"
        SECONDS = "seconds"
        TOKENS = "tokens"
        REPEATS = "repeats"
        ARGUMENTS = "arguments"
        PAYER_TOKENS = "payer_tokens"
        OWNER_BUDGET = "owner_budget"
        PLAN = "plan"
        PAUSED = "paused"
        REMOVED = "removed"
        DENIED = "denied"
        TAKEN_BACK = "taken_back"
        ASKED = "asked"
        MODEL_UNAVAILABLE = "model_unavailable"
        LOST = "lost"

    agent = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, blank=True, related_name="runs")
    template = models.CharField(max_length=20, blank=True, help_text="What was tried, where there is no agent.")
    version = models.PositiveIntegerField()
    snapshot = models.JSONField()
    trigger = models.CharField(max_length=7, choices=Trigger.choices)
    is_dry = models.BooleanField(default=False, help_text="Calls are built and shown, and not sent.")
    client_id = models.CharField(max_length=64, null=True, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True, help_text="What was asked for under the client id.")
    prompt = models.TextField(blank=True, help_text="What was asked.")
    history = models.JSONField(default=list, blank=True, help_text="What was said before, as the caller gave it.")
    conversation = models.ForeignKey(
        Conversation, on_delete=models.SET_NULL, null=True, blank=True, related_name="agent_runs"
    )
    subscription = models.ForeignKey(
        AgentSubscription, on_delete=models.SET_NULL, null=True, blank=True, related_name="runs"
    )
    trigger_message_id = models.UUIDField(null=True, blank=True)
    joined_message_ids = models.JSONField(
        default=list, blank=True, help_text="What its asker said before it began; its prompt holds that, too."
    )
    asker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Money outlives people.
    payer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
    )
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    hop = models.PositiveSmallIntegerField(default=0, help_text="0 for a person's message; counts agents in a chain.")
    epoch = models.PositiveIntegerField(default=0, help_text="Of its conversation, when it began.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    reason = models.CharField(max_length=17, choices=Reason.choices, blank=True)
    error = models.JSONField(null=True, blank=True, help_text="As an error's body, where it failed.")
    attempts = models.PositiveIntegerField(default=0, help_text="Times a process began or went on with it.")
    stop_requested = models.BooleanField(default=False)
    budgets = models.PositiveSmallIntegerField(default=1, help_text="One, and one more each time it was continued.")
    due_at = models.DateTimeField(null=True, blank=True, help_text="Not before; for what is tried again.")
    seconds_used = models.FloatField(default=0, help_text="Without the time it waited for people.")
    running_since = models.DateTimeField(null=True, blank=True)
    steps = models.PositiveIntegerField(default=0, help_text="Answers of the model that were begun.")
    calls = models.PositiveIntegerField(default=0, help_text="Calls that were begun.")
    prompt_tokens = models.PositiveBigIntegerField(default=0)
    completion_tokens = models.PositiveBigIntegerField(default=0)
    estimated = models.BooleanField(default=False)
    cost = models.DecimalField(max_digits=16, decimal_places=10, null=True, blank=True, help_text="Dollars.")
    touched_private = models.BooleanField(default=False, help_text="It read what is somebody's own.")
    touched_outside = models.JSONField(default=list, blank=True, help_text="Hosts whose answers it has read.")
    bytes_out = models.PositiveBigIntegerField(default=0)
    bytes_in = models.PositiveBigIntegerField(default=0)
    answer_message_ids = models.JSONField(default=list, blank=True)
    answered_messages = models.PositiveSmallIntegerField(default=0, help_text="Of these, how many are finished.")
    answered_chars = models.PositiveIntegerField(default=0, help_text="Of its text, what stands in those.")
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = AgentRunQuerySet.as_manager()

    class Meta:
        db_table = "agent_runs"
        constraints = [
            models.UniqueConstraint(
                fields=["asker", "client_id"], condition=Q(client_id__isnull=False), name="agent_run_client_id"
            ),
            models.UniqueConstraint(
                fields=["agent", "trigger_message_id"],
                condition=Q(trigger_message_id__isnull=False),
                name="agent_run_trigger",
            ),
            models.CheckConstraint(condition=Q(hop__lte=limits.MAX_HOP), name="agent_run_hop"),
            models.CheckConstraint(
                condition=(Q(state__in=LIVE) & Q(finished_at=None))
                | (~Q(state__in=LIVE) & Q(finished_at__isnull=False)),
                name="agent_run_finished",
            ),
            models.CheckConstraint(condition=Q(lease_until=None) | Q(state="running"), name="agent_run_claimed"),
        ]
        indexes = [
            models.Index(fields=["lease_until"], condition=Q(lease_until__isnull=False), name="agent_run_lease"),
            models.Index(fields=["id"], condition=Q(state="queued"), name="agent_run_queued"),
            models.Index(fields=["agent", "-id"], name="agent_run_of_agent"),
            models.Index(fields=["payer", "-id"], name="agent_run_of_payer"),
            models.Index(fields=["conversation"], condition=Q(state__in=LIVE), name="agent_run_live_in"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_live(self) -> bool:
        """It has not ended."""
        return self.state in LIVE


class AgentStep(UUIDModel):
    """One answer of the model, or one call. Its id is the key a function's server knows a repeat by."""

    class Kind(models.TextChoices):
        MODEL = "model"
        TOOL = "tool"

    class State(models.TextChoices):
        OPEN = "open"  # the model is writing
        BROKEN = "broken"  # this try of the model was lost; the next one begins
        PLANNED = "planned"  # the model wants this call
        ASKING = "asking"  # a person is asked first
        SENDING = "sending"  # it may have happened
        DONE = "done"
        FAILED = "failed"
        DENIED = "denied"
        UNKNOWN = "unknown"  # nobody knows whether it was done

    run = models.ForeignKey(AgentRun, on_delete=models.CASCADE, related_name="trace")
    n = models.PositiveIntegerField(help_text="From 1.")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    state = models.CharField(max_length=7, choices=State.choices)
    attempt = models.PositiveSmallIntegerField(default=1)
    hold_key = models.CharField(max_length=100, blank=True)
    is_closing = models.BooleanField(default=False, help_text="The model may only answer: a bound was met.")
    text = models.TextField(blank=True, help_text="What the model said.")
    calls = models.JSONField(default=list, blank=True, help_text="What the model wants to call, as it said it.")
    state_for_model = models.JSONField(
        null=True, blank=True, help_text="What the provider wants to be given back with this turn."
    )
    function = models.ForeignKey(AgentFunction, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=limits.FUNCTION_NAME_LENGTH, blank=True)
    call_id = models.CharField(max_length=200, blank=True)
    arguments = models.JSONField(null=True, blank=True)
    arguments_hash = models.CharField(max_length=64, blank=True)
    effect = models.CharField(max_length=5, blank=True)
    request = models.JSONField(null=True, blank=True, help_text="What was sent, secrets masked.")
    response = models.JSONField(null=True, blank=True, help_text="What came back, secrets taken out.")
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    result = models.TextField(blank=True, help_text="What the model was given.")
    error = models.CharField(max_length=500, blank=True)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "agent_steps"
        constraints = [models.UniqueConstraint(fields=["run", "n"], name="agent_step_n")]
        indexes = [models.Index(fields=["hold_key"], condition=~Q(hold_key=""), name="agent_step_hold")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.n}"


class AgentApproval(UUIDModel):
    """A person is asked whether this call, with these arguments, may be made."""

    class State(models.TextChoices):
        WAITING = "waiting"
        APPROVED = "approved"
        DENIED = "denied"
        EXPIRED = "expired"

    class Why(models.TextChoices):
        WRITES = "writes"
        OWNER_ASKS = "owner_asks"
        PRIVATE_TO_OUTSIDE = "private_to_outside"
        AGAIN_AFTER_UNKNOWN = "again_after_unknown"

    step = models.OneToOneField(AgentStep, on_delete=models.CASCADE, related_name="approval")
    asked_of = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    why = models.CharField(max_length=19, choices=Why.choices)
    arguments_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "agent_approvals"
        indexes = [models.Index(fields=["expires_at"], condition=Q(state="waiting"), name="agent_approval_waiting")]

    def __str__(self) -> str:
        return str(self.pk)
