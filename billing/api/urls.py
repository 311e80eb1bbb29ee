"""``/api/subscription…``"""

from __future__ import annotations

from django.urls import path

from billing.api import views

urlpatterns = [
    path("subscription", views.SubscriptionView.as_view(), name="subscription"),
    path("subscription/plans", views.PlansView.as_view(), name="subscription-plans"),
    path("subscription/usage", views.UsageView.as_view(), name="subscription-usage"),
]
