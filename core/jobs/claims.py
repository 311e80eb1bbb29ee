"""Rows that one worker at a time may work on: claim, lease and fence.

The state of the work stays with each model; here is who may write it. A claim is one conditional update, so of many
that try one wins. It holds for a *lease*, which its holder extends, and is taken back when that has run out: its
process died. It may also only have slept, so every claim counts the *fence* up, and who was overtaken writes nothing
more, as no row has his fence. A row is claimed exactly while ``lease_until`` is set.

    job = claims.claim(Job.objects.filter(state="queued"), pk, lease=lease, state="running")
    with claims.fenced(job): ...
    claims.release(job, state="succeeded")

Why a lease alone is not enough: https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from datetime import timedelta
from typing import Any
from typing import TypeVar

from django.db import models
from django.db import transaction
from django.db.models import F
from django.db.models import Q
from django.db.models import QuerySet
from django.utils import timezone


class LeaseLost(Exception):
    """The claim does not hold any more: the work belongs to somebody else, or its time is over."""


class Claimable(models.Model):
    """A row that can be claimed. An instance that :func:`claim` gave is the claim: refreshing it would steal another's.

    Index ``lease_until`` where the work is under way, for :func:`lapsed`.
    """

    fence = models.PositiveBigIntegerField(default=0, help_text="Counts the claims; only the last one may write.")
    lease_until = models.DateTimeField(null=True, blank=True, help_text="A run that is silent for longer is lost.")

    class Meta:
        abstract = True


C = TypeVar("C", bound=Claimable)


def claim(free: QuerySet[C], pk: Any, *, lease: timedelta, **changes: Any) -> C | None:
    """Claim one row, if it is among those that are ``free``, and write ``changes`` along.

    None when it is not, or another was faster. Commit before the work begins: until then nobody sees the claim.
    """
    rows = free.filter(pk=pk)
    # The row stays locked until it is read, so that what is read is this claim.
    with transaction.atomic(savepoint=False):
        if not rows.update(fence=F("fence") + 1, lease_until=timezone.now() + lease, **changes):
            return None
        return rows.model._default_manager.get(pk=pk)


def held(row: C) -> QuerySet[C]:
    """The row, as long as this claim holds: what is written through it is fenced."""
    return type(row)._default_manager.filter(pk=row.pk, fence=row.fence, lease_until__isnull=False)


@contextmanager
def fenced(row: Claimable) -> Iterator[None]:
    """A transaction in which nobody else can claim the row. Raises LeaseLost before anything is written."""
    with transaction.atomic():
        if held(row).select_for_update().first() is None:
            raise LeaseLost
        yield


def extend(row: Claimable, *, lease: timedelta, **changes: Any) -> bool:
    """Let the lease run from now on, and write ``changes`` along; False when the claim does not hold any more."""
    return bool(held(row).update(lease_until=timezone.now() + lease, **changes))


def release(row: Claimable, **changes: Any) -> bool:
    """Let go of the row, and write ``changes`` along; False when the claim does not hold any more."""
    return bool(held(row).update(lease_until=None, **changes))


def lapsed(now: datetime) -> Q:
    """Claims whose lease has run out."""
    return Q(lease_until__lt=now)


def take_back(rows: QuerySet[C], now: datetime, **changes: Any) -> int:
    """Take ``rows`` from those whose lease has run out, and write ``changes`` along; returns how many.

    From then on they write nothing more: nobody holds the row, and the next claim has another fence.
    """
    return rows.filter(lapsed(now)).update(lease_until=None, **changes)
