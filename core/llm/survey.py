"""Do the configured providers work? Asked by the operator, answered by asking them."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import DomainError
from core.llm import catalogue
from core.llm import registry
from core.llm.base import Message
from core.llm.base import Model
from core.llm.base import Provider
from core.llm.base import Request


@dataclass(frozen=True, slots=True)
class Finding:
    """``works`` is None for a provider that is off; ``called`` None when no call was made."""

    name: str
    label: str
    state: str
    reason: str
    works: bool | None
    problem: str
    models: list[str]
    called: str | None


async def examine(*, call: bool) -> list[Finding]:
    """Every provider in turn: lists its models and, with ``call``, asks one of them for one token."""
    return [await _examine(slot, call=call) for slot in registry.survey()]


async def _examine(slot: registry.Slot, *, call: bool) -> Finding:
    if slot.config is None:
        return Finding(slot.name, slot.label, slot.state, slot.reason, None, "", [], None)
    provider = registry.adapter(slot.config)
    models, problem = await _models(provider)
    called = None
    if call and (model := _callable(slot.name)):
        # The call decides: there are servers that answer, but do not list what they have.
        called, problem = model.id, await _call(provider, model)
    return Finding(slot.name, slot.label, slot.state, slot.reason, not problem, problem, models, called)


def _callable(provider: str) -> Model | None:
    return next((model for model in catalogue.visible() if model.provider == provider), None)


async def _models(provider: Provider) -> tuple[list[str], str]:
    try:
        return await provider.list_models(), ""
    except DomainError as error:
        return [], f"{error.code}: {error.sentence}"


async def _call(provider: Provider, model: Model) -> str:
    # A reasoning model spends its first tokens unseen and is refused a budget of one.
    budget = 16 if "max_completion_tokens" in model.parameters else 1
    request = Request([Message("user", "Hi")], model, max_tokens=budget, temperature=None, tools=())
    try:
        async for _delta in provider.stream(request):
            pass
    except DomainError as error:
        return f"{error.code}: {error.sentence}"
    return ""
