"""What a client knows of its streams: how far it has come, and what the next event is to that.

Written from the protocol alone, for the clients of the proof and of the benchmarks.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from enum import auto


class Arrival(Enum):
    """What an event is to who has come so far."""

    NEXT = auto()
    DOUBLED = auto()
    """It was here before, or what follows it was."""
    AHEAD = auto()
    """Something before it is missing."""


class Positions:
    """``known`` are the streams' positions by their names; the counts are of what a server must not send."""

    def __init__(self, known: Mapping[str, int] | None = None) -> None:
        self.known = dict(known or {})
        self.doubled = self.ahead = 0

    def take(self, stream: str, seq: int) -> Arrival:
        """An event came: the next one moves the position, as does the first of an unknown stream."""
        position = self.known.get(stream)
        if position is None or seq == position + 1:
            self.known[stream] = seq
            return Arrival.NEXT
        if seq <= position:
            self.doubled += 1
            return Arrival.DOUBLED
        self.ahead += 1
        return Arrival.AHEAD

    def move(self, stream: str, seq: int) -> bool:
        """Go on from there; False if that is a step back."""
        is_forward = seq >= self.known.get(stream, 0)
        self.known[stream] = seq
        return is_forward

    def forget(self, stream: str) -> None:
        self.known.pop(stream, None)

    def lacks(self, tails: Mapping[str, int]) -> bool:
        """Whether a stream that is known goes further than was heard."""
        return any(seq > self.known.get(stream, seq) for stream, seq in tails.items())
