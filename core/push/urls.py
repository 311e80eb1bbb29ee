"""``/api/push…``"""

from __future__ import annotations

from django.urls import path

from core.push import views

urlpatterns = [
    path("push/key", views.KeyView.as_view(), name="push-key"),
    path("push/preferences", views.PreferencesView.as_view(), name="push-preferences"),
    path("push/subscriptions", views.DevicesView.as_view(), name="push-subscriptions"),
    path("push/subscriptions/<uuid:subscription_id>", views.DeviceView.as_view(), name="push-subscription"),
    path("push/subscriptions/<uuid:subscription_id>/test", views.TrialView.as_view(), name="push-trial"),
]
