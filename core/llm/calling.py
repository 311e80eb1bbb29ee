"""A call of a provider: at the pace it allows, past a circuit that is open, once more with what its words changed."""

from __future__ import annotations

import asyncio
import ipaddress
import math
import time
from collections.abc import AsyncGenerator
from collections.abc import Callable
from contextlib import aclosing
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar
from urllib.parse import urlsplit

from django.conf import settings

from core.errors import DomainError
from core.http import pace
from core.http.breaker import Breaker
from core.llm import heard
from core.llm import hearing
from core.llm import listings
from core.llm import metrics
from core.llm import registry
from core.llm.base import Adjustments
from core.llm.base import Delta
from core.llm.base import ProviderConfig
from core.llm.base import Request
from core.llm.errors import ModelError
from core.llm.errors import ModelGone
from core.llm.errors import ProviderPaused
from core.llm.errors import ProviderRateLimited
from core.llm.errors import ProviderSilent
from core.llm.errors import ProviderUnavailable

LONGEST_WAIT_SECONDS = 5.0
"""A turn that is further away is not waited for here: a person decides, and a job comes back later."""
USUAL_PER_MINUTE = 500
"""Of all processes at one provider: OpenAI's measure for a new account, by
https://platform.openai.com/docs/guides/rate-limits (tier 1, looked up in November 2026)."""
_BURST_SECONDS = 15
"""So much of a minute's measure may be used at once."""

R = TypeVar("R")


async def observed(config: ProviderConfig, request: Request) -> AsyncGenerator[Delta]:
    """The answer, counted by how it ended."""
    started = time.perf_counter()
    outcome = "stopped"
    try:
        # All that can be asked anew happens before the first delta, so that nothing but this stands between the wire
        # and whoever reads: each generator on the way costs with every word of an answer.
        async with _begun(config, request) as (first, rest):
            if first is not None:
                metrics.FIRST_BYTE.labels(config.name).observe(time.perf_counter() - started)
                _count_tools(config, first)
                yield first
            async for delta in rest:
                if delta.tool_calls:
                    _count_tools(config, delta)
                yield delta
        outcome = "finished"
    except DomainError as error:
        outcome = error.code
        raise
    except Exception:
        outcome = "error"
        raise
    finally:
        metrics.REQUESTS.labels(config.name, outcome).inc()


def _count_tools(config: ProviderConfig, delta: Delta) -> None:
    if delta.tool_calls:
        metrics.TOOLS.labels(config.name).inc(len(delta.tool_calls))


_Answer = tuple[Delta | None, AsyncGenerator[Delta]]
"""The first delta, None where there was none, and the others."""


@asynccontextmanager
async def _begun(config: ProviderConfig, request: Request) -> AsyncGenerator[_Answer]:
    """An answer that has begun; raises ProviderPaused while the circuit is open, ProviderRateLimited when our own
    measure is used up, and what the provider says in place of an answer."""
    breaker = await _admitted(config, request)
    try:
        first, rest = await _heard(config, request)
    except (ProviderUnavailable, ProviderSilent):
        if breaker:
            await _at_the_circuit(breaker.failed)
        raise
    except ModelError:
        if breaker and breaker.in_doubt:
            await _at_the_circuit(breaker.succeeded)
        raise
    async with aclosing(rest):
        if breaker and breaker.in_doubt and first is not None:
            await _at_the_circuit(breaker.succeeded)
        yield first, rest


async def _admitted(config: ProviderConfig, request: Request) -> Breaker | None:
    """The circuit, once the call may be made; None where nothing outside is asked."""
    if not config.base_url:
        return None
    await _keep_pace(config)  # a turn that does not come is nothing the provider said
    # By model, too: a server with one broken model answers for all others.
    breaker = Breaker("llm", urlsplit(config.base_url).netloc, f"{config.name}/{request.model.wire_name}")
    if wait := await _at_the_circuit(breaker.seconds_closed_to_us):
        raise ProviderPaused(retry_after=wait)
    return breaker


async def _at_the_circuit(look: Callable[[], R]) -> R:
    """The circuit lies in the cache, which is beyond the network where there is Redis, else in this memory."""
    return await asyncio.to_thread(look) if settings.REDIS_URL else look()


async def _keep_pace(config: ProviderConfig) -> None:
    per_minute = _per_minute(config)
    if not per_minute:
        return
    burst = max(1.0, per_minute * _BURST_SECONDS / 60)
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    while wait := await pace.async_take(f"llm:{config.name}", per_second=per_minute / 60, burst=burst):
        if time.monotonic() + wait > deadline:
            raise ProviderRateLimited(retry_after=max(1, math.ceil(wait)))
        await asyncio.sleep(wait)


def _per_minute(config: ProviderConfig) -> int:
    """Calls a minute; 0 is no measure. A server on this machine has one only where the operator set it."""
    if settings.LLM_PER_MINUTE is not None:
        return int(settings.LLM_PER_MINUTE)
    return 0 if _is_here(config.base_url) else USUAL_PER_MINUTE


@lru_cache(maxsize=32)
def _is_here(base_url: str) -> bool:
    host = urlsplit(base_url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _heard(config: ProviderConfig, request: Request) -> _Answer:
    """Asks; where the provider names what it refuses, asks once more without it, and remembers that."""
    adjustments = heard.known(config, request.model.wire_name)
    changes = 0
    while True:
        used = _in_protocol(config, adjustments)
        asked = replace(request, adjustments=adjustments) if adjustments != request.adjustments else request
        deltas = registry.adapter(used).stream(asked)
        try:
            first = await anext(deltas, None)
        except ModelError as error:
            changed = None
            if error.complaint and changes < hearing.MOST_CHANGES:
                changed = hearing.hear(error.complaint, asked, config, used.protocol)
            if changed is None:
                if isinstance(error, ModelGone):
                    listings.lose(config, request.model.wire_name)
                raise
            adjustments = changed
            changes += 1
            continue
        if changes:
            heard.remember(config, request.model.wire_name, adjustments)
        return first, deltas


def _in_protocol(config: ProviderConfig, adjustments: Adjustments) -> ProviderConfig:
    if not adjustments.protocol:
        return config
    adapter, _suffix = registry.ADAPTERS[adjustments.protocol]
    return replace(config, protocol=adjustments.protocol, adapter=adapter)
