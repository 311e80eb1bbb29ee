"""The ground floor: knows no product."""

from __future__ import annotations

from core import modules
from core import observability


class CoreConfig(modules.ModuleConfig):
    name = "core"
    api_urls = "core.api.urls"
    site_urls = "core.observability.urls"
    beat_schedule = {
        "sweep-files": {"task": "core.sweep_files", "schedule": 900.0},
    }
    is_product = False

    def ready(self) -> None:
        """Begin to observe."""
        observability.install()
