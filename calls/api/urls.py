"""``/api/calls``"""

from __future__ import annotations

from django.urls import path

from calls.api import history_views
from calls.api import views

_CALL = "calls/<uuid:call_id>"

urlpatterns = [
    path("calls", history_views.CallsView.as_view(), name="calls"),
    path("calls/live", history_views.LiveView.as_view(), name="calls-live"),
    path("calls/missed", history_views.MissedView.as_view(), name="calls-missed"),
    path("calls/seen", history_views.SeenView.as_view(), name="calls-seen"),
    path("calls/settings", history_views.SettingsView.as_view(), name="call-settings"),
    path("calls/initiate", views.InitiateView.as_view(), name="call-initiate"),
    path("calls/ice-servers", views.IceServersView.as_view(), name="call-ice-servers"),
    path("calls/hms-token", views.HmsTokenView.as_view(), name="call-hms-token"),
    path(f"{_CALL}/status", history_views.StatusView.as_view(), name="call-status"),
    path(f"{_CALL}/answer", views.AnswerView.as_view(), name="call-answer"),
    path(f"{_CALL}/reject", views.RejectView.as_view(), name="call-reject"),
    path(f"{_CALL}/end", views.EndView.as_view(), name="call-end"),
    path(f"{_CALL}/beat", views.BeatView.as_view(), name="call-beat"),
    path(f"{_CALL}/sfu", views.PassView.as_view(), name="call-sfu"),
    path(f"{_CALL}/100ms", views.HmsPassView.as_view(), name="call-100ms"),
    path(f"{_CALL}/sponsor", views.SponsorView.as_view(), name="call-sponsor"),
]
