"""Payments, and whom a payment provider knows."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F
from django.db.models import Q

from billing.models.bases import OwnedQuerySet
from billing.models.orders import reference_of
from core.models import TimestampedModel


class BillingCustomer(TimestampedModel):
    """A user as the payment provider knows them.

    ``reads`` and ``applied`` order what is read there: see :mod:`billing.payments.sync`.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    provider = models.CharField(max_length=10)
    mode = models.CharField(
        max_length=10, blank=True, default="", db_default="", help_text="The provider's world: test or live"
    )
    customer_id = models.CharField(max_length=255, unique=True)
    reads = models.BigIntegerField(default=0)
    applied = models.BigIntegerField(default=0)
    synced_at = models.DateTimeField(null=True, blank=True, db_index=True)
    sync_error = models.CharField(max_length=500, blank=True)
    renewing = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Subscriptions that will be charged again, as last read"
    )
    checkout_id = models.CharField(
        max_length=255, blank=True, default="", db_default="", help_text="The page that is open for a plan"
    )
    checkout_price = models.CharField(max_length=255, blank=True, default="", db_default="")
    checkouts = models.PositiveIntegerField(default=0, db_default=0, help_text="Pages that were opened for plans")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        db_table = "billing_customers"

    def __str__(self) -> str:
        return f"{self.user_id}: {self.customer_id}"


class Payment(TimestampedModel):
    """One payment: of an invoice, or on its own. It outlives its user, under an id that names nobody."""

    class Status(models.TextChoices):
        PENDING = "pending"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELED = "canceled"
        PARTIALLY_REFUNDED = "partially_refunded"
        REFUNDED = "refunded"
        DISPUTED = "disputed"

    class Purpose(models.TextChoices):
        SUBSCRIPTION = "subscription"
        DOCUMENT = "document"
        ORDER = "order"
        OTHER = "other"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    provider = models.CharField(max_length=10)
    provider_id = models.CharField(max_length=255, unique=True, help_text="Of the invoice, or of the payment intent")
    intent_id = models.CharField(max_length=255, blank=True, db_index=True)
    customer_id = models.CharField(max_length=255, blank=True)
    subscription_id = models.CharField(max_length=255, blank=True, help_text="The provider's")
    amount = models.BigIntegerField(help_text="In the smallest unit of the currency")
    refunded_amount = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.PENDING)
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    tier = models.CharField(max_length=20, blank=True)
    period_end = models.DateTimeField(null=True, blank=True)
    invoice_url = models.CharField(max_length=2000, blank=True)
    document_id = models.UUIDField(null=True, blank=True)
    order = models.ForeignKey(
        "billing.Order", on_delete=models.PROTECT, null=True, blank=True, related_name="payments", help_text="It pays"
    )
    request_key = models.CharField(max_length=255, null=True, blank=True, help_text="The client's Idempotency-Key")
    paid_at = models.DateTimeField(null=True, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        db_table = "payments"
        indexes: ClassVar = [
            models.Index(fields=["user", "-id"], name="payments_user"),
            models.Index(fields=["status", "paid_at"], name="payments_status_time"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "request_key"], name="payments_request_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="payments_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(refunded_amount__gte=0, refunded_amount__lte=F("amount")), name="payments_refund_fits"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id}: {self.amount} {self.currency} {self.status}"

    @property
    def reference(self) -> str:
        """What it pays for: the reference of an order, otherwise empty."""
        return reference_of(self.order_id) if self.order_id else ""

    @property
    def plan(self) -> str | None:
        """The plan it pays for."""
        return self.tier or None


class DemoObject(models.Model):
    """What the demo provider would keep on its own servers: customers, subscriptions, invoices, payments.

    A table, as every process must see it. Only :mod:`billing.providers.demo` reads it; all else goes through the
    provider's interface, as with a real one.
    """

    id = models.CharField(primary_key=True, max_length=255)
    kind = models.CharField(max_length=20)
    customer_id = models.CharField(max_length=255, db_index=True)
    data = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "billing_demo_objects"

    def __str__(self) -> str:
        return self.id
