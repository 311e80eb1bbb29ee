"""Holding, extending and charging call minutes.

A call holds a few minutes ahead. While it runs, :func:`extend` says how much has passed and asks for more; hold and
balance then grow together, by a conditional update. A caller that dies leaves a hold that is charged for what was
confirmed: what was only set aside ahead goes back.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from datetime import datetime
from datetime import timedelta
from functools import partial
from typing import Any
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import Error as StorageError
from django.db import connection
from django.db import transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import F
from django.utils import timezone

from billing import events
from billing.errors import MeteringUnavailable
from billing.errors import MinuteLimitExceeded
from billing.metering import engine
from billing.metering.minutes import sql
from billing.metering.minutes.balances import MINUTE
from billing.metering.minutes.balances import Allowance
from billing.metering.minutes.balances import end_of
from billing.metering.minutes.balances import limit_of
from billing.metering.minutes.balances import month_of
from billing.metering.minutes.balances import whole_minutes
from billing.metering.minutes.proof import prove
from billing.metering.tokens import quotas
from billing.models import MinuteEntry
from billing.models import MinuteHold
from billing.models import MinuteQuota
from core.ids import uuid7
from core.sql import identity
from core.sql import moment

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Hold:
    """Seconds set aside, which may be fewer than were asked for; ``created`` is False for a repeated key."""

    id: UUID
    key: str
    amount: int
    state: str
    created: bool


@dataclass(frozen=True, slots=True)
class Extension:
    """How a hold stands after an extension: ``amount`` seconds in all, of which ``confirmed`` have passed."""

    amount: int
    confirmed: int

    @property
    def ahead(self) -> int:
        """Seconds the call may still go on; 0 when nothing is left, and the call should end."""
        return max(0, self.amount - self.confirmed)


def hold(user_id: UUID, *, key: str, seconds: int, reference: str = "", now: datetime | None = None) -> Hold:
    """Set aside so many seconds, rounded up to a minute, of the month's; fewer when fewer are left.

    A repeated key returns the first hold. Raises MinuteLimitExceeded when not one minute is left, MeteringUnavailable
    when the ledger cannot be written, and IdempotencyMismatch for another user's key.
    """
    if seconds < 1:
        raise ValueError("A hold needs at least one second.")
    made_at = timezone.now()
    draft = _Draft(
        id=uuid7(),
        key=key,
        user_id=user_id,
        made_at=made_at,
        expires_at=_expiry(made_at),
        amount=whole_minutes(seconds),
        month=month_of(now or made_at),
        reference=reference,
    )
    return engine.hold(BOOK, draft)


def extend(key: str, *, confirmed: int, ahead: int) -> Extension | None:
    """So many seconds have passed in all, and the hold should reach so many beyond them; it keeps the hold alive.

    Grants what is left when that is less, down to nothing. Both numbers are absolute and only ever move a hold forward,
    so a repeated or late call does no harm. None when there is no open hold of that key: it was settled, or swept.
    Raises MeteringUnavailable.
    """
    if confirmed < 0 or ahead < 0:
        raise ValueError("Time cannot be negative.")
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            return _extend(cursor, key, confirmed, ahead)
    except StorageError as error:
        logger.exception("metering.unavailable", extra={"key": key})
        raise MeteringUnavailable from error


def settle(key: str, *, seconds: int) -> bool:
    """Charge a call, rounded up to a minute, to the month of its hold, and release the rest; True for the one call
    that did it, and 0 is a plain release.

    May be called again: see :func:`billing.metering.engine.settle`. Raises MeteringUnavailable; the sweeper then
    charges what was confirmed.
    """
    if seconds < 0:
        raise ValueError("Time cannot be negative.")
    return engine.settle(BOOK, key, seconds, charge=whole_minutes(seconds))


def lock(key: str, user_ids: Collection[UUID]) -> None:
    """Before one pays in another's place: the open hold, and then the balances of both, in the order of the users.

    Two who take each other's calls over would else wait for each other's balance. In the caller's transaction.
    """
    list(MinuteHold.objects.select_for_update().filter(key=key).values_list("pk"))
    balances = MinuteQuota.objects.select_for_update().filter(user_id__in=user_ids)
    list(balances.order_by("user_id", "month").values_list("pk"))


@dataclass(frozen=True, slots=True)
class Standing:
    """A hold as it is now: so many seconds ``charged`` when it is settled, ``confirmed`` to have passed before."""

    key: str
    user_id: UUID
    is_open: bool
    amount: int
    charged: int
    confirmed: int


def standings(keys: Sequence[str]) -> list[Standing]:
    """The holds of these keys, in the order of the keys; what does not exist is left out."""
    known = {row.key: row for row in MinuteHold.objects.filter(key__in=keys)}
    return [
        Standing(key, row.user_id, row.state == MinuteHold.State.HELD, row.amount, row.charged, row.confirmed)
        for key in keys
        if (row := known.get(key))
    ]


@dataclass(frozen=True, slots=True)
class _Draft:
    id: UUID
    key: str
    user_id: UUID
    made_at: datetime
    expires_at: datetime
    amount: int
    month: date
    reference: str

    @property
    def facts(self) -> tuple[Any, ...]:
        return connection.ops.adapt_datefield_value(self.month), self.reference


class _Claim(NamedTuple):
    id: Any
    key: str
    user_id: Any
    amount: int
    charged: int
    confirmed: int
    month: Any
    reference: str


def _expiry(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.HOLD_TTL_SECONDS)


def _extend(cursor: CursorWrapper, key: str, confirmed: int, ahead: int) -> Extension | None:
    expiry = moment(_expiry(timezone.now()))
    cursor.execute(sql.CONFIRM, (confirmed, confirmed, expiry, expiry, key))
    row = cursor.fetchone()
    if row is None:
        return None
    hold_id, user_id, month, amount, passed = row
    wanted = whole_minutes(passed + ahead) - amount
    if wanted > 0 and (granted := _take(cursor, user_id, month, wanted)):
        cursor.execute(sql.GROW, (granted, hold_id))
        amount += granted
    return Extension(amount, passed)


def _take(cursor: CursorWrapper, user_id: Any, month: Any, seconds: int) -> int:
    """Seconds taken from the balance: all, or what is left of it; the hold's row is locked by this transaction."""
    day = connection.ops.adapt_datefield_value(month)
    cursor.execute(sql.take(), (seconds, user_id, day, seconds))
    if cursor.rowcount == 1:
        return seconds
    quota = MinuteQuota.objects.select_for_update().filter(user_id=user_id, month=month).first()
    if quota is None:  # the user was deleted in mid-call
        return 0
    left = _standing(quota).left
    granted = seconds if left is None else min(seconds, left)
    MinuteQuota.objects.filter(pk=quota.pk).update(seconds_held=F("seconds_held") + granted)
    return granted


