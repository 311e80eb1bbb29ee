"""What staff and operators do to plans and quotas; every act needs a reason and stands in the audit log."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.clients import NOBODY
from accounts.clients import Client
from accounts.models import User
from accounts.services import audit
from billing.metering import proof
from billing.metering import quotas
from billing.metering.proof import Finding
from billing.models import Subscription
from core.errors import Forbidden
from core.errors import InvalidInput

logger = logging.getLogger(__name__)

MOST_TOKENS = 1_000_000_000
"""Granted at once; more is a slip of the finger."""


@transaction.atomic
def grant_plan(
    actor: User | None, *, user: User, tier: str, reason: str, client: Client = NOBODY
) -> tuple[Subscription, bool]:
    """Put a user on a plan from now on, without an end; what was used in the window stays used.

    Returns the subscription and whether it changed: granting the present plan again does nothing. ``actor`` is None for
    an operator at the command line. Raises Forbidden, and InvalidInput for an unknown tier or an empty reason.
    """
    _authorise(actor, user, reason)
    if tier not in settings.TIERS:
        raise InvalidInput(details={"tier": [f"Choose one of {', '.join(settings.TIERS)}."]})
    subscription, _ = Subscription.objects.get_or_create(user=user, defaults={"tier": settings.TIERS[0]})
    subscription = Subscription.objects.select_for_update().get(pk=subscription.pk)
    before, status = subscription.effective_tier, subscription.status
    if before == tier and status == Subscription.Status.ACTIVE:
        return subscription, False
    now = timezone.now()
    subscription.tier, subscription.status = tier, Subscription.Status.ACTIVE
    subscription.current_period_start, subscription.current_period_end = now, None
    subscription.cancel_at_period_end = False
    subscription.save()
    quotas.change_tier(user.pk, tier, now)
    audit.record("plan.granted", actor=actor, client=client, on=user, before=before, after=tier, reason=reason.strip())
    return subscription, True


@transaction.atomic
def reset_tokens(actor: User | None, *, users: Iterable[User], reason: str, client: Client = NOBODY) -> int:
    """Open a new window for users before its time; returns for how many.

    Users who have used nothing in the running one are left out. What is held stays held. Raises Forbidden, and
    InvalidInput for an empty reason.
    """
    now, count = timezone.now(), 0
    # In one order, so that two staff members with overlapping lists do not wait for each other in a ring.
    for user in sorted(users, key=lambda user: user.pk):
        _authorise(actor, user, reason)
        if quotas.open_window(user.pk, now):
            audit.record("tokens.reset", actor=actor, client=client, on=user, reason=reason.strip())
            count += 1
    return count


@transaction.atomic
def adjust_tokens(actor: User | None, *, user: User, tokens: int, reason: str, client: Client = NOBODY) -> int:
    """Grant tokens for the running window, or take them back (below zero); returns the window's new limit.

    The ledger tells what was used and is not touched: the limit moves, never below nothing. The next window has the
    plan's limit again. Raises Forbidden, InvalidInput (no tokens, too many, no reason) and Conflict for a plan without
    a limit.
    """
    _authorise(actor, user, reason)
    if tokens == 0 or abs(tokens) > MOST_TOKENS:
        raise InvalidInput(details={"tokens": [f"Give a number up to {MOST_TOKENS:,}, but not 0."]})
    limit, moved = quotas.adjust(user.pk, tokens, timezone.now())
    audit.record(
        "tokens.granted" if tokens > 0 else "tokens.taken_back",
        actor=actor,
        client=client,
        on=user,
        tokens=moved,
        limit=limit,
        reason=reason.strip(),
    )
    return limit


def prove_ledger() -> list[Finding]:
    """Run the proof and raise an alert in the log for everything that does not add up."""
    findings = proof.check()
    for finding in findings:
        logger.error("metering.ledger_mismatch", extra={"finding": finding.as_dict()})
    return findings


def _authorise(actor: User | None, user: User, reason: str) -> None:
    """Staff act on users, superusers on staff as well, the operator on all, and nobody without a reason."""
    if actor is not None:
        is_staff = actor.is_active and actor.is_staff
        if not is_staff or (user.is_staff and not actor.is_superuser):
            raise Forbidden
    if not reason.strip():
        raise InvalidInput("Give a reason.", details={"reason": ["This value is required."]})
