"""Refusals of agents. What leaves the house and fails is a ``Problem`` of a call; these end a request."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import Conflict
from core.errors import DomainError
from core.errors import Forbidden


class AgentLimit(Conflict):
    """The plan has no room for one more."""

    code = "agent_limit"
    message = "Your plan has no room for another agent. Delete one, or choose a larger plan."

    def __init__(self, *, limit: int) -> None:
        super().__init__(limit=limit)


class ModelWithoutTools(DomainError):
    """The model cannot call functions."""

    code, status = "model_without_tools", 400
    message = "This model cannot call functions. Choose another one."

    def __init__(self, *, model: str, models: Sequence[str]) -> None:
        names = ", ".join(models)
        super().__init__(
            f"{model} cannot call functions. Choose {names}." if names else None, model=model, models=list(models)
        )


class AgentNameTaken(Conflict):
    """Somebody, a person or an agent, has the user name."""

    code, message = "name_taken", "This user name is taken. Choose another one."


class FunctionNameTaken(Conflict):
    """Two functions of one agent would have the same name."""

    code, message = "function_name_taken", "This agent has a function with this name already."


class SourceNameTaken(Conflict):
    """Two sources of one agent would have the same name."""

    code, message = "source_name_taken", "This agent has a source with this name already."


class AddressRefused(DomainError):
    """The address breaks a rule; the sentence says which one, never what it resolves to."""

    code, status, message = "address_refused", 400, "This address may not be called."


class FunctionRefused(DomainError):
    """No request can be made of the function as it is."""

    code, status, message = "function_refused", 400, "No request can be made of this function."


class FunctionOff(Conflict):
    """The function is not approved, so it cannot be called or switched on."""

    code, message = "function_not_approved", "Look at what this function does and approve it first."


class DocumentRefused(DomainError):
    """The document is none we can read; ``pointer`` says where in it."""

    code, status, message = "document_refused", 422, "This document cannot be read."

    def __init__(self, message: str | None = None, *, pointer: str = "") -> None:
        super().__init__(message, pointer=pointer)


class SourceUnreachable(DomainError):
    """Nobody answers there, or not in time."""

    code, status, message = "source_unreachable", 502, "This server does not answer."


class SourceNeedsSignIn(DomainError):
    """The server wants to know who asks."""

    code, status, message = "source_needs_sign_in", 422, "This server wants a token. Paste one under Authentication."


class ProtocolRefused(DomainError):
    """The server speaks something else."""

    code, status, message = "protocol_refused", 502, "This server does not speak Streamable HTTP."


class SourceBusy(Conflict):
    """The source is being read already."""

    code, message = "source_busy", "This source is being read already. Look again in a moment."


class DefinitionChanged(Conflict):
    """What was shown is not what would be approved."""

    code, message = "definition_changed", "This function has changed since you looked. Look at the difference."


class ApprovalOver(Conflict):
    """It was decided already, or nobody did in time."""

    code, message = "approval_over", "This was decided already, or nobody answered in time."


class RunOver(Conflict):
    """The run has ended."""

    code, message = "run_over", "This run is over."


class AgentInactive(Conflict):
    """The agent is switched off."""

    code, message = "agent_inactive", "This agent is switched off."


class AgentNotOpen(Forbidden):
    """Its owner lets them talk to it in a conversation, and nowhere else."""

    code, message = "agent_not_open", "This agent answers you in your conversations with it only."


class AgentsPaused(Conflict):
    """Somebody has stopped all agents of the conversation."""

    code, message = "agents_paused", "All agents in this conversation were stopped."