def _reserve(cursor: CursorWrapper, draft: _Draft) -> Hold:
    user_id = identity(draft.user_id)
    granted = _take(cursor, user_id, draft.month, draft.amount)
    if not granted:  # perhaps there was no row yet, or none that says the plan
        quotas.freshen(draft.user_id, draft.made_at)
        fresh = MinuteQuota(user_id=draft.user_id, month=draft.month)
        MinuteQuota.objects.bulk_create([fresh], ignore_conflicts=True)
        granted = _take(cursor, user_id, draft.month, draft.amount)
    if not granted:
        standing = _standing(MinuteQuota.objects.get(user_id=draft.user_id, month=draft.month))
        raise MinuteLimitExceeded(
            limit=standing.limit // MINUTE,
            used=standing.used // MINUTE,
            held=standing.held // MINUTE,
            reset_at=standing.reset_at,
        )
    if granted < draft.amount:
        MinuteHold.objects.filter(pk=draft.id).update(amount=granted)
    return Hold(draft.id, draft.key, granted, MinuteHold.State.HELD, created=True)


def _standing(quota: MinuteQuota) -> Allowance:
    tier = quotas.tier_of(quota.user_id)
    return Allowance(limit_of(tier), quota.seconds_used, quota.seconds_held, end_of(quota.month))


def _repeated(first: MinuteHold) -> Hold:
    return Hold(first.pk, first.key, first.amount, first.state, created=False)


def _post(cursor: CursorWrapper, claim: _Claim, measured: int) -> None:
    month = connection.ops.adapt_datefield_value(claim.month)
    overrun = max(0, claim.charged - claim.amount)
    # No row is there when the user was deleted in mid-call: the ledger keeps the entry all the same.
    cursor.execute(sql.CHARGE, (claim.amount, claim.charged, claim.user_id, month))
    entry = (claim.id, claim.user_id, month, claim.charged, measured, overrun, claim.reference, moment(timezone.now()))
    cursor.execute(sql.INSERT_ENTRY, entry)
    if overrun:
        transaction.on_commit(partial(_alert_overrun, claim), robust=True)


def _alert_overrun(claim: _Claim) -> None:
    facts = {"key": claim.key, "held": claim.amount, "charged": claim.charged, "user_id": str(claim.user_id)}
    logger.error("metering.minutes_overrun", extra=facts)


def _confirmed(claim: _Claim) -> int:
    return claim.confirmed


def _announce_swept(claim: _Claim) -> None:
    events.minute_hold_swept.send_robust(None, key=claim.key, reference=claim.reference)


BOOK = engine.Book(
    unit="minutes",
    holds=MinuteHold,
    facts=("month", "reference"),
    counters=("confirmed",),
    claim=_Claim,
    abandoned=sql.ABANDONED,
    reserve=_reserve,
    repeated=_repeated,
    post=_post,
    used_by=_confirmed,
    swept=_announce_swept,
    entries=MinuteEntry,
    booked="entry.seconds",
    prove=prove,
)
