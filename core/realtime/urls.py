"""``/api/sync``: the streams without a socket."""

from __future__ import annotations

from django.urls import path

from core.realtime.api import SyncView

urlpatterns = [path("sync", SyncView.as_view(), name="sync")]
