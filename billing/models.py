"""Plans, quotas, holds and the ledger. How they move is in :mod:`billing.metering`."""

from __future__ import annotations

from datetime import datetime
from datetime import timedelta
from typing import Any
from typing import ClassVar
from typing import NoReturn
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from core.ids import uuid7
from core.models import TimestampedModel


class OwnedQuerySet(models.QuerySet[Any]):
    """Rows with a ``user``."""

    def visible_to(self, user: User) -> Self:
        """The user's own rows."""
        return self.filter(user_id=user.pk)


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


class TokenQuota(models.Model):
    """What a user may still spend in the running window; the only truth about it.

    ``window`` counts the user's windows and grows with every reset, the early ones by staff included. It names the
    ledger rows that make up ``tokens_used``; ``tokens_held`` is carried over from window to window with its holds.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    tier = models.CharField(max_length=20)
    tokens_used = models.BigIntegerField(default=0)
    tokens_held = models.BigIntegerField(default=0)
    tokens_limit = models.BigIntegerField(help_text="-1: without limit")
    tokens_bonus = models.BigIntegerField(default=0, help_text="Granted on top; used once the limit is, kept till then")
    window = models.BigIntegerField(default=1)
    reset_at = models.DateTimeField(db_index=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        db_table = "token_usage"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(tokens_used__gte=0), name="token_usage_used_not_negative"),
            models.CheckConstraint(condition=Q(tokens_held__gte=0), name="token_usage_held_not_negative"),
            models.CheckConstraint(condition=Q(tokens_limit__gte=-1), name="token_usage_limit_known"),
            models.CheckConstraint(condition=Q(tokens_bonus__gte=0), name="token_usage_bonus_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.tokens_used} + {self.tokens_held} of {self.tokens_limit}"


class TokenHold(models.Model):
    """Tokens set aside for one AI action, until it is settled exactly once.

    ``user`` has no constraint in the database: the money rows of a deleted user stay, under an id that names nobody.
    """

    class State(models.TextChoices):
        HELD = "held"
        SETTLED = "settled"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(max_length=200, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    amount = models.BigIntegerField()
    max_tokens = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.HELD)
    charged = models.BigIntegerField(default=0)
    progress_prompt = models.BigIntegerField(default=0)
    progress_completion = models.BigIntegerField(default=0)
    feature = models.CharField(max_length=40)
    model = models.CharField(max_length=200, blank=True)
    reference = models.CharField(max_length=200, blank=True)
    platform_day = models.DateField(null=True, blank=True, help_text="The day it counts for, if there was a limit")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    objects = OwnedQuerySet.as_manager()

    class Meta:
        db_table = "token_holds"
        indexes: ClassVar = [
            # The open holds are few. Their expiry is left out on purpose: progress moves it every second, and an
            # update that touches no index is far cheaper on PostgreSQL.
            models.Index(fields=["user"], condition=Q(state="held"), name="token_holds_open"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="token_holds_amount_not_negative"),
            models.CheckConstraint(condition=Q(charged__gte=0), name="token_holds_charged_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.amount} {self.state}"


class LedgerQuerySet(OwnedQuerySet):
    """Reads, and refuses to rewrite."""

    def update(self, **_kwargs: Any) -> NoReturn:
        raise TypeError("The ledger is append-only.")

    def delete(self) -> NoReturn:
        raise TypeError("The ledger is append-only.")


class UsageEntry(models.Model):
    """The ledger: one row for every settled hold, never changed afterwards (a trigger sees to it too)."""

    class Source(models.TextChoices):
        PROVIDER = "provider"
        LOCAL = "local"

    hold = models.OneToOneField(TokenHold, on_delete=models.PROTECT, primary_key=True, related_name="entry")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    feature = models.CharField(max_length=40)
    model = models.CharField(max_length=200, blank=True)
    prompt_tokens = models.BigIntegerField()
    completion_tokens = models.BigIntegerField()
    total_tokens = models.BigIntegerField()
    source = models.CharField(max_length=10, choices=Source.choices)
    reference = models.CharField(max_length=200, blank=True)
    overrun = models.BigIntegerField(default=0, help_text="Tokens used beyond the hold")
    window = models.BigIntegerField(help_text="The user's window that was open at settlement")
    created_at = models.DateTimeField(db_index=True)

    objects = LedgerQuerySet.as_manager()

    class Meta:
        db_table = "usage_entries"
        indexes: ClassVar = [
            models.Index(fields=["user", "created_at"], name="usage_entries_user_time"),
            models.Index(fields=["user", "window"], name="usage_entries_user_window"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(prompt_tokens__gte=0, completion_tokens__gte=0), name="usage_entries_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(total_tokens=F("prompt_tokens") + F("completion_tokens")), name="usage_entries_total"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.total_tokens} for {self.feature}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("The ledger is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TypeError("The ledger is append-only.")


class PlatformDay(models.Model):
    """The tokens of all users on one UTC day; counted only while ``DAILY_TOKEN_LIMIT`` is on.

    One row a day under one conditional update makes the limit exact. Every hold and settlement then waits for the
    row, so it is taken last in their transactions: the wait is one commit long. A sharded or ledger-derived count
    would scale further but let parallel holds pass the limit, which is the one thing the setting is for. A hold counts
    for the day it was made on, also when it is settled on the next.
    """

    day = models.DateField(primary_key=True)
    tokens_before = models.BigIntegerField(default=0, help_text="Settled that day before counting began")
    tokens_used = models.BigIntegerField(default=0)
    tokens_held = models.BigIntegerField(default=0)

    class Meta:
        db_table = "platform_days"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(tokens_used__gte=0, tokens_held__gte=0, tokens_before__gte=0),
                name="platform_days_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.tokens_before + self.tokens_used} + {self.tokens_held}"


class BillingCustomer(TimestampedModel):
    """A user as the payment provider knows them.

    ``reads`` and ``applied`` order what is read there: see :mod:`billing.payments.sync`.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    provider = models.CharField(max_length=10)
    customer_id = models.CharField(max_length=255, unique=True)
    reads = models.BigIntegerField(default=0)
    applied = models.BigIntegerField(default=0)
    synced_at = models.DateTimeField(null=True, blank=True, db_index=True)
    sync_error = models.CharField(max_length=500, blank=True)

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
    def plan(self) -> str | None:
        """The plan it pays for."""
        return self.tier or None


class WebhookEvent(models.Model):
    """Something the provider told us, stored before it is worked. Of its payload only the ids are kept."""

    class State(models.TextChoices):
        RECEIVED = "received"
        WORKING = "working"
        DONE = "done"
        IGNORED = "ignored"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.CharField(max_length=10)
    event_id = models.CharField(max_length=255, unique=True)
    type = models.CharField(max_length=100)
    customer_id = models.CharField(max_length=255, blank=True, db_index=True)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="When the sweeper takes it, unless it is done")

    class Meta:
        db_table = "webhook_events"
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"], condition=Q(state__in=["received", "working", "failed"]), name="webhook_events_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id}: {self.type} ({self.state})"


class Grant(models.Model):
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

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("The ledger is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TypeError("The ledger is append-only.")


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
