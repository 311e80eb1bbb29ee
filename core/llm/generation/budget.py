"""How much of an answer may be written: what was paid for in advance, counted by us, whatever the provider does."""

from __future__ import annotations

from core.llm import tokens
from core.llm.base import Model

_DOUBT = 4
"""How far beyond the limit an estimate may go: of a model without an encoding our count errs on the high side, by three
where its tokens are long ones (blanks of code, lines of dashes)."""


class Budget:
    """The tokens that an attempt may still write. A provider that keeps to its limit never meets it."""

    def __init__(self, model: Model, max_tokens: int) -> None:
        self._model = model
        self._limit = max_tokens * (1 if tokens.is_exact(model) else _DOUBT)
        # A token is a byte at least, so there is no need to count before so many have come.
        self._sure_of = self._limit
        self._parts: list[str] = []

    def fit(self, text: str) -> tuple[str, bool]:
        """As much of the next piece as may be written, and whether that is all of it."""
        size = len(text.encode("utf-8", "surrogatepass"))
        if size > self._sure_of:
            written = "".join(self._parts)
            kept, count = tokens.clip(written + text, self._limit, self._model)
            if len(kept) < len(written) + len(text):
                return kept[len(written) :], False
            self._parts, self._sure_of = [written], self._limit - count + size
        self._sure_of -= size
        self._parts.append(text)
        return text, True
