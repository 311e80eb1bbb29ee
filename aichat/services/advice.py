"""The error of an answer, with the step that leads on from it."""

from __future__ import annotations

from typing import Any

from aichat.attempts import AnswerAttempt
from aichat.services import affording
from billing import metering
from core import llm
from core.errors import DomainError
from core.llm.generation import Ending

_MOST_OTHERS = 2


def error_body(attempt: AnswerAttempt, ending: Ending, used: llm.Usage) -> dict[str, Any] | None:
    """The house error body with the id under which the request that asked stands in the logs; None without an error."""
    if ending.error is None:
        return None
    return ending.error.body() | {"request_id": attempt.request_id} | _step(attempt, ending.error, used)


def _step(attempt: AnswerAttempt, error: DomainError, used: llm.Usage) -> dict[str, Any]:
    match error:
        case llm.errors.ThoughtTooLong():
            return _less_thinking(attempt, used)
        case llm.errors.ProviderOverloaded():
            return {"others": _others(attempt)}
        case llm.errors.ModelGone():
            heir = llm.catalogue.successor(attempt.model)
            return {"successor": heir.id, "successor_name": heir.name} if heir else {}
    return {}


def _less_thinking(attempt: AnswerAttempt, used: llm.Usage) -> dict[str, Any]:
    return {
        "effort": attempt.effort,
        "reasoning_tokens": used.reasoning_tokens or used.completion_tokens,
        "fits": affording.cheaper(
            attempt.owner_id,
            attempt.model,
            attempt.effort or "",
            prompt_tokens=attempt.prompt_tokens,
            max_tokens=attempt.model.max_output_tokens,
        ),
    }


def _others(attempt: AnswerAttempt) -> list[dict[str, str]]:
    """Models of other providers that the person's plan has."""
    tier = metering.tier_of(attempt.owner_id)
    fitting = [
        model
        for model in llm.catalogue.visible()
        if model.provider != attempt.model.provider
        and not model.is_demo
        and metering.tier_allows(tier, model.min_tier)
        and attempt.prompt_tokens < model.context_window
    ]
    return [{"id": model.id, "name": model.name} for model in fitting[:_MOST_OTHERS]]
