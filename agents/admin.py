"""Agents for staff: whose they are, what they call, what they cost. Prompts, texts, arguments and secrets are not."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin.staff_actions import ReadOnlyStaffAdmin
from accounts.admin.staff_actions import StaffAction
from accounts.admin.staff_actions import by
from agents.models import Agent
from agents.models import AgentApproval
from agents.models import AgentConversation
from agents.models import AgentFunction
from agents.models import AgentFunctionDay
from agents.models import AgentGrant
from agents.models import AgentMemory
from agents.models import AgentRun
from agents.models import AgentSource
from agents.models import AgentStep
from agents.models import AgentSubscription
from agents.services import staff
from core.admin_base import ReadOnlyAdmin

SWITCH_OFF = StaffAction(
    name="switch_off_agent",
    label="Switch off agent",
    consequence="These agents answer nobody, and what they do stops. Their owners cannot switch them on again.",
    permission="agents.change_agent",
    act=by(staff.switch_off_agent, "agent_id"),
    dangerous=True,
)
LET_ON = StaffAction(
    name="let_agent_on",
    label="Let agent be switched on",
    consequence="The owners of these agents may switch them on again.",
    permission="agents.change_agent",
    act=by(staff.let_agent_on, "agent_id"),
)
SWITCH_OFF_FUNCTION = StaffAction(
    name="switch_off_function",
    label="Switch off function",
    consequence="No agent calls these functions until their owners switch them on again.",
    permission="agents.change_agentfunction",
    act=by(staff.switch_off_function, "function_id"),
    dangerous=True,
)
STOP = StaffAction(
    name="stop_run",
    label="Stop run",
    consequence="These runs stop within a second. What they have used is paid for.",
    permission="agents.change_agentrun",
    act=by(staff.stop_run, "run_id"),
    dangerous=True,
)


@admin.register(Agent)
class AgentAdmin(ReadOnlyStaffAdmin):
    list_display = ("id", "name", "owner", "model", "audience", "payer", "is_active", "version", "created_at")
    list_filter = ("is_active", "switched_off_by_staff", "audience", "payer")
    list_select_related = ("owner",)
    search_exact = ("pk", "user__pk")
    search_people = ("owner", "user")
    search_help_text = "Whole id of an agent or its user, or the beginning of a user name or address"
    hidden = ("system_prompt", "draft")
    staff_actions = (SWITCH_OFF, LET_ON)


@admin.register(AgentSource)
class AgentSourceAdmin(ReadOnlyAdmin):
    list_display = ("id", "agent_id", "kind", "name", "url", "state", "problem", "checked_at")
    list_filter = ("kind", "state")
    search_exact = ("pk", "agent__pk")
    search_help_text = "Whole id of a source or an agent"
    hidden = ("secret",)


@admin.register(AgentFunction)
class AgentFunctionAdmin(ReadOnlyStaffAdmin):
    list_display = (
        "id", "agent_id", "name", "function_type", "endpoint_url", "effect", "is_enabled", "called_at", "problem",
    )  # fmt: skip
    list_filter = ("function_type", "effect", "is_enabled")
    search_exact = ("pk", "agent__pk")
    search_help_text = "Whole id of a function or an agent"
    hidden = ("secret", "secret_before", "headers", "offered")
    staff_actions = (SWITCH_OFF_FUNCTION,)


@admin.register(AgentRun)
class AgentRunAdmin(ReadOnlyStaffAdmin):
    list_display = (
        "id", "agent_id", "payer_id", "trigger", "state", "reason", "steps", "calls", "prompt_tokens",
        "completion_tokens", "created_at", "finished_at",
    )  # fmt: skip
    list_filter = ("state", "trigger", "is_dry")
    search_exact = ("pk", "agent__pk", "conversation__pk")
    search_help_text = "Whole id of a run, an agent or a conversation"
    hidden = ("prompt", "history", "snapshot", "client_id", "fingerprint", "error")
    staff_actions = (STOP,)


@admin.register(AgentStep)
class AgentStepAdmin(ReadOnlyAdmin):
    list_display = ("id", "run_id", "n", "kind", "state", "name", "status_code", "prompt_tokens", "completion_tokens")
    list_filter = ("kind", "state")
    search_exact = ("pk", "run__pk")
    search_help_text = "Whole id of a step or a run"
    hidden = ("text", "calls", "state_for_model", "arguments", "request", "response", "result", "error")


@admin.register(AgentApproval)
class AgentApprovalAdmin(ReadOnlyAdmin):
    list_display = ("id", "step_id", "asked_of", "why", "state", "created_at", "decided_at")
    list_filter = ("state", "why")
    list_select_related = ("asked_of",)
    search_exact = ("pk", "step__pk")
    search_people = ("asked_of",)
    search_help_text = "Whole id of an approval or a step, or the beginning of a user name or address"


@admin.register(AgentGrant)
class AgentGrantAdmin(ReadOnlyAdmin):
    list_display = ("user", "function_id", "until", "created_at")
    list_filter = ("until",)
    list_select_related = ("user",)
    search_exact = ("pk", "function__pk")
    search_people = ("user",)
    search_help_text = "Whole id of a function, or the beginning of a user name or address"


@admin.register(AgentMemory)
class AgentMemoryAdmin(ReadOnlyAdmin):
    """That something is remembered, not what."""

    plural = "agent memories"
    list_display = ("id", "agent_id", "user_id", "conversation_id", "created_at")
    list_filter = ("created_at",)
    search_exact = ("pk", "agent__pk")
    search_people = ("user",)
    search_help_text = "Whole id of an agent, or the beginning of a user name or address"
    hidden = ("text", "text_hash")


@admin.register(AgentSubscription)
class AgentSubscriptionAdmin(ReadOnlyAdmin):
    list_display = ("agent_id", "conversation_id", "heard_seq", "speaks_up", "created_at")
    list_filter = ("speaks_up",)
    search_exact = ("pk", "agent__pk", "conversation__pk")
    search_help_text = "Whole id of an agent or a conversation"


@admin.register(AgentConversation)
class AgentConversationAdmin(ReadOnlyAdmin):
    list_display = ("conversation_id", "paused_by", "paused_at", "epoch")
    list_filter = ("paused_at",)
    list_select_related = ("paused_by",)
    search_exact = ("conversation__pk",)
    search_people = ("paused_by",)
    search_help_text = "Whole id of a conversation, or the beginning of a user name or address"


@admin.register(AgentFunctionDay)
class AgentFunctionDayAdmin(ReadOnlyAdmin):
    list_display = ("function_id", "day", "calls")
    list_filter = ("day",)
    search_exact = ("function__pk",)
    search_help_text = "Whole id of a function"
