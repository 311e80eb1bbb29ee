"""Setting tokens aside before an AI action."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import Error as StorageError
from django.db import connection
from django.db import transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import F
from django.db.models import Sum
from django.utils import timezone

from billing.errors import MeteringUnavailable
from billing.errors import PlatformLimitReached
from billing.errors import TokenLimitExceeded
from billing.metering import sql
from billing.metering.quotas import freshen
from billing.models import PlatformDay
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from billing.plans import UNLIMITED
from core.errors import IdempotencyMismatch
from core.ids import uuid7
from core.sql import identity
from core.sql import moment

logger = logging.getLogger(__name__)

MIN_TOKENS = 64
"""An answer shorter than this is not worth beginning."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Tokens set aside; ``max_tokens`` may go to the provider, and ``created`` is False for a repeated key."""

    id: UUID
    key: str
    amount: int
    max_tokens: int
    state: str
    created: bool


def hold(
    user_id: UUID,
    *,
    key: str,
    prompt_tokens: int,
    max_tokens: int,
    feature: str,
    reference: str = "",
    model: str = "",
    savepoint: bool = True,
) -> Hold:
    """Set aside the prompt × 1.1 plus ``max_tokens``, shrunk to what is left; a repeated key returns the first hold.

    Inside a transaction that a refusal ends anyway, ``savepoint=False`` spares two statements.

    Raises TokenLimitExceeded when fewer than MIN_TOKENS would be left for the answer, PlatformLimitReached,
    MeteringUnavailable when the ledger cannot be written, and IdempotencyMismatch for another user's key.
    """
    if prompt_tokens < 0 or max_tokens < 1:
        raise ValueError("A hold needs a prompt of at least 0 and an answer of at least 1 token.")
    now = timezone.now()
    draft = _Draft(
        id=uuid7(),
        key=key,
        user_id=user_id,
        prompt=-(-prompt_tokens * 11 // 10),
        max_tokens=max_tokens,
        day=None if settings.DAILY_TOKEN_LIMIT == UNLIMITED else now.date(),
    )
    try:
        with transaction.atomic(savepoint=savepoint), connection.cursor() as cursor:
            if not _insert(cursor, draft, now, feature=feature, model=model, reference=reference):
                return _repeated(user_id, key)
            granted = max_tokens if _reserve(cursor, draft, now) else _reserve_what_is_left(draft, now)
            if draft.day:
                _reserve_platform(cursor, draft.day, draft.prompt + granted)
    except StorageError as error:
        logger.exception("metering.unavailable", extra={"key": key})
        raise MeteringUnavailable from error
    return Hold(draft.id, key, draft.prompt + granted, granted, TokenHold.State.HELD, created=True)


@dataclass(frozen=True, slots=True)
class _Draft:
    id: UUID
    key: str
    user_id: UUID
    prompt: int
    max_tokens: int
    day: date | None

    @property
    def amount(self) -> int:
        return self.prompt + self.max_tokens


def _insert(cursor: CursorWrapper, draft: _Draft, now: datetime, *, feature: str, model: str, reference: str) -> bool:
    """Store the hold under its key; False when the key is taken.

    This comes before the quota is touched. The other way round two requests with one key deadlock on PostgreSQL: the
    second one holds the quota row the first needs, and waits for the first one's key.
    """
    row = (
        identity(draft.id),
        draft.key,
        identity(draft.user_id),
        draft.amount,
        draft.max_tokens,
        feature,
        model,
        reference,
        draft.day and connection.ops.adapt_datefield_value(draft.day),
        moment(now),
        moment(now + timedelta(seconds=settings.HOLD_TTL_SECONDS)),
    )
    cursor.execute(sql.INSERT_HOLD, row)
    return bool(cursor.rowcount == 1)


def _reserve(cursor: CursorWrapper, draft: _Draft, now: datetime) -> bool:
    cursor.execute(sql.reserve(), (draft.amount, identity(draft.user_id), moment(now), draft.amount))
    return bool(cursor.rowcount == 1)


def _reserve_what_is_left(draft: _Draft, now: datetime) -> int:
    """The slow path, under a lock: open the window if need be, then hold as much as fits; returns the answer's part."""
    quota = freshen(draft.user_id, now, lock=True)
    granted = draft.max_tokens
    if quota.tokens_limit != UNLIMITED:
        left = quota.tokens_limit + quota.tokens_bonus - quota.tokens_used - quota.tokens_held - draft.prompt
        granted = min(granted, left)
        if granted < min(MIN_TOKENS, draft.max_tokens):
            raise TokenLimitExceeded(
                limit=quota.tokens_limit, used=quota.tokens_used, held=quota.tokens_held, reset_at=quota.reset_at
            )
    amount = draft.prompt + granted
    TokenQuota.objects.filter(pk=draft.user_id).update(tokens_held=F("tokens_held") + amount)
    TokenHold.objects.filter(pk=draft.id).update(amount=amount, max_tokens=granted)
    return granted


def _reserve_platform(cursor: CursorWrapper, day: date, amount: int) -> None:
    parameters = (amount, connection.ops.adapt_datefield_value(day), amount, settings.DAILY_TOKEN_LIMIT)
    cursor.execute(sql.RESERVE_PLATFORM, parameters)
    if cursor.rowcount != 1:
        _open_platform_day(day)
        cursor.execute(sql.RESERVE_PLATFORM, parameters)
    if cursor.rowcount != 1:
        raise PlatformLimitReached(reset_at=datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC))


def _open_platform_day(day: date) -> None:
    """The day's first counted hold; what was settled earlier that day, before the limit was switched on, counts too."""
    if PlatformDay.objects.filter(pk=day).exists():
        return
    midnight = datetime.combine(day, time(), tzinfo=UTC)
    earlier = UsageEntry.objects.filter(
        created_at__gte=midnight, created_at__lt=midnight + timedelta(days=1), hold__platform_day=None
    ).aggregate(total=Sum("total_tokens"))
    PlatformDay.objects.bulk_create([PlatformDay(day=day, tokens_before=earlier["total"] or 0)], ignore_conflicts=True)


def _repeated(user_id: UUID, key: str) -> Hold:
    first = TokenHold.objects.get(key=key)
    if first.user_id != user_id:
        raise IdempotencyMismatch
    return Hold(first.pk, key, first.amount, first.max_tokens, first.state, created=False)
