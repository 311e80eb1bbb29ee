"""What Prometheus is told of calls. Labels are words of ours, never addresses, names or ids."""

from __future__ import annotations

from prometheus_client import Counter
from prometheus_client import Gauge
from prometheus_client import Histogram

CALLS = Counter("kintsugi_calls_total", "Calls that ended, by how.", ["type", "reason"])
LIVE = Gauge("kintsugi_calls_live", "Calls that ring or run, as the database has them.")
SETUP_SECONDS = Histogram(
    "kintsugi_call_setup_seconds",
    "From the answer until people hear each other.",
    buckets=(0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60),
)
P2P_FAILURES = Counter("kintsugi_call_p2p_failures_total", "Ways from device to device that failed.", ["reason"])
FALLBACKS = Counter("kintsugi_call_fallbacks_total", "Moves to a media server.", ["provider", "outcome"])
DIFFERENCES = Counter(
    "kintsugi_call_minute_differences_total", "Calls of which a media server measured something else than we did."
)
MINUTES = Counter("kintsugi_call_minutes_total", "Minutes in which two or more heard each other.", ["transport"])
LOSS = Histogram(
    "kintsugi_call_loss", "Share of packets that were lost, as devices report.", buckets=(0, 0.01, 0.02, 0.05, 0.1, 0.3)
)
RTT_SECONDS = Histogram(
    "kintsugi_call_rtt_seconds",
    "Round trips, as devices report.",
    buckets=(0.01, 0.03, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6),
)
