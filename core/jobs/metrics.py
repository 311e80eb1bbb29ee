"""Figures of background work. Kinds are bounded by the code."""

from __future__ import annotations

from prometheus_client import Counter
from prometheus_client import Gauge
from prometheus_client import Histogram

RUNS = Counter("kintsugi_job_runs_total", "Runs of jobs, by how they ended.", ["kind", "outcome"])
SECONDS = Histogram(
    "kintsugi_job_duration_seconds", "Time a run takes.", ["kind"], buckets=(0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 1800)
)
LOST = Counter("kintsugi_jobs_lost_total", "Runs whose process was lost.")
WAITING = Gauge("kintsugi_jobs_waiting", "Jobs that could run and do not, at the last sweep.")


def observe(*, kind: str, outcome: str, seconds: float) -> None:
    """Count one run."""
    RUNS.labels(kind, outcome).inc()
    SECONDS.labels(kind).observe(seconds)


def count_lost(runs: int) -> None:
    """Count runs that were taken back."""
    LOST.inc(runs)


def observe_waiting(jobs: int) -> None:
    """How long the queue is."""
    WAITING.set(jobs)
