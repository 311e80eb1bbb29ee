"""Routes of the server's own pages."""

from __future__ import annotations

from django.urls import path

from kintsugi import pages

urlpatterns = [
    path("", pages.landing, name="landing"),
    path("pricing", pages.pricing, name="pricing"),
    path("language/<slug:code>", pages.choose_language, name="language"),
    path("app", pages.client_shell, name="client"),
    path("app/<path:path>", pages.client_shell),
]
