"""The brake on guessing passwords: five failures on one account from one address lock the pair for a while.

An attempt is counted *before* the password is looked at and forgiven afterwards when it was right. So however many
guesses arrive at once, no more than five are ever compared, and no transaction is open while a password is hashed.
The state is rows: flushing the cache frees nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from ipaddress import IPv6Address
from ipaddress import ip_address
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.clients import Client
from accounts.errors import LockedOut
from accounts.models import LoginAttempt
from accounts.models import User
from accounts.services import audit

ALLOWED_FAILURES = 5
FIRST_LOCK = timedelta(minutes=15)
LONGEST_LOCK = timedelta(minutes=30)
FAILURES_FORGOTTEN_AFTER = timedelta(hours=1)
LOCKS_FORGOTTEN_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A counted attempt; ``locks`` when it was the last one allowed."""

    id: UUID
    user: User | None
    locks: bool


def begin(identifier: str, *, user: User | None, client: Client) -> Attempt:
    """Count an attempt; raises LockedOut while the pair of account and address is locked.

    ``identifier`` is what was typed; a known user is counted under one key, however he was named.
    """
    now = timezone.now()
    with transaction.atomic():
        row, _created = LoginAttempt.objects.select_for_update().get_or_create(
            account=_account_key(identifier, user),
            ip=_network(client.ip),
            defaults={"user": user, "last_attempt_at": now},
        )
        _refuse_while_locked(row, now)
        locks = _count(row, now)
    return Attempt(id=row.pk, user=user, locks=locks)


def failed(attempt: Attempt, *, client: Client) -> None:
    """The password was wrong: what was counted stays."""
    if attempt.locks:
        audit.record("login.locked_out", client=client, on=attempt.user, outcome="denied")


def succeeded(attempt: Attempt) -> None:
    """The password was right: failures and locks are forgotten."""
    LoginAttempt.objects.filter(pk=attempt.id).update(failures=0, locks=0, locked_until=None)


def locked_for(identifier: str, *, user: User | None, client: Client) -> LockedOut | None:
    """The refusal this pair would meet now, without counting anything."""
    row = LoginAttempt.objects.filter(account=_account_key(identifier, user), ip=_network(client.ip)).first()
    return _refusal(row, timezone.now()) if row else None


def _refuse_while_locked(row: LoginAttempt, now: datetime) -> None:
    if refusal := _refusal(row, now):
        raise refusal


def _refusal(row: LoginAttempt, now: datetime) -> LockedOut | None:
    if row.locked_until is None or row.locked_until <= now:
        return None
    return LockedOut(retry_after=int((row.locked_until - now).total_seconds()) + 1)


def _count(row: LoginAttempt, now: datetime) -> bool:
    """Add one failure to the locked row; True when that locks the pair."""
    quiet = now - row.last_attempt_at
    if quiet > FAILURES_FORGOTTEN_AFTER:
        row.failures = 0
    if quiet > LOCKS_FORGOTTEN_AFTER:
        row.locks = 0
    row.failures += 1
    row.last_attempt_at = now
    locks = row.failures >= ALLOWED_FAILURES
    if locks:
        row.locked_until = now + min(FIRST_LOCK * 2**row.locks, LONGEST_LOCK)
        row.locks += 1
        row.failures = 0
    row.save(update_fields=["failures", "locks", "locked_until", "last_attempt_at"])
    return locks


def _account_key(identifier: str, user: User | None) -> str:
    name = str(user.pk) if user else identifier.strip().casefold()
    return salted_hmac("accounts.lockout", name, algorithm="sha256").hexdigest()


def _network(ip: str) -> str:
    """The address; of IPv6 the /64, as one subscriber has that many addresses."""
    try:
        address = ip_address(ip)
    except ValueError:
        return ip
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(IPv6Address(int(address) >> 64 << 64))
    return str(address)
