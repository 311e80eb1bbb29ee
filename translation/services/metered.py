"""Who pays for calls to a model: each is held and settled by itself, under keys of the translation."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from uuid import UUID

from billing import metering
from translation.providers.base import Spending

FEATURE = "translation"


class TokenMeter:
    """Of one try at a translation; several threads may be at it. ``charged`` are the tokens so far."""

    def __init__(self, user_id: UUID, *, key: str, model: str, reference: str) -> None:
        self._user_id, self._key, self._model, self._reference = user_id, key, model, reference
        self._numbers = count(1)
        self._lock = threading.Lock()
        self.charged = 0

    @contextmanager
    def call(self, prompt_tokens: int, max_tokens: int) -> Iterator[Spending]:
        """Hold, and settle at what was used, which is nothing when the call fails. Raises what metering raises."""
        with self._lock:
            key = f"{self._key}:{next(self._numbers)}"
        hold = metering.hold(
            self._user_id,
            key=key,
            prompt_tokens=prompt_tokens,
            max_tokens=max_tokens,
            feature=FEATURE,
            reference=self._reference,
            model=self._model,
        )
        spending = _Call(hold.max_tokens)
        try:
            yield spending
        finally:
            metering.settle(
                key,
                source="provider",
                prompt_tokens=spending.prompt_tokens,
                completion_tokens=spending.completion_tokens,
            )
            with self._lock:
                self.charged += spending.prompt_tokens + spending.completion_tokens


class _Call:
    def __init__(self, max_tokens: int) -> None:
        self.max_tokens = max_tokens
        self.prompt_tokens = 0
        self.completion_tokens = 0

    def used(self, prompt_tokens: int, completion_tokens: int) -> None:
        """What the model's provider counted, or we did."""
        self.prompt_tokens, self.completion_tokens = prompt_tokens, completion_tokens
