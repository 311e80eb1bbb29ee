"""Outside of the API: notifications of payment providers, and the demo's pages."""

from __future__ import annotations

from django.urls import path

from billing.site_views import demo
from billing.site_views import webhooks

urlpatterns = [
    path("webhook/stripe", webhooks.stripe, name="webhook-stripe"),
    path("billing/demo/checkout/<str:ticket>", demo.checkout, name="billing-demo-checkout"),
    path("billing/demo/portal/<str:ticket>", demo.portal, name="billing-demo-portal"),
]
