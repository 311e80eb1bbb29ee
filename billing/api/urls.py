"""``/api/subscription…``, and what staff ask of billing."""

from __future__ import annotations

from django.urls import path

from billing.api import staff
from billing.api import views

urlpatterns = [
    path("subscription", views.SubscriptionView.as_view(), name="subscription"),
    path("subscription/plans", views.PlansView.as_view(), name="subscription-plans"),
    path("subscription/usage", views.UsageView.as_view(), name="subscription-usage"),
    path("admin/costs", staff.CostsView.as_view(), name="admin-costs"),
    path("admin/payments/export", staff.PaymentsExportView.as_view(), name="admin-payments-export"),
]
