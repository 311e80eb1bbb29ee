"""Outside of the API: where a media server's vendor calls."""

from __future__ import annotations

from django.urls import path

from calls.api import webhooks

urlpatterns = [path("webhook/hms", webhooks.hms, name="webhook-hms")]
