"""What Prometheus is told of agents. Labels are words of ours, never addresses, names or ids."""

from __future__ import annotations

from prometheus_client import Counter
from prometheus_client import Gauge
from prometheus_client import Histogram

RUNS = Counter("kintsugi_agent_runs_total", "Runs that ended, by how.", ["state", "reason"])
STEP_SECONDS = Histogram(
    "kintsugi_agent_step_duration_seconds",
    "Answers of models and calls of functions.",
    ["kind"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120),
)
CALLS = Counter("kintsugi_agent_calls_total", "Calls of functions, by how they ended.", ["type", "outcome"])
UNKNOWN_CALLS = Counter("kintsugi_agent_unknown_calls_total", "Calls of which nobody knows whether they were done.")
WAITING = Gauge("kintsugi_agent_runs_waiting", "Runs that wait for a person, as the database has them.")
RESUMED = Counter("kintsugi_agent_runs_resumed_total", "Runs that were taken over from a process that is gone.")
RUNNING = Gauge("kintsugi_agent_runs_running", "Runs of this process.")
