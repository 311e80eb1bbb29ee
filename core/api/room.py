"""What every API has: the configuration, the schema, health and figures."""

from __future__ import annotations

from core.modules import Room


class Api(Room):
    api_urls = "core.api.urls"
    rate_limits = {"user": (600, 60), "anonymous": (100, 60)}
    site_urls = "core.api.site_urls"
