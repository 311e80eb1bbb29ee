"""Who pays for calls to a model: each is held and settled by itself, under keys of the translation."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from uuid import UUID

from billing import metering
from translation.providers.base import Spending

FEATURE = "translation"
_CALL_TIME = timedelta(minutes=15)
"""A model on a small machine writes for minutes, and what is not settled at once waits for its batch."""


class TokenMeter:
    """Of one try at a translation; several threads may be at it. ``charged`` are the tokens so far.

    With ``settles_at_once`` false, calls that were answered stay held until :meth:`settle`, which belongs into the
    transaction that stores what came of them: whoever dies before it has paid nothing.
    """

    def __init__(self, user_id: UUID, *, key: str, model: str, reference: str, settles_at_once: bool = True) -> None:
        self._user_id, self._key, self._model, self._reference = user_id, key, model, reference
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._settles_at_once = settles_at_once
        self._open: dict[str, _Call] = {}
        self.charged = 0
        self._taken = 0

    @contextmanager
    def call(self, prompt_tokens: int, max_tokens: int) -> Iterator[Spending]:
        """Hold, and settle at what was used, which is nothing when the call fails. Raises what metering raises."""
        with self._lock:
            key = f"{self._key}:{next(self._numbers)}"
            waiting = list(self._open)
        hold = metering.hold(
            self._user_id,
            key=key,
            prompt_tokens=prompt_tokens,
            max_tokens=max_tokens,
            feature=FEATURE,
            reference=self._reference,
            model=self._model,
        )
        for one in (*waiting, key):
            metering.keep(one, _CALL_TIME)
        spending = _Call(hold.max_tokens)
        with self._lock:
            self._open[key] = spending
        is_answered = False
        try:
            yield spending
            is_answered = True
        finally:
            if self._settles_at_once or not is_answered:
                self._settle([key])

    def settle(self) -> int:
        """Charge the calls that are still held; answers the tokens of them. Does nothing the second time."""
        with self._lock:
            waiting = list(self._open)
        return self._settle(waiting)

    @property
    def is_open(self) -> bool:
        """Whether a call is held, or was charged and not taken note of."""
        with self._lock:
            return bool(self._open) or self.charged != self._taken

    def take(self) -> int:
        """The tokens that were charged since this was asked last."""
        with self._lock:
            new, self._taken = self.charged - self._taken, self.charged
        return new

    def release(self) -> None:
        """Charge nothing for the calls that are still held."""
        with self._lock:
            for spent in self._open.values():
                spent.used(0, 0)
        self.settle()

    def _settle(self, keys: list[str]) -> int:
        charged = 0
        for key in keys:
            with self._lock:
                spent = self._open.pop(key, None)
            if spent is not None and metering.settle(
                key,
                source="provider",
                prompt_tokens=spent.prompt_tokens,
                completion_tokens=spent.completion_tokens,
            ):
                charged += spent.prompt_tokens + spent.completion_tokens
        with self._lock:
            self.charged += charged
        return charged


class _Call:
    def __init__(self, max_tokens: int) -> None:
        self.max_tokens = max_tokens
        self.prompt_tokens = 0
        self.completion_tokens = 0

    def used(self, prompt_tokens: int, completion_tokens: int) -> None:
        """What the model's provider counted, or we did."""
        self.prompt_tokens, self.completion_tokens = prompt_tokens, completion_tokens
