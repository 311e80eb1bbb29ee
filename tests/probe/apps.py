from __future__ import annotations

from core import modules


class ProbeConfig(modules.ModuleConfig):
    name = "tests.probe"
    label = "probe"
    beat_schedule = {"probe": {"task": "tests.probe.tasks.leave_a_trace", "schedule": 1.0}}
