"""What Prometheus may scrape, and where the figures are taken.

Labels are bounded by the code: route templates, never paths; known methods; classes of exceptions.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.core.signals import got_request_exception
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from prometheus_client import Counter
from prometheus_client import Gauge
from prometheus_client import Histogram

# Bounds of histograms, in seconds.
_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
_SLOW = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

REQUEST_SECONDS = Histogram(
    "kintsugi_http_request_duration_seconds",
    "Time until an answer begins, by route template.",
    ["method", "route", "status"],
    buckets=_SLOW,
)
IN_FLIGHT = Gauge("kintsugi_http_requests_in_flight", "Requests whose answer has not begun.")
EXCEPTIONS = Counter("kintsugi_unhandled_exceptions_total", "Faults of ours, by class.", ["exception"])
QUERY_SECONDS = Histogram(
    "kintsugi_db_query_duration_seconds", "Time a database statement takes.", ["operation"], buckets=_FAST
)
CACHE_READS = Counter("kintsugi_cache_reads_total", "Cache look-ups.", ["result"])
OUTGOING_SECONDS = Histogram(
    "kintsugi_outgoing_request_duration_seconds",
    "Calls to other people's servers, by role and outcome.",
    ["role", "outcome"],
    buckets=_SLOW,
)

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OPERATIONS = frozenset({"select", "insert", "update", "delete"})


def observe_request(*, method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    known = method if method in _METHODS else "OTHER"
    REQUEST_SECONDS.labels(known, route, str(status)).observe(seconds)


def _time_query(execute: Callable[..., Any], sql: Any, params: Any, many: Any, context: Any) -> Any:
    started = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        operation = str(sql).lstrip("( \n")[:6].lower()
        QUERY_SECONDS.labels(operation if operation in _OPERATIONS else "other").observe(time.perf_counter() - started)


def _watch_connection(connection: BaseDatabaseWrapper, **_kwargs: Any) -> None:
    if _time_query not in connection.execute_wrappers:
        connection.execute_wrappers.append(_time_query)


def _count_exception(sender: Any, **_kwargs: Any) -> None:  # noqa: ARG001 - the signal passes it by name
    import sys

    kind = sys.exc_info()[0]
    EXCEPTIONS.labels(kind.__name__ if kind else "unknown").inc()


def install() -> None:
    """Begin to watch database connections and faults; may be called twice."""
    connection_created.connect(_watch_connection, dispatch_uid="core.metrics")
    got_request_exception.connect(_count_exception, dispatch_uid="core.metrics")
