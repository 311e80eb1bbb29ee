"""What staff and operators do to windows and tokens.

Every act needs a reason, stands in the audit log, and may be repeated.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.models import User
from accounts.services import audit
from billing.metering import proof
from billing.metering.findings import LedgerFinding
from billing.metering.tokens import quotas
from billing.models import Grant
from billing.models import Payment
from billing.payments import invoices
from billing.payments import proof as order_proof
from billing.services.permissions import authorise
from core.errors import IdempotencyMismatch
from core.errors import InvalidInput

logger = logging.getLogger(__name__)

_OF_APPS: list[Callable[[], Iterable[LedgerFinding]]] = []


@transaction.atomic
def reset_tokens(actor: User | None, *, users: Iterable[User], reason: str, client: ClientInfo = NOBODY) -> int:
    """Open a new window for users before its time; returns for how many.

    Users who have used nothing in the running one are left out. What is held stays held. Raises Forbidden, and
    InvalidInput for an empty reason.
    """
    now, count = timezone.now(), 0
    # In one order, so that two staff members with overlapping lists do not wait for each other in a ring.
    for user in sorted(users, key=lambda user: user.pk):
        authorise(actor, user, reason)
        if quotas.open_window(user.pk, now):
            audit.record("tokens.reset", actor=actor, client=client, on=user, reason=reason.strip())
            count += 1
    return count


@transaction.atomic
def grant_tokens(
    actor: User | None,
    *,
    user: User,
    tokens: int,
    reference: str,
    reason: str,
    payment: Payment | None = None,
    client: ClientInfo = NOBODY,
) -> tuple[Grant, bool]:
    """Give tokens on top of the plan's; they are kept until they are used. A known ``reference`` changes nothing.

    With ``payment`` they are taken back when it is refunded. Returns the ledger's row and whether it is new. Raises
    IdempotencyMismatch for a reference that was used for something else.
    """
    authorise(actor, user, reason)
    _require(tokens, reference)
    now = timezone.now()
    quotas.freshen(user.pk, now, lock=True)
    key = f"tokens:{reference}"
    known = Grant.objects.filter(key=key).first()
    if known:
        return _same(known, user, tokens), False
    invoice_id = payment.provider_id if payment else ""
    grant = Grant(
        key=key,
        user=user,
        kind=Grant.Kind.TOKENS,
        tokens=tokens,
        asked=tokens,
        invoice_id=invoice_id,
        reason=reason.strip()[:500],
        created_at=now,
    )
    Grant.objects.bulk_create([grant])
    quotas.add_bonus(user.pk, tokens, now)
    audit.record(
        "tokens.granted", actor=actor, client=client, on=user, tokens=tokens, reference=reference, reason=reason
    )
    return grant, True


@transaction.atomic
def claw_back_tokens(
    actor: User | None, *, user: User, tokens: int, reference: str, reason: str, client: ClientInfo = NOBODY
) -> tuple[Grant, bool]:
    """Take granted tokens back, as far as they are not used; a known ``reference`` changes nothing.

    Returns the ledger's row, whose ``tokens`` say what was moved, and whether it is new.
    """
    authorise(actor, user, reason)
    _require(tokens, reference)
    quotas.freshen(user.pk, timezone.now(), lock=True)
    key = f"claw_back:{reference}"
    grant, is_new = invoices.claw_back(user.pk, key=key, tokens=tokens, reason=reason.strip())
    if not is_new:
        return _same(grant, user, tokens), False
    audit.record(
        "tokens.clawed_back",
        actor=actor,
        client=client,
        on=user,
        asked=tokens,
        tokens=grant.tokens,
        reference=reference,
        reason=reason.strip(),
    )
    return grant, True


def prove_ledger() -> list[LedgerFinding]:
    """Run the proof and raise an alert in the log for everything that does not add up."""
    findings = [*proof.check(), *order_proof.check()]
    for check in _OF_APPS:
        findings += check()
    for finding in findings:
        logger.error("metering.ledger_mismatch", extra={"finding": finding.as_dict()})
    return findings


def also_prove(check: Callable[[], Iterable[LedgerFinding]]) -> None:
    """Have a check of an app above run with the proof: its own figures against the ledger. Called when it is ready."""
    if check not in _OF_APPS:
        _OF_APPS.append(check)


def _require(tokens: int, reference: str) -> None:
    if tokens < 1:
        raise InvalidInput(details={"tokens": ["Choose at least 1."]})
    if not 0 < len(reference) <= 200:
        raise InvalidInput(details={"reference": ["Give a reference of at most 200 characters."]})


def _same(known: Grant, user: User, tokens: int) -> Grant:
    if known.user_id != user.pk or known.asked != tokens:
        raise IdempotencyMismatch
    return known
