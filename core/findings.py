"""What ``manage.py doctor`` asks of every app and room, and what it is answered.

``checks`` (see :class:`core.modules.Room`) yields :class:`Check` objects. Each one looks at a part of the house and
says in plain words what it found and, when that is not good, what to do. Checks only look: what they write, they take
away again.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "fail", "skip"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about one thing. ``skip``: it could not be looked at, for a reason that is reported elsewhere."""

    name: str
    state: State
    sentence: str


Look = Callable[[], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """Something to look at, for at most ``seconds``; only when the check it ``needs`` found nothing that fails."""

    name: str
    look: Look
    needs: str = ""
    seconds: float = 10


def ok(name: str, sentence: str) -> Finding:
    """As it should be."""
    return Finding(name, "ok", sentence)


def warn(name: str, sentence: str) -> Finding:
    """Works, but not as well or as safely as it could."""
    return Finding(name, "warn", sentence)


def fail(name: str, sentence: str) -> Finding:
    """Does not work."""
    return Finding(name, "fail", sentence)
