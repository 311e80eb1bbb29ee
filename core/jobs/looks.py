"""Whether the owner of a job, or of a run, has it before their eyes: who looks again and again need not be told."""

from __future__ import annotations

import contextlib
from uuid import UUID

from django.core.cache import cache

_SECONDS = 8
"""Clients look every two seconds, and not from a page that nobody sees."""


def note(job_id: UUID, seconds: float = _SECONDS) -> None:
    """Its owner has just looked, and will within ``seconds``. A cache that is away is no reason to refuse a look."""
    with contextlib.suppress(Exception):  # whichever it is: then they are told once too often
        cache.set(_key(job_id), 1, seconds)


def forget(job_id: UUID) -> None:
    """They look no more."""
    with contextlib.suppress(Exception):  # it is forgotten by itself
        cache.delete(_key(job_id))


def is_watched(job_id: UUID) -> bool:
    """Whether its owner looked a moment ago."""
    try:
        return cache.get(_key(job_id)) is not None
    except Exception:  # as above
        return False


def _key(job_id: UUID) -> str:
    return f"job-looked:{job_id}"
