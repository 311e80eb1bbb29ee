"""Entries of the catalogue's files as models: read, checked, and filled with the facts about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from decimal import InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from core.llm import presets
from core.llm.base import Model
from core.llm.base import Price
from core.llm.base import Rates
from core.llm.base import Route

LONGEST_ID = 100
"""Characters of a model's id: what chats and messages can store. A longer one is not offered."""
FACTS = Path(__file__).with_name("facts.json")
ENCODINGS = frozenset({"", "cl100k_base", "o200k_base"})
PARAMETERS = frozenset({"max_tokens", "max_completion_tokens", "temperature"})
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_INPUTS = frozenset({"image", "pdf"})
_CHOICES = frozenset({"auto", "none", "required", "named"})
_SAMPLING = frozenset({"yes", "no", "with_none"})
_ALWAYS = date(2020, 1, 1)
# Dollars per million tokens, input and three times the output: up to which tier such a model belongs.
_TIERS = (("basic", 8), ("premium_starter", 20), ("premium_pro", 50))
DEAREST_TIER = "premium_ultra"

# Where `Model.ratio` is from: public counts of one text by several tokenizers, of 2026-10-18, rounded up.
_RATIOS = {"openai": 1.0, "anthropic": 1.6, "gemini": 1.25}
USUAL_RATIO = 1.2


class _Rates(msgspec.Struct, kw_only=True):
    input: str | float
    output: str | float
    cached: str | float | None = None
    write: str | float | None = None


class _Above(_Rates, kw_only=True):
    tokens: int


class _Price(_Rates, kw_only=True):
    since: date = msgspec.field(name="from", default=_ALWAYS)
    above: _Above | None = None
    source: str = ""


