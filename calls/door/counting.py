"""What passes the doors, counted."""

from __future__ import annotations

from prometheus_client import Counter
from prometheus_client import Gauge

FRAMES = Counter("kintsugi_call_door_frames_total", "Frames at the doors of Janus, by kind.", ["kind"])
OPEN = Gauge("kintsugi_call_doors", "Doors of Janus that are open in this process.")
