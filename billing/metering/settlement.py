"""Charging what was used: by the caller, or by the sweeper for a caller that died."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from functools import partial
from typing import Any
from typing import Literal
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import Error as StorageError
from django.db import OperationalError
from django.db import connection
from django.db import transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from billing import events
from billing.errors import MeteringUnavailable
from billing.metering import sql
from billing.models import TokenHold
from core.sql import moment

logger = logging.getLogger(__name__)

Source = Literal["provider", "local"]
"""Who counted: the provider, whose word wins (a zero included), or our own tokenizer."""

_PROGRESS_CHUNK = 500
_SWEEP_LIMIT = 5000


@dataclass(frozen=True, slots=True)
class Progress:
    """What a running action has used so far."""

    key: str
    prompt_tokens: int
    completion_tokens: int


class _Claim(NamedTuple):
    """A hold that is ours to settle; ids and dates as the driver returned them, to go back into SQL."""

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
    platform_day: Any


def settle(key: str, *, prompt_tokens: int, completion_tokens: int, source: Source) -> bool:
    """Charge a hold and release the rest; True for the one call that did it, zero and zero is a plain release.

    The charge goes to the window that is open now, also when the hold was made in the one before. Calls for unknown,
    settled or swept holds return False and change nothing, so a caller that was cut off may simply call again; that is
    also done here, once, when the database connection breaks. Raises MeteringUnavailable when it stays broken: the
    sweeper then settles at the last progress.
    """
    if prompt_tokens < 0 or completion_tokens < 0:
        raise ValueError("Tokens cannot be negative.")
    once = partial(_settle, key, prompt_tokens, completion_tokens, source)
    try:
        return _again_on_new_connection(once)
    except StorageError as error:
        logger.exception("metering.unavailable", extra={"key": key})
        raise MeteringUnavailable from error


def record_progress(items: Sequence[Progress]) -> None:
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


def sweep(now: datetime | None = None) -> int:
    """Settle the holds past their expiry at their last progress, up to 5,000 a run; returns how many.

    Each one is a transaction of its own and claimed again under its expiry, so a hold that moved, or was settled, in
    the meantime is left alone. ``hold_swept`` is sent for each after its commit.
    """
    now = now or timezone.now()
    expired = TokenHold.objects.filter(state=TokenHold.State.HELD, expires_at__lte=now).order_by("pk")
    keys = list(expired.values_list("key", flat=True)[:_SWEEP_LIMIT])
    return sum(_try_to_sweep(key, now) for key in keys)


def _again_on_new_connection(once: partial[bool]) -> bool:
    try:
        return once()
    except OperationalError:
        if connection.in_atomic_block:
            raise
        connection.close()
        return once()


def _settle(key: str, prompt_tokens: int, completion_tokens: int, source: Source) -> bool:
    with transaction.atomic(), connection.cursor() as cursor:
        claim = _claim(cursor, sql.CLAIM, (prompt_tokens + completion_tokens, key))
        if claim is None:
            return False
        _post(cursor, claim, prompt_tokens, completion_tokens, source)
    return True


def _try_to_sweep(key: str, now: datetime) -> bool:
    """One hold that cannot be settled must not keep the others waiting; the next run tries it again."""
    try:
        return _again_on_new_connection(partial(_sweep_one, key, now))
    except StorageError:
        logger.exception("metering.sweep_failed", extra={"key": key})
        return False


def _sweep_one(key: str, now: datetime) -> bool:
    with transaction.atomic(), connection.cursor() as cursor:
        claim = _claim(cursor, sql.CLAIM_EXPIRED, (key, moment(now)))
        if claim is None:
            return False
        _post(cursor, claim, claim.progress_prompt, claim.progress_completion, "local")
        tell = partial(events.hold_swept.send_robust, None, key=key, feature=claim.feature, reference=claim.reference)
        transaction.on_commit(tell, robust=True)
    logger.warning("metering.hold_swept", extra={"key": key, "charged": claim.charged})
    return True


def _claim(cursor: CursorWrapper, statement: str, parameters: tuple[Any, ...]) -> _Claim | None:
    cursor.execute(statement, parameters)
    row = cursor.fetchone()
    return row and _Claim(*row)


def _post(cursor: CursorWrapper, claim: _Claim, prompt_tokens: int, completion_tokens: int, source: Source) -> None:
    """Move a claimed hold's tokens from held to used and write the ledger row; the caller's transaction is open."""
    overrun = max(0, claim.charged - claim.amount)
    cursor.execute(sql.CHARGE, (claim.amount, claim.charged, claim.user_id))
    row = cursor.fetchone()
    window = row[0] if row else 0  # the user was deleted in mid-answer: the ledger keeps the row all the same
    entry = (
        claim.id,
        claim.user_id,
        claim.feature,
        claim.model,
        prompt_tokens,
        completion_tokens,
        claim.charged,
        source,
        claim.reference,
        overrun,
        window,
        moment(timezone.now()),
    )
    cursor.execute(sql.INSERT_ENTRY, entry)
    if claim.platform_day is not None:
        day = connection.ops.adapt_datefield_value(claim.platform_day)
        cursor.execute(sql.CHARGE_PLATFORM, (claim.amount, claim.charged, day))
    if overrun:
        transaction.on_commit(partial(_alert_overrun, claim), robust=True)


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
