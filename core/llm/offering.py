"""Whether a model can be had, and by which way: its routes, the providers that are on, and what those say they have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from datetime import date
from datetime import timedelta
from typing import Literal

from django.conf import settings

from core.llm import listings
from core.llm import prices
from core.llm import rows
from core.llm.base import Model
from core.llm.base import Price
from core.llm.base import Rates
from core.llm.base import Route
from core.llm.lists import Listed
from core.llm.registry import Slot

NOTICE = timedelta(days=60)
"""So long before its end a model is marked."""
NOT_FOR_NEW = timedelta(days=14)
"""So long before its end it is not the model of new chats."""
USUAL_CONTEXT_TOKENS = 8192
"""Of a model whose server does not tell: a guess of ours that today's small models all reach."""
_ALWAYS = date(2020, 1, 1)

State = Literal["offered", "ended", "missing", "off"]


@dataclass(frozen=True, slots=True)
class Offer:
    """A model as it can be had today. ``missing``: its provider is on and says that it does not have it.

    ``own`` is a row of the operator's file, whose word goes over that of a list.
    """

    model: Model
    state: State
    own: bool = False


def offer(model: Model, running: Mapping[str, Slot], today: date, *, own: bool) -> Offer:
    """By the first route that works, else by the first one there is."""
    found = [_by(model, route, running.get(route.provider), today, own=own) for route in model.routes]
    for state in ("offered", "ended", "missing", "off"):
        for candidate in found:
            if candidate.state == state:
                return candidate
    return Offer(model, "off", own)


def _by(model: Model, route: Route, slot: Slot | None, today: date, *, own: bool) -> Offer:
    upstream = route.upstream if route.upstream != model.id else ""
    taken = replace(_priced(model, today), provider=route.provider, upstream=upstream)
    if slot is None or slot.config is None:
        return Offer(taken, "ended" if model.until and model.until <= today else "off", own)
    listing = slot.listing
    told = listing.by_id.get(route.upstream) if listing else None
    until = _until(model, slot, told)
    taken = replace(taken, until=until)
    if until and until <= today:
        return Offer(taken, "ended", own)
    if listings.is_gone(route.provider, route.upstream):
        return Offer(taken, "missing", own)
    if own or route.provider == "demo":
        return Offer(taken, "offered", own)
    if listing and listing.reading is not None:
        return Offer(taken, "offered" if told else "missing", own)
    # Nobody has said. A maker's own host has what its maker sells; another address has what it says it has.
    nothing_said = bool(listing) and slot.config.foreign
    return Offer(taken, "missing" if nothing_said else "offered", own)


def _until(model: Model, slot: Slot, told: Listed | None) -> date | None:
    """The day that the provider itself names goes first. A maker's end says nothing of other people's servers."""
    if told and told.ends:
        return told.ends
    if slot.config and (slot.config.foreign or (told and slot.name == "openrouter")):
        return None
    return model.until


def _priced(model: Model, today: date) -> Model:
    price = prices.price_on(model, today)
    return replace(model, input_price=price.rates.input, output_price=price.rates.output) if price else model


def unlisted(slot: Slot, known: Mapping[str, set[str]]) -> list[Model]:
    """The models that a provider has and our list does not: by the facts, by what the list itself tells.

    ``known`` has the ids of the provider's that our list already names.
    """
    config, listing = slot.config, slot.listing
    if config is None or listing is None or listing.reading is None:
        return []
    if not config.foreign and settings.LLM_OFFER == "curated":
        return []
    found = []
    for row in listing.reading.rows:
        if row.id not in known.get(config.name, ()) and not listings.is_gone(config.name, row.id):
            model = _from_facts(row, slot) or _from_list(row, slot)
            if model is not None:
                found.append(model)
    return found


def _from_facts(row: Listed, slot: Slot) -> Model | None:
    """By what others know of this provider's model; a server of the operator's own is nobody's."""
    if slot.config is None or slot.config.foreign:
        return None
    upstream = row.id.removeprefix("accounts/fireworks/models/")
    fact = rows.fact(slot.name, upstream)
    if fact is None:
        return None
    model = rows.of_entry({"id": _own_id(row, slot), "provider": slot.name, **rows.entry_of_fact(fact)})
    return model and replace(
        model, group="more", upstream=row.id if row.id != model.id else "", routes=(Route(slot.name, row.id),)
    )


def _from_list(row: Listed, slot: Slot) -> Model | None:
    """By what the list tells of it: enough for Anthropic's and OpenRouter's, and for servers of the operator's own."""
    assert slot.config  # noqa: S101 - asked for by the caller
    enough = row.window > 0 and (slot.name == "anthropic" or row.input_price is not None)
    if not (slot.config.foreign or enough or settings.LLM_OFFER == "all"):
        return None
    price = _listed_price(row)
    window = row.window or USUAL_CONTEXT_TOKENS
    inputs = row.inputs or frozenset()
    name = row.name or row.id.rsplit("/", 1)[-1].removesuffix(".gguf") or row.id
    model_id = _own_id(row, slot)
    return Model(
        id=model_id,
        # llama.cpp names a model by the path of its file.
        name=name,
        provider=slot.name,
        context_window=window,
        max_output_tokens=min(row.max_output, window) or max(64, min(4096, window // 2)),
        min_tier="basic" if slot.config.foreign else _tier(price),
        parameters=frozenset({"max_tokens"} if slot.name == "anthropic" else {"max_tokens", "temperature"}),
        vision="image" in inputs,
        tools=bool(row.tools),
        is_demo=False,
        input_price=price.rates.input if price else None,
        output_price=price.rates.output if price else None,
        encoding="o200k_base",
        upstream=row.id if row.id != model_id else "",
        maker=slot.label,
        until=row.ends,
        routes=(Route(slot.name, row.id),),
        inputs=inputs,
        schema=bool(row.schema),
        sampling="no" if slot.name == "anthropic" else "yes",
        efforts=row.efforts,
        effort="medium" if "medium" in row.efforts else next(iter(row.efforts), ""),
        ratio=1.0 if slot.config.foreign else rows.USUAL_RATIO,
        prices=(price,) if price else (),
        group="main" if slot.config.foreign else "more",
    )


def _listed_price(row: Listed) -> Price | None:
    if row.input_price is None or row.output_price is None:
        return None
    rates = Rates(row.input_price, row.input_price, row.input_price, row.output_price)
    return Price(_ALWAYS, rates, source="the provider's list")


def _tier(price: Price | None) -> str:
    told = [{"input": price.rates.input, "output": price.rates.output}] if price else []
    return rows.tier_of_prices(told)


def _own_id(row: Listed, slot: Slot) -> str:
    """The provider's id; with the provider's name before it where others have models of that name as well."""
    plain = slot.name in {"openai", "anthropic", "gemini"} or (slot.config is not None and slot.config.foreign)
    name = row.id if plain else f"{slot.name}/{row.id}"
    return name if len(name) <= rows.LONGEST_ID else row.id
