"""hold → work → settle, once for every kind of thing that actions are paid with.

A :class:`Book` describes one kind (tokens are the first) and this is what all of them share: a hold that is stored once
under its key, a settlement that happens once, a sweeper for those who died in between, and one more try on a new
connection. What a balance is, and how it is taken from, given back to and written down, is the book's.

Row locks are taken in one order: the hold, the balance it draws on, and last what all users share. So holds,
settlements and sweeps of one book never wait for each other in a ring.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from functools import partial
from typing import Any
from typing import Generic
from typing import Protocol
from typing import TypeVar
from uuid import UUID

from django.db import Error as StorageError
from django.db import OperationalError
from django.db import connection
from django.db import transaction
from django.db.backends.utils import CursorWrapper

from billing.errors import MeteringUnavailable
from billing.metering.findings import LedgerFinding
from billing.models.bases import Hold
from billing.models.bases import Ledger
from core.errors import IdempotencyMismatch
from core.sql import identity
from core.sql import moment

logger = logging.getLogger(__name__)

_SWEEP_LIMIT = 5000


class Draft(Protocol):
    """A hold that is to be stored. ``facts`` are the values of :attr:`Book.facts`, as the driver takes them."""

    @property
    def id(self) -> UUID: ...

    @property
    def key(self) -> str: ...

    @property
    def user_id(self) -> UUID: ...

    @property
    def made_at(self) -> datetime: ...

    @property
    def expires_at(self) -> datetime: ...

    @property
    def amount(self) -> int: ...

    @property
    def facts(self) -> tuple[Any, ...]: ...


class Claim(Protocol):
    """A hold that is ours to settle: a NamedTuple of columns, with ids and dates as the driver returned them."""

    @property
    def key(self) -> str: ...

    @property
    def charged(self) -> int: ...


D = TypeVar("D", bound=Draft)
C = TypeVar("C", bound=Claim)
H = TypeVar("H")
U = TypeVar("U")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Book(Generic[D, C, H, U]):
    """One kind of thing that is held, charged and written down.

    Its functions run inside the engine's transaction, and take their locks in the engine's order. ``D`` is a draft of a
    hold, ``C`` a claimed one, ``H`` what a caller gets of a hold, and ``U`` what an action has used.
    """

    unit: str
    """What is counted, in the plural; names the book."""

    holds: type[Hold]
    """The table of its holds."""

    facts: tuple[str, ...]
    """The columns of a hold beyond those that all have, in the order of :attr:`Draft.facts`."""

    counters: tuple[str, ...] = ()
    """The columns of a hold that begin at 0."""

    claim: type[C]
    """What a settlement needs of its hold; the names of its fields are those of the columns."""

    abandoned: str
    """SQL over the columns of a hold: what one that nobody settled is charged."""

    reserve: Callable[[CursorWrapper, D], H]
    """Take what the draft asks for from the balance, after its hold was stored; raises a refusal.

    A book that grants less, or learns only here from where it takes, writes that into the stored hold.
    """

    repeated: Callable[[Any], H]
    """What the caller gets for a known key: the first hold, as it stands in the table."""

    post: Callable[[CursorWrapper, C, U], None]
    """Move a claimed hold from held to used, and write the row of the ledger."""

    used_by: Callable[[C], U]
    """What the action of an abandoned hold has used; it adds up to :attr:`abandoned`."""

    swept: Callable[[C], object]
    """Called after the commit that settled an abandoned hold, for the apps that must hear of it."""

    entries: type[Ledger]
    """The ledger, whose rows point to their ``hold``."""

    booked: str
    """SQL over a row ``entry`` of the ledger: what was charged."""

    prove: Callable[[datetime], Iterable[LedgerFinding]]
    """What of the balances does not add up; rows from before the moment may be left out where they are many."""


def hold(book: Book[D, C, H, U], draft: D, *, savepoint: bool = True) -> H:
    """Store a hold and take from the balance what it asks for; a repeated key returns the first hold.

    Raises what the book refuses with, MeteringUnavailable when the ledger cannot be written, and IdempotencyMismatch
    for another user's key.
    """
    try:
        with transaction.atomic(savepoint=savepoint), connection.cursor() as cursor:
            if not _insert(book, cursor, draft):
                return _repeated(book, draft)
            return book.reserve(cursor, draft)
    except StorageError as error:
        logger.exception("metering.unavailable", extra={"key": draft.key})
        raise MeteringUnavailable from error


def settle(book: Book[D, C, H, U], key: str, used: U, *, charge: int, savepoint: bool = True) -> bool:
    """Charge a hold and release the rest; True for the one call that did it.

    Calls for unknown, settled or swept holds return False and change nothing, so a caller that was cut off may simply
    call again; that is also done here, once, when the database connection breaks. Raises MeteringUnavailable when it
    stays broken: the sweeper settles then.
    """
    try:
        return _again_on_new_connection(partial(_settle, book, key, used, charge, savepoint=savepoint))
    except StorageError as error:
        logger.exception("metering.unavailable", extra={"key": key})
        raise MeteringUnavailable from error


def sweep(book: Book[D, C, H, U], now: datetime) -> int:
    """Settle the holds that are past their expiry, up to 5,000 a run; returns how many.

    Each one is a transaction of its own and claimed again under its expiry, so a hold that moved, or was settled, in
    the meantime is left alone.
    """
    expired = book.holds._default_manager.filter(state=Hold.State.HELD, expires_at__lte=now).order_by("pk")
    keys = list(expired.values_list("key", flat=True)[:_SWEEP_LIMIT])
    return sum(_try_to_sweep(book, key, now) for key in keys)


@cache
def insert_sql(book: Book[D, C, H, U]) -> str:
    """Stores a hold unless its key is taken. Parameters: id, key, user, amount, made, expiry, and the book's facts."""
    common = ("id", "key", "user_id", "amount", "created_at", "expires_at")
    given = ", ".join(f'"{name}"' for name in common + book.facts)
    zeros = "".join(f', "{name}"' for name in ("charged", *book.counters))
    values = ", ".join(["%s"] * len(common + book.facts))
    return (
        f"INSERT INTO {book.holds._meta.db_table} ({given}, state{zeros}) "  # noqa: S608 - names from code
        f"VALUES ({values}, 'held'{', 0' * (1 + len(book.counters))}) ON CONFLICT (key) DO NOTHING"
    )


