"""What a vendor says of itself, asked once a day for all processes, and known on when it does not answer."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache import cache

from translation.errors import ServiceError

logger = logging.getLogger(__name__)

FRESH_SECONDS = 24 * 3600
_KEPT_SECONDS = 30 * 24 * 3600
_AGAIN_SECONDS = 300
"""After a vendor that did not answer."""


def facts(name: str, ask: Callable[[], Any]) -> Any:
    """The vendor's answer, as JSON holds it; None while it never gave any.

    ``name`` must be another for another key or address. When the vendor fails, what it said before goes on to hold.
    """
    key = f"translation:facts:{name}"
    due, known = cache.get(key, (0.0, None))
    now = time.time()
    if now < due:
        return known
    try:
        known, due = ask(), now + FRESH_SECONDS
    except ServiceError as error:
        logger.warning("translation.vendor_facts", extra={"service": name.partition(":")[0], "code": error.code})
        due = now + _AGAIN_SECONDS
    cache.set(key, (due, known), _KEPT_SECONDS)
    return known
