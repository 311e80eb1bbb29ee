"""The ground floor: knows no product."""

from __future__ import annotations

from core import modules


class CoreConfig(modules.ModuleConfig):
    name = "core"
    api_urls = "core.api.urls"
    site_urls = "core.observability.urls"
    is_product = False
