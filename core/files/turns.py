"""One file of a user is read at a time, in all processes: nobody takes every place that reading has.

While the cache is away there are no turns; the places of each process still bound what is read at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from uuid import UUID
from uuid import uuid4

from django.core.cache import cache

from core.files.errors import Busy
from core.redis import GONE
from core.redis import Pause

LONGEST_SECONDS = 120
"""A turn whose process died ends then; no reader may take as long."""
RETRY_SECONDS = 1
_pause = Pause("Files are read without turns", seconds=2.0)


@contextmanager
def turn(user_id: UUID) -> Iterator[None]:
    """Raises Busy while another file of this user is being read."""
    key, mine = f"core.files.turn:{user_id}", uuid4().hex
    if not _take(key, mine):
        raise Busy(retry_after=RETRY_SECONDS)
    try:
        yield
    finally:
        _give_back(key, mine)


def _take(key: str, mine: str) -> bool:
    if _pause.is_on:
        return True
    try:
        is_mine = cache.add(key, mine, LONGEST_SECONDS)
    except GONE as error:
        _pause.begin(error)
        return True
    _pause.end()
    return bool(is_mine)


def _give_back(key: str, mine: str) -> None:
    with suppress(*GONE):  # it ends by itself
        if cache.get(key) == mine:
            cache.delete(key)
