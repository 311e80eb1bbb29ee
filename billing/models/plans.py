"""The plan of a user, and what was given on top of it."""

from __future__ import annotations

from datetime import datetime
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from billing.models.bases import Ledger
from billing.models.bases import LedgerQuerySet
from billing.models.bases import OwnedQuerySet
from core.ids import uuid7
from core.models import TimestampedModel


class Subscription(TimestampedModel):
    """The plan of a user; without a row it is basic and active."""

    class Status(models.TextChoices):
        ACTIVE = "active"
        CANCELED = "canceled"
        PAST_DUE = "past_due"
        UNPAID = "unpaid"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    tier = models.CharField(max_length=20)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    current_period_start = models.DateTimeField(null=True, blank=True)
    current_period_end = models.DateTimeField(null=True, blank=True)
    cancel_at_period_end = models.BooleanField(default=False)
    # What follows is a snapshot of the provider's subscription, empty for a plan given by staff.
    stripe_subscription_id = models.CharField(max_length=255, null=True, blank=True, unique=True)
    provider = models.CharField(max_length=10, blank=True)
    price_id = models.CharField(max_length=255, blank=True)
    pending_plan = models.CharField(max_length=20, blank=True, help_text="The plan from the next period on")
    past_due_since = models.DateTimeField(null=True, blank=True)
    revoked_until = models.DateTimeField(
        null=True, blank=True, help_text="The payment of the period that ends then was refunded or disputed"
    )

    objects = OwnedQuerySet.as_manager()

    class Meta:
        db_table = "subscriptions"
        indexes: ClassVar = [
            models.Index(fields=["past_due_since"], condition=Q(status="past_due"), name="subscriptions_past_due"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.tier} ({self.status})"

    @property
    def effective_tier(self) -> str:
        """What the user may use: a plan that is overdue stays through its grace period, a lost one is basic."""
        return self.tier_at(timezone.now())

    def tier_at(self, now: datetime) -> str:
        """What the user may use at a moment."""
        overdue = self.grace_ends_at is not None and self.grace_ends_at <= now
        revoked = self.revoked_until is not None and self.revoked_until > now
        lost = self.status not in {self.Status.ACTIVE, self.Status.PAST_DUE}
        return settings.TIERS[0] if lost or overdue or revoked else self.tier

    @property
    def grace_ends_at(self) -> datetime | None:
        """While it is overdue: when the plan is lost unless it is paid."""
        if self.status != self.Status.PAST_DUE or self.past_due_since is None:
            return None
        grace: timedelta = settings.PAYMENT_GRACE
        return self.past_due_since + grace

    @property
    def next_tier(self) -> str | None:
        """The plan from the next period on, where it differs."""
        return self.pending_plan or None

    @property
    def is_managed(self) -> bool:
        """Whether it lives at the payment provider, where it can be changed."""
        return bool(self.stripe_subscription_id) and self.status != self.Status.CANCELED


class Grant(Ledger):
    """The ledger of what payments and staff gave and took: append-only, each row once under its key.

    A ``period`` opens the paid period of an invoice's line; ``tokens`` are added to, or by a claw-back taken from, the
    user's bonus.
    """

    class Kind(models.TextChoices):
        PERIOD = "period"
        TOKENS = "tokens"
        CLAW_BACK = "claw_back"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(max_length=255, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    tokens = models.BigIntegerField(default=0, help_text="Moved; negative when taken")
    asked = models.BigIntegerField(default=0, help_text="Of a claw-back: what should have been taken")
    tier = models.CharField(max_length=20, blank=True)
    invoice_id = models.CharField(max_length=255, blank=True)
    line_id = models.CharField(max_length=255, blank=True)
    period_start = models.DateTimeField(null=True, blank=True)
    period_end = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()

    objects = LedgerQuerySet.as_manager()

    class Meta:
        db_table = "billing_grants"
        indexes: ClassVar = [models.Index(fields=["user", "created_at"], name="billing_grants_user_time")]

    def __str__(self) -> str:
        return f"{self.key}: {self.kind} {self.tokens}"
