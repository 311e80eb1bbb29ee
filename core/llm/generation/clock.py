"""How long a model has been thinking before its first word."""

from __future__ import annotations

import time

_TELL_MS = 1900
"""Between two tellings that it still thinks; they are looked for once a second."""


class Clock:
    """Runs from the question to the first word of the answer. ``before_ms`` were thought in earlier attempts."""

    def __init__(self, before_ms: int, *, thinks: bool) -> None:
        self._before_ms = before_ms
        self._thinks = thinks
        self._began = time.monotonic()
        self._first_byte: float | None = None
        self._shown_at: float | None = None
        self._stopped: float | None = None
        self._told_ms = before_ms

    @property
    def responded(self) -> bool:
        """Whether the provider has sent anything."""
        return self._first_byte is not None

    @property
    def total_ms(self) -> int:
        """Of thinking so far, earlier attempts included."""
        return self._before_ms + int(1000 * (self._now() - self._began))

    @property
    def hidden_seconds(self) -> float:
        """Of thinking of which nothing was seen, from when the provider took the question until anything was seen.

        They never become fewer: what they cost has been told.
        """
        if not self._thinks or self._first_byte is None:
            return 0.0
        end = self._now() if self._shown_at is None else min(self._shown_at, self._now())
        return end - self._first_byte

    def respond(self) -> None:
        """Something came."""
        if self._first_byte is None:
            self._first_byte = time.monotonic()

    def show(self) -> int:
        """Some of the thinking is seen; returns :attr:`total_ms`."""
        if self._shown_at is None:
            self._shown_at = time.monotonic()
        self._told_ms = self.total_ms
        return self._told_ms

    def stop(self) -> None:
        """The first word came, or the end."""
        if self._stopped is None:
            self._stopped = time.monotonic()

    def tick(self) -> int | None:
        """The milliseconds so far, when it is time to tell them; None when not, or when it does not think."""
        now = self.total_ms
        if not self._thinks or self._stopped is not None or now - self._told_ms < _TELL_MS:
            return None
        self._told_ms = now
        return now

    def _now(self) -> float:
        return time.monotonic() if self._stopped is None else self._stopped
