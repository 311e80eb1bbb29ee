"""Holding and charging tokens: the quota of the user's window, and the day of the whole platform."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db import transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import F
from django.db.models import Value
from django.db.models.functions import Greatest
from django.utils import timezone

from billing import events
from billing.errors import OrderNotPaid
from billing.errors import TokenLimitExceeded
from billing.metering import engine
from billing.metering.tokens import appraisal
from billing.metering.tokens import days
from billing.metering.tokens import money
from billing.metering.tokens import sql
from billing.metering.tokens.days import day_value
from billing.metering.tokens.proof import prove
from billing.metering.tokens.quotas import freshen
from billing.metering.tokens.values import MIN_TOKENS
from billing.metering.tokens.values import Booked
from billing.metering.tokens.values import Claim
from billing.metering.tokens.values import Draft
from billing.metering.tokens.values import Hold
from billing.metering.tokens.values import HoldProgress
from billing.metering.tokens.values import Source
from billing.metering.tokens.values import Used
from billing.models import Order
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from billing.plans import UNLIMITED
from core.ids import uuid7
from core.llm.base import Usage
from core.llm.prices import UNKNOWN
from core.llm.prices import Charge
from core.sql import identity
from core.sql import moment

logger = logging.getLogger(__name__)

_PROGRESS_CHUNK = 500
_NO_WINDOW = 0
"""Windows count from 1, so no quota is compared with these rows."""


def hold(
    user_id: UUID,
    *,
    key: str,
    prompt_tokens: int,
    max_tokens: int,
    feature: str,
    reference: str = "",
    model: str = "",
    effort: str = "",
    least: int = MIN_TOKENS,
    cost: Decimal | None = None,
    quota: bool = True,
    funded_by: str = "",
    savepoint: bool = True,
) -> Hold:
    """Set aside the prompt × 1.1 plus ``max_tokens``, shrunk to what is left; a repeated key returns the first hold.

    ``cost`` is what that costs in dollars at the dearest, for the day of the platform; None: nobody knows, and then it
    is not counted there.

    Without ``quota`` the action is paid for in another way: it is held and booked as any other, counts for the day of
    the platform, and takes nothing from the user's window. So it is with ``funded_by``, the ``reference`` of an
    order of this user that is paid, by which it stands in the ledger.

    Inside a transaction that a refusal ends anyway, ``savepoint=False`` spares two statements.

    Raises TokenLimitExceeded when fewer than ``least`` would be left for the answer, PlatformLimitReached,
    MeteringUnavailable when the ledger cannot be written, OrderNotPaid, and IdempotencyMismatch for another user's key.
    """
    _require_paid(user_id, funded_by)
    if prompt_tokens < 0 or max_tokens < 1:
        raise ValueError("A hold needs a prompt of at least 0 and an answer of at least 1 token.")
    now = timezone.now()
    draft = Draft(
        id=uuid7(),
        key=key,
        user_id=user_id,
        made_at=now,
        expires_at=now + timedelta(seconds=settings.HOLD_TTL_SECONDS),
        prompt=for_prompt(prompt_tokens),
        max_tokens=max_tokens,
        feature=feature,
        model=model,
        reference=reference,
        takes_quota=quota and not funded_by,
        day=_counted_day(now),
        least=least,
        effort=effort,
        micros=money.micros(cost),
        cost_day=money.counted_day(now) if cost is not None else None,
        funded_by=funded_by,
    )
    return engine.hold(BOOK, draft, savepoint=savepoint)


def for_prompt(tokens: int) -> int:
    """What is held for a prompt: its tokens and a tenth, as the provider may count otherwise."""
    return -(-tokens * 11 // 10)


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
    _require_paid(user_id, funded_by)
    now = timezone.now()
    draft = Draft(
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


def _require_paid(user_id: UUID, reference: str) -> None:
    if reference and not Order.objects.filter(user_id=user_id, state=Order.State.PAID).named(reference).exists():
        raise OrderNotPaid


def held(key: str) -> int | None:
    """The tokens that were set aside under a key, also when they have been settled since; None: no such hold."""
    return TokenHold.objects.filter(key=key).values_list("amount", flat=True).first()


def keep(key: str, ttl: timedelta) -> bool:
    """Let an open hold live for ``ttl`` from now, never shorter than it would; False when it is not open any more."""
    until = timezone.now() + ttl
    still_open = TokenHold.objects.filter(key=key, state=TokenHold.State.HELD)
    return bool(still_open.update(expires_at=Greatest("expires_at", Value(until))))


def settle(
    key: str,
    *,
    source: Source,
    prompt_tokens: int = 0,
    completion_tokens: int = 0,
    usage: Usage | None = None,
    charge: Charge = UNKNOWN,
    savepoint: bool = True,
) -> bool:
    """Charge a hold and release the rest; True for the one call that did it, zero and zero is a plain release.

    ``usage`` has the tokens with their parts, in place of the two numbers; ``charge`` says what they cost in dollars.

    Inside a transaction that a failure ends anyway, ``savepoint=False`` spares two statements.

    The charge goes to the window that is open now, also when the hold was made in the one before. May be called again:
    see :func:`billing.metering.engine.settle`. Raises MeteringUnavailable; the sweeper then settles at the last
    progress.
    """
    usage = usage or Usage(prompt_tokens, completion_tokens)
    if min(usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens, usage.cache_write_tokens) < 0:
        raise ValueError("Tokens cannot be negative.")
    spent = usage.prompt_tokens + usage.completion_tokens
    return engine.settle(BOOK, key, Used(usage, source, charge), charge=spent, savepoint=savepoint)


def settle_at_progress(key: str) -> Booked | None:
    """Charge a hold whose work was lost at its last progress, as the sweeper would; returns what is booked for it.

    One that is settled already, by whomever, is left as it is. None: there is no such hold. Raises MeteringUnavailable.
    """
    found = TokenHold.objects.filter(key=key).values_list("model", "progress_prompt", "progress_completion").first()
    if found is None:
        return None
    usage = Usage(found[1], found[2])
    settle(key, source="local", usage=usage, charge=appraisal.of(found[0], usage))
    entry = UsageEntry.objects.filter(hold__key=key).values_list("prompt_tokens", "completion_tokens", "cost").get()
    return Booked(*entry)


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


def _counted_day(now: datetime) -> date | None:
    return None if settings.DAILY_TOKEN_LIMIT == UNLIMITED else now.date()


def _reserve(cursor: CursorWrapper, draft: Draft) -> Hold:
    granted = _reserve_window(cursor, draft) if draft.takes_quota else draft.max_tokens
    amount = draft.prompt + granted
    if draft.day:
        _reserve_platform(cursor, draft.day, amount)
    if draft.cost_day:
        money.reserve(cursor, draft.cost_day, draft.micros)
    return Hold(draft.id, draft.key, amount, granted, TokenHold.State.HELD, created=True)


def _reserve_window(cursor: CursorWrapper, draft: Draft) -> int:
    cursor.execute(sql.reserve(), (draft.amount, identity(draft.user_id), moment(draft.made_at), draft.amount))
    return draft.max_tokens if cursor.rowcount == 1 else _reserve_what_is_left(draft)


def _reserve_what_is_left(draft: Draft) -> int:
    """The slow path, under a lock: open the window if need be, then hold as much as fits; returns the answer's part."""
    quota = freshen(draft.user_id, draft.made_at, lock=True)
    granted = draft.max_tokens
    if quota.tokens_limit != UNLIMITED:
        left = quota.tokens_limit + quota.tokens_bonus - quota.tokens_used - quota.tokens_held - draft.prompt
        granted = min(granted, left)
        if granted < min(draft.least, draft.max_tokens):
            raise TokenLimitExceeded(
                limit=quota.tokens_limit, used=quota.tokens_used, held=quota.tokens_held, reset_at=quota.reset_at
            )
    amount = draft.prompt + granted
    TokenQuota.objects.filter(pk=draft.user_id).update(tokens_held=F("tokens_held") + amount)
    TokenHold.objects.filter(pk=draft.id).update(amount=amount, max_tokens=granted)
    return granted


