"""Do the configured providers work, and what do they have? Asked by the operator, answered by asking them.

What is looked at is what use goes by: the same configuration, the same list, the same way out of the house.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from urllib.parse import urlsplit

from core.errors import DomainError
from core.llm import calling
from core.llm import catalogue
from core.llm import heard
from core.llm import registry
from core.llm.base import Message
from core.llm.base import Model
from core.llm.base import ProviderConfig
from core.llm.base import Request
from core.llm.errors import ThoughtTooLong


@dataclass(frozen=True, slots=True)
class Ending:
    """A model whose maker has said when it goes."""

    id: str
    until: str
    successor: str | None


@dataclass(frozen=True, slots=True)
class ProviderFinding:
    """``works`` is None for a provider that is off; ``called`` None when no call was made.

    ``models`` is what the provider lists, ``offered`` what people can choose of it, by our ids; ``missing`` are models
    of our list that it does not have; ``notes`` what was odd, ``heard`` what it does not take, in sentences.
    """

    name: str
    label: str
    state: str
    reason: str
    works: bool | None
    problem: str
    models: list[str]
    called: str | None
    protocol: str = ""
    address: str = ""
    offered: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    ended: list[Ending] = field(default_factory=list)
    ending: list[Ending] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)


async def examine(*, call: bool) -> list[ProviderFinding]:
    """Every provider in turn, as it was last asked; with ``call``, a model of each is asked for one token."""
    return [await _examine(slot, call=call) for slot in registry.survey()]


async def _examine(slot: registry.Slot, *, call: bool) -> ProviderFinding:
    if slot.config is None:
        return ProviderFinding(slot.name, slot.label, slot.state, slot.reason, None, "", [], None)
    listing = slot.listing
    problem = listing.problem if listing else ""
    told = notes(slot)
    called = None
    if call and (model := _callable(slot.name)):
        # The call decides: there are servers that answer, but do not list what they have.
        if problem:
            told.append(problem)
        called, problem = model.id, await _call(slot.config, model)
    offered = [model for model in catalogue.visible() if model.provider == slot.name]
    return ProviderFinding(
        slot.name,
        slot.label,
        slot.state,
        slot.reason,
        not problem,
        problem,
        [row.id for row in listing.reading.rows] if listing and listing.reading else [],
        called,
        protocol=slot.config.protocol if slot.state == "real" else "",
        address=urlsplit(slot.config.base_url).netloc,
        offered=[model.id for model in offered],
        missing=_missing(slot.name),
        ended=[_ending(model) for model in catalogue.ended() if model.provider == slot.name],
        ending=[_ending(model) for model in offered if catalogue.ends_soon(model)],
        notes=told,
        heard=heard.at(slot.config),
    )


def notes(slot: registry.Slot) -> list[str]:
    """What was odd about a provider's list, in sentences."""
    listing = slot.listing
    if listing is None:
        return []
    told = []
    if listing.base_url:
        told.append(f"It answers at {listing.base_url}; set that address.")
    if listing.reading and listing.reading.odd:
        told.append(f"{_models(len(listing.reading.odd))} cannot be used: {'; '.join(listing.reading.odd[:5])}.")
    if listing.cut:
        told.append(f"More than LLM_MOST_MODELS: {_models(listing.cut)} at the end of its list not offered.")
    if listing.reading is None and slot.config and slot.config.foreign:
        told.append("It gave no list, so only what LLM_CATALOGUE names is offered from it.")
    return told


def _models(number: int) -> str:
    return f"{number} model{'' if number == 1 else 's'}"


def _missing(provider: str) -> list[str]:
    return [
        offer.model.id
        for offer in catalogue.offers().values()
        if offer.state == "missing" and offer.model.provider == provider
    ]


def _ending(model: Model) -> Ending:
    heir = catalogue.successor(model)
    return Ending(model.id, str(model.until), heir.id if heir else None)


def _callable(provider: str) -> Model | None:
    return next((model for model in catalogue.visible() if model.provider == provider), None)


async def _call(config: ProviderConfig, model: Model) -> str:
    # A reasoning model spends its first tokens unseen and is refused a budget of one.
    budget = 16 if model.efforts or "max_completion_tokens" in model.parameters else 1
    request = Request([Message("user", "Hi")], model, max_tokens=budget, temperature=None, tools=())
    try:
        async for _delta in calling.observed(config, request):
            pass
    except ThoughtTooLong:
        return ""  # a token or a few is less than some models think; it answers
    except DomainError as error:
        return f"{error.code}: {error.sentence}"
    return ""
