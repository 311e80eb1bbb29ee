"""Routes of the server's own pages."""

from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from kintsugi import pages
from kintsugi import pwa

urlpatterns = [
    path("", pages.landing, name="landing"),
    path("pricing", pages.pricing, name="pricing"),
    path("language/<slug:code>", pages.choose_language, name="language"),
    # Where password managers send people: https://w3c.github.io/webappsec-change-password-url/
    path(".well-known/change-password", RedirectView.as_view(url="/app/settings"), name="change-password"),
    path("manifest.webmanifest", pwa.manifest, name="manifest"),
    path("sw.js", pwa.worker, name="worker"),
    path("app/share", pages.shared),
    path("app", pages.client_shell, name="client"),
    path("app/<path:path>", pages.client_shell),
]
