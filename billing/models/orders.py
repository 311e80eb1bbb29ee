"""What is sold for money by the piece: quotes, orders, the parts that were delivered, and what is given back."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from typing import ClassVar
from typing import Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F
from django.db.models import Q

from billing.models.bases import OwnedQuerySet
from core.bases import TimestampedModel
from core.ids import uuid7

_PREFIX = "order:"


def reference_of(order_id: UUID) -> str:
    """The name of an order in the ledger, in signals and at the provider; what ``funded_by`` takes."""
    return f"{_PREFIX}{order_id}"


class Quote(models.Model):
    """What a piece of work would cost, written once and never changed (a trigger sees to it too).

    Whoever agrees names the ``digest``, so nobody pays for what they have not seen. ``units`` is in how many equal
    shares it is delivered; ``lines`` is a list of ``{"unit", "count", "billed", "price"}``, prices as decimals in text.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    feature = models.CharField(max_length=40)
    reference = models.CharField(max_length=200, help_text="What it is about, as the feature names it")
    title = models.CharField(max_length=200, help_text="As it is called on the page where it is paid")
    lines = models.JSONField(default=list)
    units = models.PositiveIntegerField()
    tokens = models.BigIntegerField(default=0)
    amount = models.BigIntegerField(help_text="In the smallest unit of the currency")
    currency = models.CharField(max_length=3)
    digest = models.CharField(max_length=64)
    valid_until = models.DateTimeField(db_index=True)
    created_at = models.DateTimeField()

    objects = OwnedQuerySet.as_manager()

    class Meta:
        db_table = "billing_quotes"
        indexes: ClassVar = [models.Index(fields=["user", "-id"], name="billing_quotes_user")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["feature", "reference", "digest"], name="billing_quotes_once"),
            models.CheckConstraint(condition=Q(amount__gte=0, tokens__gte=0), name="billing_quotes_not_negative"),
            models.CheckConstraint(condition=Q(units__gte=1), name="billing_quotes_units"),
        ]

    def __str__(self) -> str:
        return f"{self.feature} {self.reference}: {self.amount} {self.currency}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("A quote is not changed.")
        super().save(*args, **kwargs)


class OrderQuerySet(OwnedQuerySet):
    """Orders, also by the reference that other apps and the ledger know them by."""

    def named(self, reference: str) -> Self:
        """The order of a :attr:`Order.reference`; none for anything else."""
        try:
            return self.filter(pk=UUID(reference.removeprefix(_PREFIX)))
        except ValueError:
            return self.none()


class Order(TimestampedModel):
    """A quote somebody agreed to: open → paid → done or refunded, or open → cancelled.

    ``done``: all of it was delivered. ``refunded``: it ended before, and ``rest`` is what goes back; ``refunded`` is
    what has gone back, as far as the provider said.
    """

    class State(models.TextChoices):
        OPEN = "open"
        PAID = "paid"
        DONE = "done"
        REFUNDED = "refunded"
        CANCELLED = "cancelled"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    quote = models.OneToOneField(Quote, on_delete=models.PROTECT, related_name="order")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    payment = models.OneToOneField(
        "billing.Payment", on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="That paid it"
    )
    amount = models.BigIntegerField(help_text="In the smallest unit of the currency")
    currency = models.CharField(max_length=3)
    units = models.PositiveIntegerField()
    delivered = models.PositiveIntegerField(default=0, help_text="Units")
    rest = models.BigIntegerField(default=0, help_text="What goes back for units that were not delivered")
    refunded = models.BigIntegerField(default=0, help_text="What has gone back")
    provider = models.CharField(max_length=10, blank=True, help_text="Of the page on which it is paid")
    checkout_id = models.CharField(max_length=255, blank=True)
    checkouts = models.PositiveIntegerField(default=0, help_text="Pages that were opened for it")
    paid_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        db_table = "billing_orders"
        indexes: ClassVar = [
            models.Index(fields=["user", "-id"], name="billing_orders_user"),
            models.Index(fields=["created_at"], condition=Q(state="open"), name="billing_orders_open"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(delivered__lte=F("units")), name="billing_orders_delivered_fits"),
            models.CheckConstraint(
                condition=Q(rest__gte=0, rest__lte=F("amount"), refunded__gte=0, refunded__lte=F("amount")),
                name="billing_orders_refund_fits",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "cancelled"]) | Q(payment__isnull=False), name="billing_orders_paid_by"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.amount} {self.currency} {self.state}"

    @property
    def reference(self) -> str:
        """See :func:`reference_of`."""
        return reference_of(self.pk)

    @property
    def earned(self) -> int:
        """The price of what was delivered, rounded in favour of who paid."""
        return int(self.amount * self.delivered // self.units)

    @property
    def expires_at(self) -> datetime:
        """Until when it can be paid."""
        until: datetime = self.quote.valid_until
        return until


class OrderPart(models.Model):
    """A part of an order that was delivered: at most once under its key."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="parts", db_index=False)
    key = models.CharField(max_length=200)
    units = models.PositiveIntegerField()
    delivered_at = models.DateTimeField()

    class Meta:
        db_table = "billing_order_parts"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "key"], name="billing_order_parts_once"),
            models.CheckConstraint(condition=Q(units__gte=1), name="billing_order_parts_units"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.key}"


class Refund(models.Model):
    """Money that is to go back, noted down before the provider is asked, once under its key."""

    class State(models.TextChoices):
        ASKED = "asked"
        MADE = "made"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(max_length=200, unique=True, help_text="Also the provider's idempotency key")
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, null=True, blank=True, related_name="refunds", help_text="None: of a plan"
    )
    payment = models.ForeignKey("billing.Payment", on_delete=models.PROTECT, related_name="+")
    amount = models.BigIntegerField(help_text="In the smallest unit of the currency")
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    reason = models.CharField(max_length=500, blank=True)
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "billing_refunds"
        indexes: ClassVar = [
            models.Index(fields=["asked_at"], condition=Q(state="asked"), name="billing_refunds_asked"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_refunds_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.amount} {self.state}"
