"""Customers, payments and orders, and what providers tell."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.staff_actions import ReadOnlyStaffAdmin
from billing.admin.actions import REFUND
from billing.admin.actions import REFUND_ORDER
from billing.admin.actions import TIERS
from billing.models import BillingCustomer
from billing.models import DemoObject
from billing.models import Order
from billing.models import OrderPart
from billing.models import Payment
from billing.models import Quote
from billing.models import Refund
from billing.models import WebhookEvent
from billing.money import as_text
from core.admin_base import ReadOnlyAdmin
from core.admin_base import known_values

_PROVIDERS = [(name, name) for name in ("stripe", "demo")]
_DEMO_KINDS = ("customer", "checkout", "subscription", "invoice", "intent")


@admin.register(BillingCustomer)
class BillingCustomerAdmin(ReadOnlyAdmin):
    list_display = ("user", "customer_id", "provider", "synced_at", "sync_error")
    list_filter = (known_values("provider", _PROVIDERS),)
    list_select_related = ("user",)
    search_exact = ("pk", "customer_id")
    search_people = ("user",)
    search_help_text = "The beginning of a user name or address, or the provider's whole id of a customer"


@admin.register(Payment)
class PaymentAdmin(ReadOnlyStaffAdmin):
    """The owner may be gone, so rows are not joined with users."""

    list_display = (
        "provider_id", "user_id", "status", "money", "refunded_amount", "purpose", "tier", "created_at", "paid_at",
    )  # fmt: skip
    list_filter = ("status", "purpose", known_values("provider", _PROVIDERS), known_values("tier", TIERS))
    search_exact = ("pk", "provider_id", "intent_id")
    search_people = ("user",)
    search_help_text = "A whole id, also one of Stripe's; the beginning of a user name or address, or a user's id"
    staff_actions = (REFUND,)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Also by the provider's id of the customer, through its unique index."""
        known = BillingCustomer.objects.filter(customer_id=search_term.strip()).first() if search_term else None
        if known:
            return queryset.filter(user_id=known.user_id), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="amount")
    def money(self, payment: Payment) -> str:
        return f"{payment.amount} {payment.currency} (smallest units)"


@admin.register(Order)
class OrderAdmin(ReadOnlyStaffAdmin):
    """The owner may be gone, so rows are not joined with users."""

    list_display = (
        "id", "user_id", "quote", "state", "money", "delivered", "units", "rest", "refunded", "created_at", "paid_at",
    )  # fmt: skip
    list_filter = ("state",)
    list_select_related = ("quote",)
    search_exact = ("pk", "checkout_id", "quote__reference")
    search_people = ("user",)
    search_help_text = "A whole id, also of what it is about; the beginning of a user name or address"
    staff_actions = (REFUND_ORDER,)

    @admin.display(description="amount")
    def money(self, order: Order) -> str:
        return as_text(order.amount, order.currency)


@admin.register(Quote)
class QuoteAdmin(ReadOnlyAdmin):
    list_display = ("id", "user_id", "feature", "reference", "title", "amount", "currency", "tokens", "valid_until")
    list_filter = ("valid_until",)
    search_exact = ("pk", "reference", "digest")
    search_people = ("user",)
    search_help_text = "A whole id, reference or digest, or the beginning of a user name or address"


@admin.register(OrderPart)
class OrderPartAdmin(ReadOnlyAdmin):
    is_internal = True
    list_display = ("order_id", "key", "units", "delivered_at")
    list_filter = ("delivered_at",)
    search_exact = ("pk", "order__pk", "key")
    search_help_text = "A whole id of a part or an order, or a whole key"


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    list_display = ("key", "order_id", "payment_id", "amount", "state", "reason", "asked_at", "made_at")
    list_filter = ("state",)
    search_exact = ("pk", "key", "order__pk", "payment__pk")
    search_help_text = "A whole id of a refund, an order or a payment, or a whole key"


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin):
    is_internal = True
    list_display = ("event_id", "type", "customer_id", "state", "attempts", "error", "received_at")
    list_filter = ("state", known_values("provider", _PROVIDERS))
    search_exact = ("pk", "event_id", "customer_id")
    search_help_text = "The provider's whole id of an event or a customer"


@admin.register(DemoObject)
class DemoObjectAdmin(ReadOnlyAdmin):
    """What the demo would keep on servers of its own."""

    is_internal = True
    list_display = ("id", "kind", "customer_id", "created_at")
    list_filter = (known_values("kind", [(kind, kind) for kind in _DEMO_KINDS]),)
    search_exact = ("pk", "customer_id")
    search_help_text = "The whole id of an object or a customer"
