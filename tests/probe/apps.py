"""An app only tests install; what it does leaves traces.

Its task, started by beat every second, leaves the file ``trace``; ``serve`` notes its steps in the file ``serve``, and
fails once where PROBE_SERVE says so. Its sockets and commands are in ``sockets.py`` and ``commands.py``.
"""

from __future__ import annotations

import asyncio
import os

from django.conf import settings

from core import modules


class ProbeConfig(modules.ModuleConfig):
    name = "tests.probe"
    label = "probe"
    file_purposes = "tests.probe.files"
    beat_schedule = {"probe": {"task": "tests.probe.tasks.leave_a_trace", "schedule": 1.0}}
    socket_events = "tests.probe.events"
    socket_commands = "tests.probe.commands"
    socket_routes = {
        "api/probe/<slug:word>/ws": "tests.probe.sockets.signed_in",
        "probe/": "tests.probe.sockets.by_ticket",
    }

    _has_failed = False

    def start(self) -> None:
        """Put a job into every queue."""
        from core.jobs import enqueue
        from tests.probe.jobs import mark_kind

        for queue in settings.JOB_QUEUES:
            enqueue(mark_kind(queue), payload={})

    async def serve(self) -> None:
        """Stay, and take a moment to end."""
        if os.environ.get("PROBE_SERVE") == "fails once" and not self._has_failed:
            self._has_failed = True
            self._note("failing")
            raise RuntimeError("the probe fails once")
        self._note("running")
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.05)
            self._note("ended")

    def _note(self, step: str) -> None:
        with (settings.VAR_DIR / "serve").open("a") as notes:
            notes.write(f"{os.getpid()} {step}\n")
