"""Figures of the outbox. Kinds are bounded by the code."""

from __future__ import annotations

from prometheus_client import Counter

NOTICES = Counter("kintsugi_push_notices_total", "Notices to devices, by how they ended.", ["kind", "outcome"])


def count(*, kind: str, outcome: str, amount: int = 1) -> None:
    """Count notices that ended alike."""
    NOTICES.labels(kind, outcome).inc(amount)
