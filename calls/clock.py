"""The clock: in every serving process, each second, what is due is done."""

from __future__ import annotations

import asyncio
import logging
import random
import time

from calls.services import deadlines
from calls.services import paying
from core.db_threads import in_db_thread

logger = logging.getLogger(__name__)

_SECONDS, _SPREAD = 1.0, 0.2
"""Processes do not look in step."""


async def watch() -> None:
    """Look, for as long as this runs."""
    paid = 0.0
    while True:
        await asyncio.sleep(_SECONDS + random.uniform(-_SPREAD, _SPREAD))  # noqa: S311 - no secret
        await in_db_thread(deadlines.enforce)
        if time.monotonic() - paid >= paying.LOOK_SECONDS:
            paid = time.monotonic()
            await in_db_thread(paying.look)
