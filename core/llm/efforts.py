"""How hard a model thinks, and what room that needs: the one place where efforts become tokens.

All numbers are tokens. They are guesses until an app knows its own (:mod:`aichat.habits` does).
"""

from __future__ import annotations

from django.conf import settings

from core.llm import abilities
from core.llm.base import Adjustments
from core.llm.base import Model
from core.llm.errors import UnknownEffort

LEAST_TEXT = 256
"""What an answer must be able to write after its thinking."""
USUAL_TEXT = 400
"""What an answer mostly writes."""

_CEILINGS: dict[str, int] = {
    "none": 8_000,
    "minimal": 8_000,
    "low": 16_000,
    "medium": 32_000,
    "high": 64_000,
    "xhigh": 128_000,
    "max": 128_000,
}
_THOUGHT = {"none": 0, "minimal": 500, "low": 1_000, "medium": 4_000, "high": 12_000, "xhigh": 24_000, "max": 48_000}


def checked(model: Model, effort: str | None) -> str | None:
    """The effort, when the model lists it; None stays None. Raises UnknownEffort, which names those it has."""
    if effort is not None and effort not in model.efforts:
        raise UnknownEffort(model.name, effort=effort, efforts=model.efforts)
    return effort


def asked(model: Model, *wanted: str | None) -> str:
    """The effort that a request is sent with: the first that is wanted, or the next lower one, else the model's own.

    Empty when the model cannot be told.
    """
    first = next((effort for effort in wanted if effort), None)
    return abilities.effort(model, first, Adjustments()) or ""


def least(model: Model) -> str | None:
    """The lowest effort of a model, None when it cannot be told."""
    return model.efforts[0] if model.efforts else None


def ceiling(model: Model, effort: str, *, times: int = 1) -> int:
    """The longest answer that is paid for in advance, thinking included."""
    usual = (_CEILINGS | settings.LLM_CEILINGS).get(effort)
    return model.max_output_tokens if usual is None else min(model.max_output_tokens, usual * times)


def thought(effort: str) -> int:
    """What thinking takes that is not to fail for want of room."""
    return _THOUGHT.get(effort, 0)


def floor(model: Model, effort: str, thinking: int) -> int:
    """The shortest answer that is worth asking for; 0 where nothing is thought: then the caller's own rule holds."""
    return min(thinking + LEAST_TEXT, ceiling(model, effort)) if thinking else 0


def below(model: Model, effort: str) -> list[str]:
    """The efforts of a model that are lower than this one, highest first."""
    names = abilities.EFFORTS
    lower = [name for name in model.efforts if names.index(name) < names.index(effort)] if effort in names else []
    return sorted(lower, key=names.index, reverse=True)