class _Route(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    provider: str
    upstream: str = ""


class Row(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A model of a file; the defaults are what an operator may leave out for a new one."""

    id: str
    provider: str = ""
    upstream: str = ""
    routes: tuple[_Route, ...] = ()
    context_window: int
    name: str = ""
    maker: str = ""
    since: date | None = msgspec.field(name="from", default=None)
    until: date | None = None
    successor: str | None = None
    note: str = ""
    max_input: int = 0
    max_output_tokens: int = 4096
    prompt_tokens: int = 0
    min_tier: str = "basic"
    parameters: tuple[str, ...] = ("max_tokens", "temperature")
    vision: bool = False
    tools: bool = False
    inputs: tuple[str, ...] = ()
    choices: tuple[str, ...] = ("auto", "none", "required", "named")
    schema: bool = False
    sampling: str = ""
    efforts: tuple[str, ...] = ()
    effort: str = ""
    verbosity: bool = False
    cache_least: int | None = None
    is_demo: bool = False
    default: bool = False
    input_price: str | float | None = None
    output_price: str | float | None = None
    prices: tuple[_Price, ...] = ()
    source: str = ""
    encoding: str = "o200k_base"
    ratio: float = 1.0
    retired: bool = False


def of_entry(entry: Mapping[str, Any]) -> Model | None:
    """The model of an entry, None for a retired one; raises ValueError with a sentence about what makes no sense."""
    row = msgspec.convert(dict(entry), Row, strict=False) if entry.get("retired") is True else _read(entry)
    return None if row.retired else _model(row)


def _read(entry: Mapping[str, Any]) -> Row:
    if not entry.get("routes") and not entry.get("provider"):
        raise ValueError("it names neither a provider nor routes")
    routes = entry.get("routes") or [{"provider": entry.get("provider"), "upstream": entry.get("upstream", "")}]
    known: dict[str, Any] = {}
    for route in routes:
        if isinstance(route, dict) and (found := fact(route.get("provider"), route.get("upstream") or entry["id"])):
            known = entry_of_fact(found)
            break
    return msgspec.convert(known | dict(entry), Row)


def _model(row: Row) -> Model:
    _check(row)
    routes = tuple(Route(route.provider, route.upstream or row.id) for route in row.routes) or (
        Route(row.provider, row.upstream or row.id),
    )
    prices = _prices(row)
    latest = prices[0].rates if prices else None
    inputs = frozenset(row.inputs) | ({"image"} if row.vision else set())
    return Model(
        id=row.id,
        name=row.name or row.id,
        provider=routes[0].provider,
        context_window=row.context_window,
        max_output_tokens=row.max_output_tokens,
        min_tier=row.min_tier,
        parameters=frozenset(row.parameters),
        vision="image" in inputs,
        tools=row.tools,
        is_demo=row.is_demo,
        input_price=latest.input if latest else None,
        output_price=latest.output if latest else None,
        encoding=row.encoding,
        upstream=routes[0].upstream if routes[0].upstream != row.id else "",
        maker=row.maker,
        since=row.since,
        until=row.until,
        successor=row.successor or "",
        note=row.note,
        routes=routes,
        max_input=row.max_input,
        prompt_tokens=row.prompt_tokens,
        inputs=inputs,
        choices=frozenset(row.choices),
        schema=row.schema,
        sampling=row.sampling or ("yes" if "temperature" in row.parameters else "no"),
        efforts=row.efforts,
        effort=row.effort or ("medium" if "medium" in row.efforts else next(iter(row.efforts), "")),
        verbosity=row.verbosity,
        cache_least=row.cache_least or None,
        ratio=row.ratio,
        prices=prices,
        preferred=row.default,
    )


def _check(row: Row) -> None:
    """Raises ValueError with a sentence about the first field that makes no sense."""
    for value, allowed, what in (
        (row.parameters, PARAMETERS, "parameters"),
        (row.inputs, _INPUTS, "inputs"),
        (row.choices, _CHOICES, "choices"),
        (row.efforts, frozenset(EFFORTS), "efforts"),
    ):
        if unknown := set(value) - allowed:
            raise ValueError(f"the {what} {sorted(unknown)} are not known; choose from {sorted(allowed)}")
    if row.encoding not in ENCODINGS:
        raise ValueError(f"the encoding {row.encoding!r} is not one of {sorted(ENCODINGS)}")
    if row.sampling and row.sampling not in _SAMPLING:
        raise ValueError(f"the sampling {row.sampling!r} is not one of {sorted(_SAMPLING)}")
    if row.effort and row.effort not in row.efforts:
        raise ValueError(f"the effort {row.effort!r} is not among its efforts")
    for provider in [route.provider for route in row.routes] or [row.provider]:
        if provider not in presets.NAMES:
            raise ValueError(f"the provider {provider!r} is not one of {sorted(presets.NAMES)}")
    if not row.id or row.context_window < 1 or row.max_output_tokens < 1:
        raise ValueError("id, context_window and max_output_tokens must not be empty")
    if len(row.id) > LONGEST_ID:
        raise ValueError(f"its id is longer than {LONGEST_ID} characters; give it a short one and name it as upstream")
    if not 0.1 <= row.ratio <= 10:
        raise ValueError("the ratio is no number of tokens for one token")
    if row.since and row.until and row.until <= row.since:
        raise ValueError("it would end before it begins")


def _prices(row: Row) -> tuple[Price, ...]:
    """Oldest first; an ``input_price`` of the form of old is one price, and lies over all others."""
    told = row.input_price if row.input_price is not None else row.output_price
    if told is not None:
        given = _amount(row.input_price or 0), _amount(row.output_price or 0)
        return (Price(_ALWAYS, Rates(given[0], given[0], given[0], given[1]), source=row.source),)
    return tuple(sorted((_dated(price, row.source) for price in row.prices), key=lambda price: price.since))


def _dated(price: _Price, source: str) -> Price:
    above = price.above
    if above and above.tokens < 1:
        raise ValueError("the step of a price must be a number of tokens")
    top = _rates(above) if above else None
    return Price(price.since, _rates(price), above.tokens if above else 0, top, price.source or source)


def _rates(rates: _Rates) -> Rates:
    """Who names no price for the cache reads and writes it at that of the input."""
    whole = _amount(rates.input)
    return Rates(
        whole,
        whole if rates.cached is None else _amount(rates.cached),
        whole if rates.write is None else _amount(rates.write),
        _amount(rates.output),
    )


def _amount(value: str | float) -> Decimal:
    try:
        price = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{value!r} is not a price") from None
    if not price.is_finite() or price < 0:
        raise ValueError(f"{value!r} is not a price")
    return price


# Facts -------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _document() -> dict[str, Any]:
    document: dict[str, Any] = msgspec.json.decode(FACTS.read_bytes())
    return document


@lru_cache(maxsize=1)
def _facts() -> dict[tuple[str, str], dict[str, Any]]:
    return {(fact["provider"], fact["id"]): fact for fact in _document()["models"]}


def facts_as_of() -> date:
    """The day on which the sources were asked."""
    return date.fromisoformat(_document()["as_of"])


def fact(provider: object, upstream: object) -> dict[str, Any] | None:
    """What others know of a model, by its provider and the provider's id."""
    return _facts().get((str(provider), str(upstream)))


def entry_of_fact(fact: Mapping[str, Any]) -> dict[str, Any]:
    """A fact as the entry of a file, with the tier that its price has."""
    provider = fact["provider"]
    reasons = bool(fact["efforts"])
    limit = "max_completion_tokens" if provider == "openai" and reasons else "max_tokens"
    return {
        "name": fact["name"],
        "maker": presets.BY_NAME[provider].maker,
        "context_window": fact["window"],
        "max_input": fact["input"],
        "max_output_tokens": fact["output"],
        "until": fact["until"],
        "parameters": [limit, "temperature"] if fact["sampling"] == "yes" else [limit],
        **{name: fact[name] for name in ("inputs", "tools", "choices", "schema", "sampling", "efforts")},
        "cache_least": fact["cache_least"] or None,
        "prices": fact["prices"],
        "source": fact["source"],
        "ratio": _RATIOS.get(provider, USUAL_RATIO),
        "prompt_tokens": 128_000 if fact["input"] > 128_000 else 0,
        "min_tier": tier_of_prices(fact["prices"]),
    }


def tier_of_prices(prices: list[dict[str, Any]]) -> str:
    """The lowest plan for a model that is on no list of ours: by its dearest price, the highest when it has none."""
    weights = [Decimal(str(price["input"])) + 3 * Decimal(str(price["output"])) for price in prices]
    return next((tier for tier, most in _TIERS if weights and max(weights) <= most), DEAREST_TIER)