def _reserve_platform(cursor: CursorWrapper, day: date, amount: int) -> None:
    parameters = (amount, day_value(day), amount, settings.DAILY_TOKEN_LIMIT)
    days.take(cursor, sql.RESERVE_PLATFORM, parameters, day)


def _repeated(first: TokenHold) -> Hold:
    return Hold(first.pk, first.key, first.amount, first.max_tokens, first.state, created=False)


def _post(cursor: CursorWrapper, claim: Claim, used: Used) -> None:
    overrun = max(0, claim.charged - claim.amount)
    window = _charge_window(cursor, claim) if claim.takes_quota else _NO_WINDOW
    entry = (
        claim.id,
        claim.user_id,
        claim.feature,
        claim.model,
        used.usage.prompt_tokens,
        used.usage.completion_tokens,
        claim.charged,
        used.source,
        claim.reference,
        overrun,
        window,
        claim.funded_by,
        moment(timezone.now()),
        used.usage.cached_tokens,
        used.usage.cache_write_tokens,
        used.usage.reasoning_tokens,
        claim.effort,
        money.stored(used.charge.cost),
        day_value(used.charge.priced),
        used.charge.source,
    )
    cursor.execute(sql.INSERT_ENTRY, entry)
    if claim.platform_day is not None:
        cursor.execute(sql.CHARGE_PLATFORM, (claim.amount, claim.charged, day_value(claim.platform_day)))
    if claim.cost_day is not None:
        money.charge(cursor, claim, used.charge.cost)
    if overrun:
        transaction.on_commit(partial(_alert_overrun, claim), robust=True)


def _charge_window(cursor: CursorWrapper, claim: Claim) -> int:
    """The window that pays; none when the user was deleted in mid-answer: the ledger keeps the row all the same."""
    cursor.execute(sql.CHARGE, (claim.amount, claim.charged, claim.user_id))
    row = cursor.fetchone()
    return int(row[0]) if row else _NO_WINDOW


def _alert_overrun(claim: Claim) -> None:
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


def _at_last_progress(claim: Claim) -> Used:
    usage = Usage(claim.progress_prompt, claim.progress_completion)
    return Used(usage, "local", appraisal.of(claim.model, usage))


def _announce_swept(claim: Claim) -> None:
    events.hold_swept.send_robust(None, key=claim.key, feature=claim.feature, reference=claim.reference)


BOOK = engine.Book(
    unit="tokens",
    holds=TokenHold,
    facts=(
        "max_tokens",
        "feature",
        "model",
        "reference",
        "takes_quota",
        "platform_day",
        "funded_by",
        "effort",
        "micros",
        "cost_day",
    ),
    counters=("progress_prompt", "progress_completion"),
    claim=Claim,
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
