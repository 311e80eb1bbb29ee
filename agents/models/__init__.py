"""The tables of agents."""

from agents.models.agents import Agent
from agents.models.agents import AgentQuerySet
from agents.models.conversations import AgentConversation
from agents.models.conversations import AgentMemory
from agents.models.conversations import AgentSubscription
from agents.models.functions import AgentFunction
from agents.models.functions import AgentFunctionDay
from agents.models.functions import AgentGrant
from agents.models.functions import AgentSource
from agents.models.runs import AgentApproval
from agents.models.runs import AgentRun
from agents.models.runs import AgentRunQuerySet
from agents.models.runs import AgentStep

__all__ = [
    "Agent",
    "AgentApproval",
    "AgentConversation",
    "AgentFunction",
    "AgentFunctionDay",
    "AgentGrant",
    "AgentMemory",
    "AgentQuerySet",
    "AgentRun",
    "AgentRunQuerySet",
    "AgentSource",
    "AgentStep",
    "AgentSubscription",
]
