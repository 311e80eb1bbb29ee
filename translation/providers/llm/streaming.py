"""A passage as it is written by a model: for a person who looks on."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from core import llm
from translation.providers.base import Context
from translation.providers.llm import asking
from translation.providers.llm import prompts


async def stream(text: str, ctx: Context, *, max_tokens: int) -> AsyncGenerator[llm.Delta]:
    """The deltas of one answer. Raises NoAnswer and children of ServiceError while iterating."""
    model = llm.catalogue.require(ctx.model)
    with asking.in_our_words():
        options = asking.options(model, is_json=False)
        deltas = llm.stream(prompts.plain(text, ctx), model=ctx.model, max_tokens=max_tokens, **options)
        async with aclosing(deltas):
            async for delta in deltas:
                yield delta
