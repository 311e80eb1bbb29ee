"""What the operators' dashboards know of the models; served with everything else of the default registry."""

from __future__ import annotations

from prometheus_client import Counter
from prometheus_client import Histogram

REQUESTS = Counter("llm_requests_total", "Generations by provider and how they ended.", ["provider", "outcome"])
FIRST_BYTE = Histogram(
    "llm_time_to_first_delta_seconds",
    "From the request to the first delta of the answer.",
    ["provider"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60),
)
ODD_FRAMES = Counter("llm_odd_frames_total", "Frames that could not be read and were skipped.", ["protocol"])
HEARD = Counter("llm_heard_total", "What a provider's own words changed in our requests.", ["provider", "what"])
TOOLS = Counter("llm_tool_calls_total", "Calls of tools that models asked for.", ["provider"])
