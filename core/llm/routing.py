"""One door to every model."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from collections.abc import Callable
from collections.abc import Sequence
from typing import Unpack

from core.llm import calling
from core.llm import catalogue
from core.llm import completing
from core.llm import registry
from core.llm.base import Answer
from core.llm.base import Delta
from core.llm.base import Message
from core.llm.base import Options
from core.llm.base import Request
from core.llm.errors import NoProvider


def stream(
    messages: Sequence[Message], *, model: str, max_tokens: int, **options: Unpack[Options]
) -> AsyncGenerator[Delta]:
    """The answer of a model as it arrives.

    Raises UnknownModel, ModelEnded and NoProvider at once, every other error of :mod:`core.llm.errors` while iterating.
    Closing the generator, or cancelling the task that reads it, closes the connection to the provider. Parameters the
    model refuses are left out. A finish reason always came before the generator ends by itself; ``"content_filter"`` is
    one of them.
    """
    entry = catalogue.require(model)
    config = registry.config(entry.provider)
    if config is None:
        raise NoProvider(model=model)
    if not entry.tools:
        options["tools"] = ()
    most = min(max_tokens, entry.max_output_tokens)
    request = Request(messages=messages, model=entry, max_tokens=most, **options)
    return calling.observed(config, request)


def complete(
    messages: Sequence[Message],
    *,
    model: str,
    max_tokens: int,
    check: Callable[[], object] | None = None,
    **options: Unpack[Options],
) -> Answer:
    """The whole answer, for jobs: in a thread, never where an event loop runs. Takes and raises what ``stream`` does.

    ``check`` is called every second, in a thread; what it raises closes the connection and is raised here.
    """

    def deltas() -> AsyncGenerator[Delta]:
        return stream(messages, model=model, max_tokens=max_tokens, **options)

    return completing.collect(deltas, check)
