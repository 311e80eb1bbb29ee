"""Why a run has not come to its own end, in a sentence."""

from __future__ import annotations

from typing import Any

from agents.models import AgentRun

_SENTENCES = {
    "steps": "This run has taken all the steps it may take.",
    "calls": "This run has made all the calls it may make.",
    "seconds": "This run has taken all the time it may take.",
    "tokens": "This run has used all the tokens it may use.",
    "repeats": "This run went in a circle.",
    "arguments": "The model could not fill in what a function takes.",
    "payer_tokens": "Your tokens are used up.",
    "owner_budget": "What the agent's owner gives for a day is used up.",
    "lost": "The process that answered was lost too often.",
}


def error_of(run: AgentRun) -> dict[str, Any]:
    """As an error body: what went wrong, or which bound was met."""
    bound = {"error": _SENTENCES.get(run.reason, "The run has failed."), "code": run.reason or "failed"}
    return bound | (run.error or {})
