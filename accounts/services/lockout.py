"""The brake on guessing passwords: five failures on one account from one address lock the pair for a while.

An attempt is counted *before* the password is looked at and forgiven afterwards when it was right. So however many
guesses arrive at once, no more than five are ever compared, and no transaction is open while a password is hashed.
The state is rows: flushing the cache frees nobody.

An address is what an attacker chooses, so the account is watched as well: after MANY_GUESSES from anywhere, addresses
at which the account has no session are let in one at a time, and its owner gets a letter. Nobody is locked out by
others: the addresses of living sessions, and links by mail, work as ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from ipaddress import IPv6Address
from ipaddress import ip_address
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.addresses import canonical
from accounts.clients import ClientInfo
from accounts.errors import LockedOut
from accounts.errors import SlowedDown
from accounts.models import LoginAttempt
from accounts.models import Session
from accounts.models import User
from accounts.services import audit
from accounts.services import emails

ALLOWED_FAILURES = 5
"""In a row, of one account from one address; the last of them locks the pair."""
FIRST_LOCK = timedelta(minutes=15)
"""Each lock is twice as long as the one before, up to LONGEST_LOCK."""
LONGEST_LOCK = timedelta(minutes=30)
FAILURES_FORGOTTEN_AFTER = timedelta(hours=1)
"""Without any further failure."""
LOCKS_FORGOTTEN_AFTER = timedelta(hours=24)
"""Then the next lock is a first one again."""

MANY_GUESSES = 50
"""Failures on one account within GUESSES_COUNT_FOR, from all addresses together."""
GUESSES_COUNT_FOR = timedelta(hours=1)
BETWEEN_GUESSES = timedelta(minutes=1)
"""Of all addresses together at which the account has no session."""
_EVERYWHERE = "*"
"""Stands for the address in the row of an account that is being guessed from all over."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A counted attempt; ``locks`` when it was the last one allowed."""

    id: UUID
    user: User | None
    locks: bool


def begin(identifier: str, *, user: User | None, client: ClientInfo) -> Attempt:
    """Count an attempt; raises LockedOut while the pair of account and address is locked, and SlowedDown.

    ``identifier`` is what was typed; a known user is counted under one key, however he was named.
    """
    now, account, network = timezone.now(), _account_key(identifier, user), _network(client.ip)
    with transaction.atomic():
        row, _created = LoginAttempt.objects.select_for_update().get_or_create(
            account=account, ip=network, defaults={"user": user, "last_attempt_at": now}
        )
        _refuse_while_locked(row, now)
        if _guesses(account, now) >= MANY_GUESSES and not _is_at_home(user, network):
            _take_turn(account, user, now, client)
        locks = _count(row, now)
    return Attempt(id=row.pk, user=user, locks=locks)


def failed(attempt: Attempt, *, client: ClientInfo) -> None:
    """The password was wrong: what was counted stays."""
    if attempt.locks:
        audit.record("login.locked_out", client=client, on=attempt.user, outcome="denied")


def succeeded(attempt: Attempt) -> None:
    """The password was right: failures and locks are forgotten."""
    LoginAttempt.objects.filter(pk=attempt.id).update(failures=0, locks=0, locked_until=None)


def locked_for(identifier: str, *, user: User | None, client: ClientInfo) -> LockedOut | None:
    """The refusal this pair would meet now, without counting anything."""
    now, network = timezone.now(), _network(client.ip)
    rows = LoginAttempt.objects.filter(account=_account_key(identifier, user))
    for row in rows.filter(ip=network):
        if refusal := _refusal(row, now):
            return refusal
    for row in rows.filter(ip=_EVERYWHERE, locked_until__gt=now):
        if not _is_at_home(user, network):
            return SlowedDown(retry_after=_seconds_until(row.locked_until, now))
    return None


def _guesses(account: str, now: datetime) -> int:
    """Failures on an account from all addresses that tried lately; a lock stands for the failures that made it."""
    lately = LoginAttempt.objects.filter(account=account, last_attempt_at__gt=now - GUESSES_COUNT_FOR)
    found = lately.exclude(ip=_EVERYWHERE).aggregate(failures=Sum("failures"), locks=Sum("locks"))
    return int(found["failures"] or 0) + ALLOWED_FAILURES * int(found["locks"] or 0)


def _is_at_home(user: User | None, network: str) -> bool:
    """Whether the account has a living session at that address."""
    addresses = Session.objects.filter(user=user, revoked_at=None, expires_at__gt=timezone.now()).exclude(ip="")
    return any(_network(address) == network for address in addresses.values_list("ip", flat=True))


def _take_turn(account: str, user: User | None, now: datetime, client: ClientInfo) -> None:
    """Let one in, and make all others wait; raises SlowedDown. The first time in a day the owner is told."""
    turn, is_new = LoginAttempt.objects.select_for_update().get_or_create(
        account=account, ip=_EVERYWHERE, defaults={"user": user, "last_attempt_at": now}
    )
    if turn.locked_until is not None and turn.locked_until > now:
        raise SlowedDown(retry_after=_seconds_until(turn.locked_until, now))
    if is_new or now - turn.last_attempt_at > LOCKS_FORGOTTEN_AFTER:
        audit.record("login.guessed", client=client, on=user, outcome="denied")
        if user is not None:
            emails.send_password_guessed(user)
    turn.locked_until, turn.last_attempt_at = now + BETWEEN_GUESSES, now
    turn.save(update_fields=["locked_until", "last_attempt_at"])


def _seconds_until(moment: datetime | None, now: datetime) -> int:
    return int((moment - now).total_seconds()) + 1 if moment else 1


def _refuse_while_locked(row: LoginAttempt, now: datetime) -> None:
    if refusal := _refusal(row, now):
        raise refusal


def _refusal(row: LoginAttempt, now: datetime) -> LockedOut | None:
    if row.locked_until is None or row.locked_until <= now:
        return None
    return LockedOut(retry_after=_seconds_until(row.locked_until, now))


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
    name = str(user.pk) if user else canonical(identifier).casefold()
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
