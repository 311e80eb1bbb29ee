"""Our sums against those of `genai-prices`, which nobody here wrote, for every row whose prices are from there."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal

import genai_prices
import msgspec

from core import llm
from core.llm import catalogue
from core.llm import prices
from core.llm import rows
from core.llm.base import Model
from deploy.model_facts import PROVIDERS

USAGES = 2_000
FIRST, LAST = date(2025, 1, 1), date(2027, 6, 30)


def shared() -> list[Model]:
    """The models whose prices both say."""
    facts = msgspec.json.decode(rows.FACTS.read_bytes())["models"]
    told = [fact for fact in facts if fact["source"].startswith("genai-prices")]
    models = [rows.of_entry({"id": fact["id"], "provider": fact["provider"]}) for fact in told]
    ours = [model for model in catalogue.listed().values() if model.provider in PROVIDERS and _is_known_there(model)]
    return [*filter(None, models), *ours]


def _is_known_there(model: Model) -> bool:
    try:
        theirs(llm.Usage(1, 1), model, LAST)
    except LookupError:
        return False
    return True


def usages(chance: random.Random) -> Iterator[tuple[llm.Usage, date]]:
    """Small and large ones, on both sides of every step, with and without a cache."""
    for _ in range(USAGES):
        prompt = chance.choice([chance.randrange(1, 5_000), chance.randrange(1, 1_000_000), 200_000, 200_001, 272_001])
        cached = chance.choice([0, chance.randrange(prompt + 1)])
        written = chance.choice([0, chance.randrange(prompt - cached + 1)])
        day = FIRST + timedelta(days=chance.randrange((LAST - FIRST).days))
        yield llm.Usage(prompt, chance.randrange(130_000), cached, written), day


def theirs(usage: llm.Usage, model: Model, day: date) -> Decimal:
    counted = genai_prices.Usage(
        input_tokens=usage.prompt_tokens,
        cache_read_tokens=usage.cached_tokens or None,
        cache_write_tokens=usage.cache_write_tokens or None,
        output_tokens=usage.completion_tokens,
    )
    provider = PROVIDERS[model.provider][0]
    name = model.id
    if provider == "fireworks":
        name = f"accounts/fireworks/{'routers' if name.endswith(('-us', '-fast')) else 'models'}/{name}"
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return genai_prices.calc_price(counted, name, provider_id=provider, genai_request_timestamp=moment).total_price


def test_two_thousand_requests_cost_the_same_there() -> None:
    chance = random.Random(20261130)
    models = shared()
    seen: set[str] = set()
    for usage, day in usages(chance):
        model = chance.choice(models)
        seen.add(model.id)
        assert prices.cost(usage, model, day) == theirs(usage, model, day), (model.provider, model.id, day, usage)
    assert len(seen) == len({model.id for model in models})
