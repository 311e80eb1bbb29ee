"""What streams and sockets bring to the project."""

from __future__ import annotations

from core.modules import Room
from core.realtime import control
from core.realtime import routes
from core.realtime.presence import tracker


class Realtime(Room):
    api_urls = "core.realtime.urls"
    dashboard = ("core.realtime.panels.Outbox",)
    rate_limits = {
        # Many people may sit behind one address, and all come back at once after a restart.
        "socket": (3000, 60),
    }
    socket_events = "core.realtime.presence_events"
    personal_data = "core.realtime.holdings"

    def start(self) -> None:
        routes.table()  # a route that leads nowhere stops the start, not the first client

    def stop(self) -> None:
        control.drain()
        tracker.hand_over()
