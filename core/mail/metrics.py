"""Figures of the outbox. Kinds are bounded by the code."""

from __future__ import annotations

from prometheus_client import Counter
from prometheus_client import Gauge

MAILS = Counter("kintsugi_mails_total", "Letters, by how they ended.", ["kind", "outcome"])
OLDEST = Gauge("kintsugi_mail_oldest_waiting_seconds", "Age of the oldest letter that waits, at the last sweep.")


def count(*, kind: str, outcome: str) -> None:
    """Count one letter."""
    MAILS.labels(kind, outcome).inc()


def observe_oldest(seconds: float) -> None:
    """How long the first in line has waited."""
    OLDEST.set(seconds)
