"""One door to every model."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from collections.abc import Sequence

from core.errors import DomainError
from core.llm import catalogue
from core.llm import metrics
from core.llm import registry
from core.llm.base import Delta
from core.llm.base import Message
from core.llm.base import Provider
from core.llm.base import Request
from core.llm.base import Tool
from core.llm.errors import NoProvider


def stream(
    messages: Sequence[Message],
    *,
    model: str,
    max_tokens: int,
    temperature: float | None = None,
    tools: Sequence[Tool] = (),
) -> AsyncGenerator[Delta]:
    """The answer of a model as it arrives.

    Raises UnknownModel and NoProvider at once, every other error of :mod:`core.llm.errors` while iterating. Closing the
    generator, or cancelling the task that reads it, closes the connection to the provider. Parameters the model refuses
    are left out. A finish reason always came before the generator ends by itself; ``"content_filter"`` is one of them.
    """
    entry = catalogue.get(model)
    config = registry.config(entry.provider)
    if config is None:
        raise NoProvider(model=model)
    request = Request(
        messages=messages,
        model=entry,
        max_tokens=min(max_tokens, entry.max_output_tokens),
        temperature=temperature,
        tools=tools if entry.tools else (),
    )
    return _observed(registry.adapter(config), request, config.name)


async def _observed(provider: Provider, request: Request, name: str) -> AsyncGenerator[Delta]:
    started = time.perf_counter()
    first = True
    outcome = "stopped"
    deltas = provider.stream(request)
    try:
        async for delta in deltas:
            if first:
                metrics.FIRST_BYTE.labels(name).observe(time.perf_counter() - started)
                first = False
            yield delta
        outcome = "finished"
    except DomainError as error:
        outcome = error.code
        raise
    except Exception:
        outcome = "error"
        raise
    finally:
        metrics.REQUESTS.labels(name, outcome).inc()
        await deltas.aclose()
