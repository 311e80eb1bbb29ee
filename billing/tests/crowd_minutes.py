"""The crowd of call minutes: the same clients, seconds for tokens, months for windows; and engines that are broken."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import F
from django.db.models import Sum
from django.utils import timezone

from billing import metering
from billing.metering import minutes
from billing.models import MinuteEntry
from billing.models import MinuteHold
from billing.models import MinuteQuota
from billing.tests import crowd

AMOUNT = 300
_FIRST = datetime(2031, 1, 15, tzinfo=UTC)


class Minutes(crowd.Engine):
    """The real thing."""

    unit = "minutes"
    amount = AMOUNT

    def __init__(self) -> None:
        self._months: Counter[UUID] = Counter()

    def set_limit(self, settings: Any) -> None:
        settings.PLANS = settings.PLANS | {"basic": settings.PLANS["basic"] | {"call_minutes": self.limit // 60}}

    def hold(self, user_id: UUID, key: str) -> crowd.Held:
        month = _FIRST + timedelta(days=31 * self._months[user_id])
        return minutes.hold(user_id, key=key, seconds=self.amount, reference=key, now=month)

    def progress(self, key: str, tokens: int) -> None:
        minutes.extend(key, confirmed=tokens, ahead=0)

    def settle(self, key: str, tokens: int) -> bool:
        return minutes.settle(key, seconds=tokens)

    def sweep(self, *, everything: bool = False) -> None:
        metering.sweep(timezone.now() + timedelta(days=1) if everything else None)

    def reset(self, user_id: UUID) -> None:
        """The next month begins; calls that run go on in theirs."""
        self._months[user_id] += 1

    reset_on_time = reset

    def has_reset(self) -> bool:
        return MinuteQuota.objects.filter(month__gt=_FIRST).exists()

    def used(self) -> list[int]:
        return list(MinuteQuota.objects.values_list("seconds_used", flat=True))

    def is_overspent(self) -> bool:
        balances = MinuteQuota.objects.values_list("seconds_used", "seconds_held")
        return any(used + held > self.limit for used, held in balances)

    def violations(self, users: Sequence[UUID]) -> list[str]:
        return violations(users, self.limit)


def violations(users: Sequence[UUID], limit: int) -> list[str]:
    """The end state, added up row by row in Python, apart from the statements the product proves itself with."""
    found = set()
    entries = list(MinuteEntry.objects.filter(user_id__in=users))
    months: Counter[tuple[UUID, Any]] = Counter()
    for entry in entries:
        months[entry.user_id, entry.month] += entry.seconds
    if any(total > limit for total in months.values()):
        found.add("overspent: more in the ledger of one month than the limit")
    for quota in MinuteQuota.objects.filter(user_id__in=users):
        holds = MinuteHold.objects.filter(user_id=quota.user_id, month=quota.month, state="held")
        if quota.seconds_used != months[quota.user_id, quota.month]:
            found.add("used differs from the ledger")
        if quota.seconds_held != (holds.aggregate(sum=Sum("amount"))["sum"] or 0):
            found.add("the balance holds other than its holds")
        if quota.seconds_held:
            found.add("leaked: minutes are still held")
    booked = {entry.hold_id: entry.seconds for entry in entries}
    for hold in MinuteHold.objects.filter(user_id__in=users):
        if hold.state != "settled":
            found.add("leaked: a hold is still open")
        elif booked.get(hold.pk) != hold.charged:
            found.add("a hold and its ledger row differ")
        elif hold.charged > hold.amount or hold.charged % 60:
            found.add("a call was charged what it did not hold")
    return sorted(found)


class Extends(Minutes):
    """Whoever is on the way wants as much again, and pays for all they got."""

    def __init__(self) -> None:
        super().__init__()
        self.grown: list[int] = []
        self.refused: list[int] = []

    def progress(self, key: str, tokens: int) -> None:
        extended = minutes.extend(key, confirmed=tokens, ahead=2 * self.amount)
        if extended:
            (self.grown if extended.amount > self.amount else self.refused).append(extended.amount)

    def settle(self, key: str, _tokens: int) -> bool:
        return minutes.settle(key, seconds=MinuteHold.objects.get(key=key).amount)


# Broken ones ---------------------------------------------------------------------------------------------------------


class ChecksThenActs(Minutes):
    """Reads the balance, then takes from it: what happens in between is not seen."""

    def __init__(self) -> None:
        super().__init__()
        self._gate = threading.Barrier(8)

    def hold(self, user_id: UUID, key: str) -> crowd.Held:
        quota, _ = MinuteQuota.objects.get_or_create(user_id=user_id, month=_FIRST.date().replace(day=1))
        left = self.limit - quota.seconds_used - quota.seconds_held
        with suppress(threading.BrokenBarrierError):
            self._gate.wait(timeout=1)
        if left < self.amount or MinuteHold.objects.filter(key=key).exists():
            return super().hold(user_id, key)
        MinuteQuota.objects.filter(pk=quota.pk).update(seconds_held=F("seconds_held") + self.amount)
        now = timezone.now()
        row, created = MinuteHold.objects.get_or_create(
            key=key,
            defaults={
                "user_id": user_id,
                "amount": self.amount,
                "month": quota.month,
                "created_at": now,
                "expires_at": now + timedelta(seconds=90),
            },
        )
        return minutes.Hold(row.pk, key, self.amount, "held", created=created)


class SettlesUnguarded(Minutes):
    """Charges whatever it is told to, as often as it is told."""

    def settle(self, key: str, tokens: int) -> bool:
        if not minutes.settle(key, seconds=tokens):
            hold = MinuteHold.objects.get(key=key)
            rows = MinuteQuota.objects.filter(user_id=hold.user_id, month=hold.month)
            rows.update(seconds_used=F("seconds_used") + hold.charged + 60)
        return True


class ForgetsTheMonth(Minutes):
    """A month that begins by emptying the last one, as windows do."""

    def reset(self, user_id: UUID) -> None:
        MinuteQuota.objects.filter(user_id=user_id).update(seconds_used=0)

    reset_on_time = reset


class ExtendsUnguarded(Extends):
    """Gives every call what it asks for."""

    def progress(self, key: str, _tokens: int) -> None:
        hold = MinuteHold.objects.get(key=key)
        if MinuteHold.objects.filter(key=key, state="held").update(amount=F("amount") + 2 * self.amount):
            rows = MinuteQuota.objects.filter(user_id=hold.user_id, month=hold.month)
            rows.update(seconds_held=F("seconds_held") + 2 * self.amount)


class ExtendsTheHoldAlone(Minutes):
    """Writes down more for the call than is taken from the balance."""

    def progress(self, key: str, _tokens: int) -> None:
        MinuteHold.objects.filter(key=key, state="held", amount=self.amount).update(amount=self.amount + 60)
