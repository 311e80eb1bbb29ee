"""How much one socket may ask for."""

from __future__ import annotations

from collections import deque

from django.conf import settings

RATE = 10.0
"""Commands a second."""
BURST = 30.0
"""Commands at once."""
ABUSE_REFUSALS = 100
ABUSE_SECONDS = 10.0


class Allowance:
    """A bucket of BURST commands that fills with RATE a second, and a memory of those refused."""

    __slots__ = ("_at", "_left", "_refused")

    def __init__(self, now: float) -> None:
        self._left = BURST
        self._at = now
        self._refused: deque[float] | None = None  # most are never refused anything, and it takes 600 bytes

    def take(self, now: float) -> bool:
        """Whether one more command is allowed at ``now`` (seconds of a monotonic clock)."""
        self._left = min(BURST, self._left + (now - self._at) * RATE)
        self._at = now
        if self._left >= 1 or not settings.RATE_LIMIT_ENABLED:
            self._left -= 1
            return True
        return False

    def refuse(self, now: float) -> bool:
        """Remember a refusal; whether there were so many of late that the socket should close."""
        if self._refused is None:
            self._refused = deque(maxlen=ABUSE_REFUSALS)
        self._refused.append(now)
        return len(self._refused) == ABUSE_REFUSALS and now - self._refused[0] <= ABUSE_SECONDS
