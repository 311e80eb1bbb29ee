"""Holding and charging tokens: the quota of the user's window, and the day of the whole platform."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from functools import partial
from typing import Any
from typing import Literal
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db import transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import F
from django.db.models import Sum
from django.db.models import Value
from django.db.models.functions import Greatest
from django.utils import timezone

from billing import events
from billing.errors import OrderNotPaid
from billing.errors import PlatformLimitReached
from billing.errors import TokenLimitExceeded
from billing.metering import engine
from billing.metering.tokens import sql
from billing.metering.tokens.proof import prove
from billing.metering.tokens.quotas import freshen
from billing.models import Order
from billing.models import PlatformDay
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from billing.plans import UNLIMITED
from core.ids import uuid7
from core.sql import identity
from core.sql import moment

logger = logging.getLogger(__name__)

Source = Literal["provider", "local"]
"""Who counted: the provider, whose word wins (a zero included), or our own tokenizer."""

MIN_TOKENS = 64
"""An answer shorter than this is not worth beginning."""

_PROGRESS_CHUNK = 500
_NO_WINDOW = 0
"""Windows count from 1, so no quota is compared with these rows."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Tokens set aside; ``max_tokens`` may go to the provider, and ``created`` is False for a repeated key."""

    id: UUID
    key: str
    amount: int
    max_tokens: int
    state: str
    created: bool


@dataclass(frozen=True, slots=True)
class HoldProgress:
    """What a running action has used so far."""

    key: str
    prompt_tokens: int
    completion_tokens: int


def hold(
    user_id: UUID,
    *,
    key: str,
    prompt_tokens: int,
    max_tokens: int,
    feature: str,
    reference: str = "",
    model: str = "",
    quota: bool = True,
    savepoint: bool = True,
) -> Hold:
    """Set aside the prompt × 1.1 plus ``max_tokens``, shrunk to what is left; a repeated key returns the first hold.

    Without ``quota`` the action is paid for in another way: it is held and booked as any other, counts for the day of
    the platform, and takes nothing from the user's window.

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
        made_at=now,
        expires_at=now + timedelta(seconds=settings.HOLD_TTL_SECONDS),
        prompt=-(-prompt_tokens * 11 // 10),
        max_tokens=max_tokens,
        feature=feature,
        model=model,
        reference=reference,
        takes_quota=quota,
        day=_counted_day(now),
    )
    return engine.hold(BOOK, draft, savepoint=savepoint)


def hold_exact(
    user_id: UUID,
    *,
    key: str,
    tokens: int,
    feature: str,
    ttl: timedelta,
    reference: str = "",
    model: str = "",
    funded_by: str = "",
) -> Hold:
    """Set aside exactly so many tokens for ``ttl``, all or nothing; a repeated key returns the first hold.

    For work whose size is known, and that lies at a vendor for longer than an answer takes: see :func:`keep`. With
    ``funded_by``, the ``reference`` of an order of this user that is paid, the money was paid already: the tokens
    count for the platform's day and stand in the ledger, and the user's window neither pays nor hears of them.
    ``max_tokens`` of what is returned is 0: nothing was asked for an answer of unknown length.

    Raises as :func:`hold` does, and OrderNotPaid.
    """
    if tokens < 1 or ttl <= timedelta():
        raise ValueError("An exact hold needs at least 1 token and some time.")
    if funded_by and not Order.objects.filter(user_id=user_id, state=Order.State.PAID).named(funded_by).exists():
        raise OrderNotPaid
    now = timezone.now()
    draft = _Draft(
        id=uuid7(),
        key=key,
        user_id=user_id,
        made_at=now,
        expires_at=now + ttl,
        prompt=tokens,
        max_tokens=0,
        feature=feature,
        model=model,
        reference=reference,
        takes_quota=not funded_by,
        day=_counted_day(now),
        funded_by=funded_by,
    )
    return engine.hold(BOOK, draft)


def keep(key: str, ttl: timedelta) -> bool:
    """Let an open hold live for ``ttl`` from now, never shorter than it would; False when it is not open any more."""
    until = timezone.now() + ttl
    still_open = TokenHold.objects.filter(key=key, state=TokenHold.State.HELD)
    return bool(still_open.update(expires_at=Greatest("expires_at", Value(until))))


def settle(key: str, *, prompt_tokens: int, completion_tokens: int, source: Source) -> bool:
    """Charge a hold and release the rest; True for the one call that did it, zero and zero is a plain release.

    The charge goes to the window that is open now, also when the hold was made in the one before. May be called again:
    see :func:`billing.metering.engine.settle`. Raises MeteringUnavailable; the sweeper then settles at the last
    progress.
    """
    if prompt_tokens < 0 or completion_tokens < 0:
        raise ValueError("Tokens cannot be negative.")
    used = _Used(prompt_tokens, completion_tokens, source)
    return engine.settle(BOOK, key, used, charge=prompt_tokens + completion_tokens)


def record_progress(items: Sequence[HoldProgress]) -> None:
    """Note how far running actions are and push their expiry forward: one statement for all of them.

    Counts only grow, whatever the order of calls, and settled holds are left alone.
    """
    latest = {item.key: item for item in sorted(items, key=lambda item: item.completion_tokens)}
    news = list(latest.values())
    expiry = moment(timezone.now() + timedelta(seconds=settings.HOLD_TTL_SECONDS))
    with connection.cursor() as cursor:
        for start in range(0, len(news), _PROGRESS_CHUNK):
            chunk = news[start : start + _PROGRESS_CHUNK]
            parameters: list[Any] = [expiry, expiry]
            for item in chunk:
                parameters += [item.key, item.prompt_tokens, item.completion_tokens]
            cursor.execute(sql.progress(len(chunk)), parameters)


@dataclass(frozen=True, slots=True)
class _Draft:
    id: UUID
    key: str
    user_id: UUID
    made_at: datetime
    expires_at: datetime
    prompt: int
    max_tokens: int
    feature: str
    model: str
    reference: str
    takes_quota: bool
    day: date | None
    funded_by: str = ""

    @property
    def amount(self) -> int:
        return self.prompt + self.max_tokens

    @property
    def facts(self) -> tuple[Any, ...]:
        day = self.day and connection.ops.adapt_datefield_value(self.day)
        return self.max_tokens, self.feature, self.model, self.reference, self.takes_quota, day, self.funded_by


class _Claim(NamedTuple):
    id: Any
    key: str
    user_id: Any
    amount: int
    charged: int
    progress_prompt: int
    progress_completion: int
    feature: str
    model: str
    reference: str
    takes_quota: Any
    platform_day: Any
    funded_by: str


class _Used(NamedTuple):
    prompt_tokens: int
    completion_tokens: int
    source: Source


def _counted_day(now: datetime) -> date | None:
    return None if settings.DAILY_TOKEN_LIMIT == UNLIMITED else now.date()


def _reserve(cursor: CursorWrapper, draft: _Draft) -> Hold:
    granted = _reserve_window(cursor, draft) if draft.takes_quota else draft.max_tokens
    amount = draft.prompt + granted
    if draft.day:
        _reserve_platform(cursor, draft.day, amount)
    return Hold(draft.id, draft.key, amount, granted, TokenHold.State.HELD, created=True)


def _reserve_window(cursor: CursorWrapper, draft: _Draft) -> int:
    cursor.execute(sql.reserve(), (draft.amount, identity(draft.user_id), moment(draft.made_at), draft.amount))
    return draft.max_tokens if cursor.rowcount == 1 else _reserve_what_is_left(draft)


def _reserve_what_is_left(draft: _Draft) -> int:
    """The slow path, under a lock: open the window if need be, then hold as much as fits; returns the answer's part."""
    quota = freshen(draft.user_id, draft.made_at, lock=True)
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


