"""``/api/config``, the schema, and files."""

from __future__ import annotations

from django.urls import include
from django.urls import path
from drf_spectacular.views import SpectacularAPIView
from drf_spectacular.views import SpectacularSwaggerSplitView

from core.api.views import ConfigView
from core.realtime.api import SyncView

urlpatterns = [
    path("config", ConfigView.as_view(), name="config"),
    path("sync", SyncView.as_view(), name="sync"),
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("", include("core.files.urls")),
]
