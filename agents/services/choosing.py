"""Which models an agent may have: those on offer that call functions."""

from __future__ import annotations

from agents.errors import ModelWithoutTools
from billing import metering
from core.llm import catalogue
from core.llm.base import Model
from core.llm.errors import NoProvider

_NAMED = 3


def require(model_id: str) -> Model:
    """Raises UnknownModel, ModelEnded, NoProvider, and ModelWithoutTools, which names some that have them."""
    model = catalogue.require(model_id)
    if not model.tools:
        raise ModelWithoutTools(model=model.name, models=[one.name for one in _with_tools()[:_NAMED]])
    return model


def default(tier: str) -> Model:
    """The site's default model, or the first one of the plan's that can call functions. Raises NoProvider."""
    chosen = catalogue.default(lambda needed: metering.tier_allows(tier, needed))
    if chosen.tools:
        return chosen
    fitting = [model for model in _with_tools() if metering.tier_allows(tier, model.min_tier)]
    if not fitting:
        raise NoProvider
    return fitting[0]


def _with_tools() -> list[Model]:
    return [model for model in catalogue.visible() if model.tools]
