"""Which calls may be tried again. What may have changed something leaves the house at most once, unless its owner said
that the other side knows a repeat by its id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Repeat = Literal["never", "keyed", "always"]
"""What the owner says of a function: never tried twice; the other side honours the step's id; it changes nothing."""

Failure = Literal["refused", "paused", "unsent", "limited", "unavailable", "lost", "answered"]
"""How a call ended without its result:

* ``refused``: an address that may not be called; ``paused``: left alone after many failures. Nothing was sent.
* ``unsent``: nobody was reached.
* ``limited`` (429) and ``unavailable`` (503): turned away at the door, with a time to wait or without.
* ``lost``: 502, 504, cut, timed out, or the process died. It may have been done.
* ``answered``: an answer, if not a good one; no other is to be expected.
"""

Action = Literal["again", "failed", "unknown"]

TRIES = 3
LONGEST_WAIT_SECONDS = 5
_PAUSE_SECONDS = 0.5
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """``again`` in ``wait`` seconds, ``failed`` for good, or ``unknown``: whether it was done cannot be told."""

    action: Action
    wait: float = 0.0


def kind_of(method: str, repeat: Repeat) -> Repeat:
    """Under which rule a call stands: whoever asks only may ask again."""
    return "always" if method.upper() in _SAFE_METHODS else repeat


def verdict(
    kind: Repeat, failure: Failure, *, tries: int, retry_after: int | None = None, in_doubt: bool = False
) -> Verdict:
    """After ``tries`` of them; ``in_doubt`` when an earlier one was ``lost``, so it may have been done already."""
    in_doubt = (in_doubt or failure == "lost") and kind != "always"
    over: Action = "unknown" if in_doubt and failure != "answered" else "failed"
    if tries >= TRIES or not _may_go_again(kind, failure, retry_after):
        return Verdict(over)
    return Verdict("again", float(retry_after or 0) or _PAUSE_SECONDS * tries)


def _may_go_again(kind: Repeat, failure: Failure, retry_after: int | None) -> bool:
    match failure:
        case "unsent":
            return True
        case "limited":
            return _is_soon(retry_after)
        case "unavailable":
            return kind != "never" and _is_soon(retry_after)
        case "lost":
            return kind != "never"
    return False


def _is_soon(retry_after: int | None) -> bool:
    return retry_after is not None and 0 <= retry_after <= LONGEST_WAIT_SECONDS
