"""How many tokens a source is charged as: by one encoding for all services, so that a quote is the same for each."""

from __future__ import annotations

from core.llm import tokens
from core.llm.base import Model

_BY = Model(
    id="source",
    name="source",
    provider="",
    context_window=0,
    max_output_tokens=0,
    min_tier="basic",
    parameters=frozenset(),
    vision=False,
    tools=False,
    is_demo=False,
    input_price=None,
    output_price=None,
    encoding="o200k_base",
)


def source_tokens(text: str) -> int:
    """Of a source, at least 1. Takes processor time in proportion to the text."""
    return max(1, tokens.count_text(text, _BY))
