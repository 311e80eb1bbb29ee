"""Background work of streams."""

from __future__ import annotations

from datetime import timedelta

from core import jobs
from core.realtime import retention


@jobs.handler("core.trim_streams", timeout=600)
def trim_streams(_run: jobs.Run) -> None:
    """Remove old events."""
    retention.trim()


jobs.periodic("core.trim_streams", every=timedelta(hours=1))