@cache
def claim_sql(book: Book[D, C, H, U]) -> str:
    """Makes an open hold ours to settle. Parameters: the charge, the key."""
    return f"{_claiming(book, '%s')} RETURNING {_returning(book)}"


@cache
def claim_expired_sql(book: Book[D, C, H, U]) -> str:
    """Makes an abandoned hold ours to settle. Parameters: the key, now."""
    return f"{_claiming(book, book.abandoned)} AND expires_at <= %s RETURNING {_returning(book)}"


def _claiming(book: Book[D, C, H, U], charge: str) -> str:
    table = book.holds._meta.db_table
    return f"UPDATE {table} SET state = 'settled', charged = {charge} WHERE key = %s AND state = 'held'"  # noqa: S608


def _returning(book: Book[D, C, H, U]) -> str:
    names: tuple[str, ...] = book.claim._fields  # type: ignore[attr-defined] # no Protocol can say NamedTuple
    return ", ".join(f'"{name}"' for name in names)


def _insert(book: Book[D, C, H, U], cursor: CursorWrapper, draft: D) -> bool:
    """Store the hold under its key; False when the key is taken.

    This comes before the balance is touched. The other way round two requests with one key deadlock on PostgreSQL: the
    second one holds the balance's row the first needs, and waits for the first one's key.
    """
    cursor.execute(
        insert_sql(book),
        (
            identity(draft.id),
            draft.key,
            identity(draft.user_id),
            draft.amount,
            moment(draft.made_at),
            moment(draft.expires_at),
            *draft.facts,
        ),
    )
    return bool(cursor.rowcount == 1)


def _repeated(book: Book[D, C, H, U], draft: D) -> H:
    first = book.holds._default_manager.get(key=draft.key)
    if first.user_id != draft.user_id:
        raise IdempotencyMismatch
    return book.repeated(first)


def _again_on_new_connection(once: partial[bool]) -> bool:
    try:
        return once()
    except OperationalError:
        if connection.in_atomic_block:
            raise
        connection.close()
        return once()


def _settle(book: Book[D, C, H, U], key: str, used: U, charge: int, *, savepoint: bool) -> bool:
    with transaction.atomic(savepoint=savepoint), connection.cursor() as cursor:
        claim = _claim(book, cursor, claim_sql(book), (charge, key))
        if claim is None:
            return False
        book.post(cursor, claim, used)
    return True


def _try_to_sweep(book: Book[D, C, H, U], key: str, now: datetime) -> bool:
    """One hold that cannot be settled must not keep the others waiting; the next run tries it again."""
    try:
        return _again_on_new_connection(partial(_sweep_one, book, key, now))
    except StorageError:
        logger.exception("metering.sweep_failed", extra={"key": key})
        return False


def _sweep_one(book: Book[D, C, H, U], key: str, now: datetime) -> bool:
    with transaction.atomic(), connection.cursor() as cursor:
        claim = _claim(book, cursor, claim_expired_sql(book), (key, moment(now)))
        if claim is None:
            return False
        book.post(cursor, claim, book.used_by(claim))
        transaction.on_commit(partial(book.swept, claim), robust=True)
    logger.warning("metering.hold_swept", extra={"key": key, "charged": claim.charged})
    return True


def _claim(book: Book[D, C, H, U], cursor: CursorWrapper, statement: str, parameters: tuple[Any, ...]) -> C | None:
    cursor.execute(statement, parameters)
    row = cursor.fetchone()
    return row and book.claim(*row)
