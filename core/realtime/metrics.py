"""Figures of the sockets' outbound side."""

from __future__ import annotations

from prometheus_client import Counter
from prometheus_client import Gauge

SOCKETS = Gauge("kintsugi_sockets", "Sockets attached to the hub of this process.")
STREAMS = Gauge("kintsugi_socket_streams", "Streams this process listens to.")
DELIVERED = Counter("kintsugi_socket_events_total", "Events queued for sockets, by kind.", ["kind"])
GAPS = Counter("kintsugi_stream_gaps_total", "Gaps in a stream that were read back from the database.")
TAILS = Counter("kintsugi_stream_tails_total", "Streams whose newest events the bus had not brought.")
OVERFLOWS = Counter("kintsugi_socket_overflows_total", "Sockets closed because their client was too slow.")
BUS_RECONNECTS = Counter("kintsugi_bus_reconnects_total", "Times the bus had to connect again.")
BUS_DROPPED = Counter("kintsugi_bus_dropped_total", "Events not handed to Redis; listeners find the durable ones.")
