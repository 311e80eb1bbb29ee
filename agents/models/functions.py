"""What an agent may call: functions, the sources they came from, and how often they were."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from agents import limits
from agents.models.agents import Agent
from agents.models.agents import within
from core.crypto.fields import EncryptedTextField
from core.models import TimestampedModel
from core.models import UUIDModel


class AuthKind(models.TextChoices):
    """How a call says who it is from."""

    NONE = "none"
    BEARER = "bearer"
    BASIC = "basic"
    HEADER = "header"
    HMAC = "hmac"


class AgentSource(TimestampedModel):
    """Where functions were imported from: an OpenAPI document, or an MCP server."""

    class Kind(models.TextChoices):
        OPENAPI = "openapi"
        MCP = "mcp"

    class State(models.TextChoices):
        OK = "ok"
        FAILING = "failing"
        CHANGED = "changed"
        OFF = "off"

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="sources")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    name = models.CharField(max_length=limits.NAME_LENGTH)
    url = models.CharField(max_length=limits.URL_LENGTH, blank=True, help_text="Empty for a document that was given.")
    server_url = models.CharField(max_length=limits.URL_LENGTH, blank=True, help_text="The one that is called.")
    auth_kind = models.CharField(max_length=6, choices=AuthKind.choices, default=AuthKind.NONE)
    auth_name = models.CharField(max_length=100, blank=True)
    secret = EncryptedTextField(null=True, blank=True)
    document_hash = models.CharField(max_length=64, blank=True)
    protocol = models.CharField(max_length=20, blank=True, help_text="The revision of MCP that the server speaks.")
    server_label = models.CharField(max_length=200, blank=True, help_text="What the server calls itself.")
    state = models.CharField(max_length=7, choices=State.choices, default=State.OK)
    problem = models.CharField(max_length=300, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "agent_sources"
        constraints = [
            models.UniqueConstraint("agent", Lower("name"), name="agent_source_name"),
            models.CheckConstraint(condition=Q(kind__in=["openapi", "mcp"]), name="agent_source_kind"),
        ]

    def __str__(self) -> str:
        return self.name


class AgentFunction(TimestampedModel):
    """One function. The model names it and gives arguments; where the call goes is the row's alone."""

    class Type(models.TextChoices):
        WEBHOOK = "webhook"
        API = "api"
        INTERNAL = "internal"
        MCP = "mcp"

    class Effect(models.TextChoices):
        READ = "read"
        WRITE = "write"

    class Repeat(models.TextChoices):
        NEVER = "never"
        KEYED = "keyed"
        ALWAYS = "always"

    class Confirm(models.TextChoices):
        NEVER = "never"
        ASKER = "asker"
        OWNER = "owner"

    class CallableBy(models.TextChoices):
        OWNER = "owner"
        MEMBERS = "members"

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="functions")
    source = models.ForeignKey(AgentSource, on_delete=models.CASCADE, null=True, blank=True, related_name="functions")
    name = models.CharField(max_length=limits.FUNCTION_NAME_LENGTH)
    description = models.CharField(max_length=limits.DESCRIPTION_LENGTH, blank=True)
    parameters = models.JSONField(default=dict, help_text="A JSON schema of an object.")
    function_type = models.CharField(max_length=8, choices=Type.choices)
    endpoint_url = models.CharField(max_length=limits.URL_LENGTH, blank=True)
    http_method = models.CharField(max_length=7, default="POST")
    headers = models.JSONField(default=dict, blank=True, help_text="Never a secret.")
    places = models.JSONField(default=dict, blank=True, help_text="Which argument goes where in the request.")
    auth_kind = models.CharField(max_length=6, choices=AuthKind.choices, default=AuthKind.NONE)
    auth_name = models.CharField(max_length=100, blank=True, help_text="A header's name, or a user's.")
    secret = EncryptedTextField(null=True, blank=True)
    secret_before = EncryptedTextField(null=True, blank=True)
    secret_before_until = models.DateTimeField(null=True, blank=True)
    effect = models.CharField(max_length=5, choices=Effect.choices, default=Effect.WRITE)
    repeat = models.CharField(max_length=6, choices=Repeat.choices, default=Repeat.NEVER)
    confirm = models.CharField(max_length=5, choices=Confirm.choices, default=Confirm.ASKER)
    callable_by = models.CharField(max_length=7, choices=CallableBy.choices, default=CallableBy.OWNER)
    timeout = models.PositiveSmallIntegerField(default=limits.TIMEOUT.default)
    per_run = models.PositiveSmallIntegerField(default=limits.PER_RUN.default)
    per_day = models.PositiveIntegerField(null=True, blank=True)
    remote_name = models.CharField(max_length=200, blank=True, help_text="What its source calls it.")
    definition_hash = models.CharField(max_length=64, blank=True, help_text="Of what its source says of it now.")
    pinned_hash = models.CharField(max_length=64, blank=True, help_text="Of what the owner has approved.")
    offered = models.JSONField(
        null=True, blank=True, help_text="What its source says of it now, where that is not what was approved."
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    is_enabled = models.BooleanField(default=False)
    problem = models.CharField(max_length=300, blank=True, help_text="Why the house has switched it off.")
    called_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "agent_functions"
        constraints = [
            models.UniqueConstraint("agent", Lower("name"), name="agent_function_name"),
            models.CheckConstraint(
                condition=Q(is_enabled=False) | Q(approved_at__isnull=False), name="agent_function_approved"
            ),
            models.CheckConstraint(
                condition=Q(function_type__in=["webhook", "api", "internal", "mcp"]), name="agent_function_type"
            ),
            models.CheckConstraint(condition=Q(effect__in=["read", "write"]), name="agent_function_effect"),
            models.CheckConstraint(condition=Q(repeat__in=["never", "keyed", "always"]), name="agent_function_repeat"),
            models.CheckConstraint(condition=within(limits.TIMEOUT, "timeout"), name="agent_function_timeout"),
            models.CheckConstraint(condition=within(limits.PER_RUN, "per_run"), name="agent_function_per_run"),
        ]

    def __str__(self) -> str:
        return self.name


class AgentFunctionDay(models.Model):
    """How often a function was called on one day."""

    function = models.ForeignKey(AgentFunction, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    calls = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "agent_function_days"
        constraints = [models.UniqueConstraint(fields=["function", "day"], name="agent_function_day")]

    def __str__(self) -> str:
        return f"{self.function_id} {self.day}"


class AgentGrant(UUIDModel):
    """ "Do not ask me again" for this very definition of a function."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    function = models.ForeignKey(AgentFunction, on_delete=models.CASCADE, related_name="grants")
    pinned_hash = models.CharField(max_length=64)
    until = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "agent_grants"
        constraints = [models.UniqueConstraint(fields=["user", "function"], name="agent_grant")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.function_id}"
