"""``/health``, ``/ready``, ``/metrics``."""

from __future__ import annotations

from django.urls import path

from core.api import health

urlpatterns = [
    path("health", health.health, name="health"),
    path("ready", health.ready, name="ready"),
    path("metrics", health.metrics, name="metrics"),
]
