"""The clock: in every serving process, each second, what is due is done."""

from __future__ import annotations

import asyncio
import logging
import random

from calls.services import deadlines
from core.db_threads import in_db_thread

logger = logging.getLogger(__name__)

_SECONDS, _SPREAD = 1.0, 0.2
"""Processes do not look in step."""


async def watch() -> None:
    """Look, for as long as this runs."""
    while True:
        await asyncio.sleep(_SECONDS + random.uniform(-_SPREAD, _SPREAD))  # noqa: S311 - no secret
        await in_db_thread(deadlines.enforce)