def _repeated(first: TokenHold) -> Hold:
    return Hold(first.pk, first.key, first.amount, first.max_tokens, first.state, created=False)


def _post(cursor: CursorWrapper, claim: _Claim, used: _Used) -> None:
    overrun = max(0, claim.charged - claim.amount)
    window = _charge_window(cursor, claim) if claim.takes_quota else _NO_WINDOW
    entry = (
        claim.id,
        claim.user_id,
        claim.feature,
        claim.model,
        used.prompt_tokens,
        used.completion_tokens,
        claim.charged,
        used.source,
        claim.reference,
        overrun,
        window,
        claim.funded_by,
        moment(timezone.now()),
    )
    cursor.execute(sql.INSERT_ENTRY, entry)
    if claim.platform_day is not None:
        day = connection.ops.adapt_datefield_value(claim.platform_day)
        cursor.execute(sql.CHARGE_PLATFORM, (claim.amount, claim.charged, day))
    if overrun:
        transaction.on_commit(partial(_alert_overrun, claim), robust=True)


def _charge_window(cursor: CursorWrapper, claim: _Claim) -> int:
    """The window that pays; none when the user was deleted in mid-answer: the ledger keeps the row all the same."""
    cursor.execute(sql.CHARGE, (claim.amount, claim.charged, claim.user_id))
    row = cursor.fetchone()
    return int(row[0]) if row else _NO_WINDOW


def _alert_overrun(claim: _Claim) -> None:
    user_id = claim.user_id if isinstance(claim.user_id, UUID) else UUID(claim.user_id)
    facts = {
        "key": claim.key,
        "feature": claim.feature,
        "model": claim.model,
        "held": claim.amount,
        "charged": claim.charged,
    }
    logger.error("metering.overrun", extra=facts | {"user_id": str(user_id)})
    events.hold_overrun.send_robust(None, user_id=user_id, **facts)


def _at_last_progress(claim: _Claim) -> _Used:
    return _Used(claim.progress_prompt, claim.progress_completion, "local")


def _announce_swept(claim: _Claim) -> None:
    events.hold_swept.send_robust(None, key=claim.key, feature=claim.feature, reference=claim.reference)


BOOK = engine.Book(
    unit="tokens",
    holds=TokenHold,
    facts=("max_tokens", "feature", "model", "reference", "takes_quota", "platform_day", "funded_by"),
    counters=("progress_prompt", "progress_completion"),
    claim=_Claim,
    abandoned="progress_prompt + progress_completion",
    reserve=_reserve,
    repeated=_repeated,
    post=_post,
    used_by=_at_last_progress,
    swept=_announce_swept,
    entries=UsageEntry,
    booked="entry.total_tokens",
    prove=prove,
)
