"""Calls of functions that leave the house: :func:`build` a request, :func:`send` it, judge what came back.

No tables are known here: what a function is comes in as a frozen :class:`Function`.
"""

from __future__ import annotations

from agents.egress.building import build
from agents.egress.problems import CannotBuild
from agents.egress.problems import Problem
from agents.egress.repeats import Verdict
from agents.egress.repeats import verdict
from agents.egress.sending import Answer
from agents.egress.sending import send
from agents.egress.shapes import Auth
from agents.egress.shapes import CallContext
from agents.egress.shapes import Function
from agents.egress.shapes import Place
from agents.egress.shapes import Request

__all__ = [
    "Answer",
    "Auth",
    "CallContext",
    "CannotBuild",
    "Function",
    "Place",
    "Problem",
    "Request",
    "Verdict",
    "build",
    "send",
    "verdict",
]
