"""What REST, the stream of a run and the socket show of agents; events are made of the same shapes."""

from __future__ import annotations

from agents.shapes.agents import AgentBrief
from agents.shapes.agents import AgentPage
from agents.shapes.agents import AgentShape
from agents.shapes.agents import AuthShape
from agents.shapes.agents import FunctionShape
from agents.shapes.agents import LimitsShape
from agents.shapes.agents import PlaceShape
from agents.shapes.agents import SourceShape
from agents.shapes.making import ApprovedShape
from agents.shapes.making import ChangedShape
from agents.shapes.making import ExportedAgent
from agents.shapes.making import ExportedFunction
from agents.shapes.making import ImportedShape
from agents.shapes.making import InternalToolShape
from agents.shapes.making import InternalToolsShape
from agents.shapes.making import RefreshedShape
from agents.shapes.making import RotatedShape
from agents.shapes.making import ServerShape
from agents.shapes.making import TemplateShape
from agents.shapes.making import TemplatesShape
from agents.shapes.making import TestedShape
from agents.shapes.runs import ApprovalShape
from agents.shapes.runs import EstimateShape
from agents.shapes.runs import RunDetail
from agents.shapes.runs import RunPage
from agents.shapes.runs import RunShape
from agents.shapes.runs import StepShape
from agents.shapes.runs import WantedCallShape
from agents.shapes.words import ApprovalState
from agents.shapes.words import Audience
from agents.shapes.words import AuthKind
from agents.shapes.words import CallableBy
from agents.shapes.words import Confirm
from agents.shapes.words import Effect
from agents.shapes.words import FunctionType
from agents.shapes.words import Method
from agents.shapes.words import Payer
from agents.shapes.words import PlaceKind
from agents.shapes.words import Reason
from agents.shapes.words import Repeat
from agents.shapes.words import RunState
from agents.shapes.words import SourceKind
from agents.shapes.words import SourceState
from agents.shapes.words import StepKind
from agents.shapes.words import StepState
from agents.shapes.words import Trigger
from agents.shapes.words import Why

__all__ = [
    "AgentBrief",
    "AgentPage",
    "AgentShape",
    "ApprovalShape",
    "ApprovalState",
    "ApprovedShape",
    "Audience",
    "AuthKind",
    "AuthShape",
    "CallableBy",
    "ChangedShape",
    "Confirm",
    "Effect",
    "EstimateShape",
    "ExportedAgent",
    "ExportedFunction",
    "FunctionShape",
    "FunctionType",
    "ImportedShape",
    "InternalToolShape",
    "InternalToolsShape",
    "LimitsShape",
    "Method",
    "Payer",
    "PlaceKind",
    "PlaceShape",
    "Reason",
    "RefreshedShape",
    "Repeat",
    "RotatedShape",
    "RunDetail",
    "RunPage",
    "RunShape",
    "RunState",
    "ServerShape",
    "SourceKind",
    "SourceShape",
    "SourceState",
    "StepKind",
    "StepShape",
    "StepState",
    "TemplateShape",
    "TemplatesShape",
    "TestedShape",
    "Trigger",
    "WantedCallShape",
    "Why",
]
