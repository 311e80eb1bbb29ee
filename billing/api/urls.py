"""``/api/subscription…``, ``/api/payment/…``, ``/api/orders…``, and what staff ask of billing."""

from __future__ import annotations

from django.urls import path

from billing.api import order_views
from billing.api import payment_views
from billing.api import staff
from billing.api import views

urlpatterns = [
    path("subscription", views.SubscriptionView.as_view(), name="subscription"),
    path("subscription/plans", views.PlansView.as_view(), name="subscription-plans"),
    path("subscription/usage", views.UsageView.as_view(), name="subscription-usage"),
    path("subscription/checkout", payment_views.CheckoutView.as_view(), name="subscription-checkout"),
    path(
        "subscription/checkout/<str:session_id>",
        payment_views.CheckoutStateView.as_view(),
        name="subscription-checkout-state",
    ),
    path("subscription/portal", payment_views.PortalView.as_view(), name="subscription-portal"),
    path("subscription/change", payment_views.ChangeView.as_view(), name="subscription-change"),
    path("subscription/change/price", payment_views.ChangePriceView.as_view(), name="subscription-change-price"),
    path("subscription/cancel", payment_views.CancelView.as_view(), name="subscription-cancel"),
    path("subscription/resume", payment_views.ResumeView.as_view(), name="subscription-resume"),
    path("subscription/payments", payment_views.SubscriptionPaymentsView.as_view(), name="subscription-payments"),
    path("payment/create-intent", payment_views.IntentView.as_view(), name="payment-create-intent"),
    path("payment/history", payment_views.HistoryView.as_view(), name="payment-history"),
    path("payment/<uuid:payment_id>", payment_views.PaymentView.as_view(), name="payment"),
    path("orders", order_views.OrdersView.as_view(), name="orders"),
    path("orders/<uuid:order_id>", order_views.OrderView.as_view(), name="order"),
    path("orders/<uuid:order_id>/pay", order_views.OrderPayView.as_view(), name="order-pay"),
    path("orders/<uuid:order_id>/cancel", order_views.OrderCancelView.as_view(), name="order-cancel"),
    path("admin/costs", staff.CostsView.as_view(), name="admin-costs"),
    path("admin/payments/export", staff.PaymentsExportView.as_view(), name="admin-payments-export"),
]
