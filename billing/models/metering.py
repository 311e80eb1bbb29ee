"""Quotas, holds and the ledger of tokens. How they move is in :mod:`billing.metering`."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F
from django.db.models import Q

from billing.models.bases import Hold
from billing.models.bases import Ledger
from billing.models.bases import LedgerQuerySet
from billing.models.bases import OwnedQuerySet


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


class TokenHold(Hold):
    """Tokens set aside for one AI action."""

    max_tokens = models.BigIntegerField()
    progress_prompt = models.BigIntegerField(default=0)
    progress_completion = models.BigIntegerField(default=0)
    feature = models.CharField(max_length=40)
    model = models.CharField(max_length=200, blank=True)
    reference = models.CharField(max_length=200, blank=True)
    takes_quota = models.BooleanField(
        default=True, db_default=True, help_text="False: recorded, and paid for in another way than by tokens"
    )
    platform_day = models.DateField(null=True, blank=True, help_text="The day it counts for, if there was a limit")
    funded_by = models.CharField(
        max_length=200, blank=True, default="", db_default="", help_text="The order that paid; then no window does"
    )
    effort = models.CharField(max_length=10, blank=True, default="", db_default="")
    micros = models.BigIntegerField(
        default=0, db_default=0, help_text="Millionths of a dollar that are set aside, and once settled what it cost"
    )
    cost_day = models.DateField(null=True, blank=True, help_text="The day these count for, if there was a limit")

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
            models.CheckConstraint(condition=Q(funded_by="") | Q(takes_quota=False), name="token_holds_paid_once"),
        ]


class UsageEntry(Ledger):
    """The ledger: one row for every settled hold, never changed afterwards (a trigger sees to it too)."""

    class Source(models.TextChoices):
        PROVIDER = "provider"
        LOCAL = "local"

    class CostSource(models.TextChoices):
        PROVIDER = "provider"
        CATALOGUE = "catalogue"

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
    window = models.BigIntegerField(help_text="The user's window that was open at settlement; 0 where an order paid")
    funded_by = models.CharField(max_length=200, blank=True, default="", db_default="", help_text="As in the hold")
    cached_tokens = models.BigIntegerField(default=0, db_default=0, help_text="Of the prompt's")
    cache_write_tokens = models.BigIntegerField(default=0, db_default=0, help_text="Of the prompt's")
    reasoning_tokens = models.BigIntegerField(null=True, blank=True, help_text="Of the completion's; null: not told")
    effort = models.CharField(max_length=10, blank=True, default="", db_default="")
    cost = models.DecimalField(
        max_digits=16, decimal_places=8, null=True, blank=True, help_text="USD; null: the price was not known"
    )
    priced = models.DateField(null=True, blank=True, help_text="The day from which that price holds")
    cost_source = models.CharField(
        max_length=10, blank=True, default="", db_default="", choices=CostSource.choices, help_text="Whose figure it is"
    )
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


class PlatformDay(models.Model):
    """The tokens, and the money, of all users on one UTC day; counted only while the limit of each is on.

    One row a day under one conditional update makes the limit exact. Every hold and settlement then waits for the
    row, so it is taken last in their transactions: the wait is one commit long. A sharded or ledger-derived count
    would scale further but let parallel holds pass the limit, which is the one thing the setting is for. A hold counts
    for the day it was made on, also when it is settled on the next.
    """

    day = models.DateField(primary_key=True)
    tokens_before = models.BigIntegerField(default=0, help_text="Settled that day before counting began")
    tokens_used = models.BigIntegerField(default=0)
    tokens_held = models.BigIntegerField(default=0)
    micros_before = models.BigIntegerField(default=0, db_default=0, help_text="Millionths of a dollar, as in the hold")
    micros_used = models.BigIntegerField(default=0, db_default=0)
    micros_held = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "platform_days"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(micros_used__gte=0, micros_held__gte=0, micros_before__gte=0),
                name="platform_days_money_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(tokens_used__gte=0, tokens_held__gte=0, tokens_before__gte=0),
                name="platform_days_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.tokens_before + self.tokens_used} + {self.tokens_held}"
