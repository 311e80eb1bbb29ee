"""All routes: what the installed modules offer, the schema, the admin."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern
from django.urls import URLResolver
from django.urls import include
from django.urls import path
from django.views.generic import RedirectView

from core import modules

_api = modules.api_urlpatterns()

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include(_api)),
    # The versioned alias; left out of the schema, where every operation would stand twice.
    path("api/v1/", include((_api, "api"), namespace="v1")),
    *modules.site_urlpatterns(),
    path("admin/", admin.site.urls),
    # Browsers ask for it on pages that name no icon: the admin, JSON.
    path("favicon.ico", RedirectView.as_view(url=f"{settings.STATIC_URL}icon.svg")),
]

handler404 = "core.api.handler.not_found"
handler500 = "core.api.handler.server_error"
handler403 = "core.api.handler.forbidden"
handler400 = "core.api.handler.bad_request"
