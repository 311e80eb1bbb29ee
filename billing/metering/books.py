"""All there is to pay with. What is true of one book is swept, proven and crowded for every one of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from billing.metering import engine
from billing.metering.engine import Book
from billing.metering.minutes.book import BOOK as MINUTES
from billing.metering.tokens.book import BOOK as TOKENS

BOOKS: tuple[Book[Any, Any, Any, Any], ...] = (TOKENS, MINUTES)


def sweep(now: datetime | None = None) -> int:
    """Settle what dead processes hold, in every book; returns how many holds. See :func:`.engine.sweep`."""
    now = now or timezone.now()
    return sum(engine.sweep(book, now) for book in BOOKS)
