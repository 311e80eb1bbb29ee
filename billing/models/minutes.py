"""Quotas, holds and the ledger of call minutes. How they move is in :mod:`billing.metering.minutes`."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from billing.models.bases import Hold
from billing.models.bases import Ledger
from billing.models.bases import LedgerQuerySet
from billing.models.bases import OwnedQuerySet


class MinuteQuota(models.Model):
    """What a user has used and set aside of one month's minutes, in seconds; the limit is the plan's, at any moment.

    A month is that of UTC, named by its first day. A hold stays with the month it was made in.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    month = models.DateField()
    seconds_used = models.BigIntegerField(default=0)
    seconds_held = models.BigIntegerField(default=0)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        db_table = "minute_quotas"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "month"], name="minute_quotas_month"),
            models.CheckConstraint(
                condition=Q(seconds_used__gte=0, seconds_held__gte=0), name="minute_quotas_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.month:%Y-%m}: {self.seconds_used} + {self.seconds_held} s"


class MinuteHold(Hold):
    """Seconds set aside for one call, always whole minutes; ``confirmed`` of them have passed."""

    month = models.DateField()
    confirmed = models.BigIntegerField(default=0)
    reference = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "minute_holds"
        indexes: ClassVar = [
            models.Index(fields=["user", "month"], condition=Q(state="held"), name="minute_holds_open"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(amount__gte=0, charged__gte=0, confirmed__gte=0), name="minute_holds_not_negative"
            ),
        ]


class MinuteEntry(Ledger):
    """The ledger: one row for every settled hold, never changed afterwards (a trigger sees to it too)."""

    hold = models.OneToOneField(MinuteHold, on_delete=models.PROTECT, primary_key=True, related_name="entry")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    month = models.DateField(help_text="The month that pays: that of the hold")
    seconds = models.BigIntegerField(help_text="Charged: whole minutes")
    measured = models.BigIntegerField(help_text="Seconds that were measured, before they were rounded up")
    overrun = models.BigIntegerField(default=0, help_text="Seconds charged beyond the hold")
    reference = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_index=True)

    objects = LedgerQuerySet.as_manager()

    class Meta:
        db_table = "minute_entries"
        indexes: ClassVar = [models.Index(fields=["user", "month"], name="minute_entries_user_month")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(seconds__gte=0, measured__gte=0, overrun__gte=0), name="minute_entries_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.seconds} s in {self.month:%Y-%m}"
