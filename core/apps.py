"""The ground floor: knows no product."""

from __future__ import annotations

from typing import Any

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
        """Register the checks of the model catalogue and begin to observe."""
        from core.llm import checks  # noqa: F401 - importing registers them

        observability.install()

    def client_config(self) -> dict[str, Any]:
        from core import llm

        real = [{"name": p.name, "label": p.label, "real": p.real} for p in llm.providers()]
        return {"providers": {"llm": real}}

    def start(self) -> None:
        from core.llm import catalogue
        from core.llm import discovery

        discovery.search()
        catalogue.listed()
