"""The project itself: pages and whatever belongs to no single app."""

from __future__ import annotations

from core import modules


class ProjectConfig(modules.ModuleConfig):
    name = "kintsugi"
    is_product = False
    site_urls = "kintsugi.pages_urls"

    def ready(self) -> None:
        from kintsugi import checks  # noqa: F401 - registers them
