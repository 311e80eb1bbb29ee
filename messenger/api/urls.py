"""``/api/messenger``: a file for each kind of thing."""

from __future__ import annotations

from django.urls import include
from django.urls import path

urlpatterns = [
    path("messenger/", include("messenger.api.urls_conversations")),
    path("messenger/", include("messenger.api.urls_messages")),
    path("messenger/", include("messenger.api.urls_stories")),
]
