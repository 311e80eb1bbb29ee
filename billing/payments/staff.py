"""What staff do with money and tokens; every act needs a reason, stands in the audit log, and may be repeated."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.clients import NOBODY
from accounts.clients import Client
from accounts.models import User
from accounts.services import audit
from billing import providers
from billing.authority import authorise
from billing.metering import quotas
from billing.models import BillingCustomer
from billing.models import Grant
from billing.models import Payment
from billing.payments import invoices
from billing.payments import subscriptions
from billing.payments import sync
from core.errors import Conflict
from core.errors import IdempotencyMismatch
from core.errors import InvalidInput

_REFUNDABLE = {Payment.Status.SUCCEEDED, Payment.Status.PARTIALLY_REFUNDED}


def refund_payment(
    actor: User | None, *, payment: Payment, reason: str, amount: int | None = None, client: Client = NOBODY
) -> Payment:
    """Give a payment back, whole or in part (``amount`` in the smallest unit); what it granted is taken back with it.

    The same refund asked for twice before the first is seen is made once. Raises Forbidden, InvalidInput for an amount
    that is not there, Conflict for a payment that cannot be refunded, and children of PaymentsError.
    """
    payment = Payment.objects.get(pk=payment.pk)
    user = User.objects.filter(pk=payment.user_id).first()
    authorise(actor, user, reason)
    if payment.status not in _REFUNDABLE or not payment.intent_id:
        raise Conflict("This payment cannot be refunded.")
    left = payment.amount - payment.refunded_amount
    amount = left if amount is None else amount
    if not 0 < amount <= left:
        raise InvalidInput(details={"amount": [f"Choose an amount between 1 and {left}."]})
    key = f"refund:{payment.pk}:{payment.refunded_amount}:{amount}"
    providers.get(payment.provider).refund(payment.intent_id, amount=amount, key=key)
    audit.record(
        "payment.refunded",
        actor=actor,
        client=client,
        on=payment,
        amount=amount,
        currency=payment.currency,
        reason=reason.strip(),
    )
    customer = BillingCustomer.objects.filter(user_id=payment.user_id).first()
    if customer:
        sync.refresh(customer)
    payment.refresh_from_db()
    return payment


def change_plan_by_staff(
    actor: User | None, *, user: User, tier: str, reason: str, client: Client = NOBODY
) -> tuple[bool, str]:
    """Move a user to another plan: at the provider when they pay for one, otherwise as a present.

    Returns whether something changed and, when the change waits for the user's payment, where it is made.
    """
    from billing import services

    authorise(actor, user, reason)
    own = subscriptions.known(user)
    if not own.is_managed:
        return services.grant_plan(actor, user=user, tier=tier, reason=reason, client=client)[1], ""
    before = (own.tier, own.pending_plan, own.cancel_at_period_end)
    row, payment_url = subscriptions.change_plan(user, plan=tier, client=client, actor=actor)
    audit.record("plan.changed_by_staff", actor=actor, client=client, on=user, after=tier, reason=reason.strip())
    return before != (row.tier, row.pending_plan, row.cancel_at_period_end), payment_url


@transaction.atomic
def grant_tokens(
    actor: User | None,
    *,
    user: User,
    tokens: int,
    reference: str,
    reason: str,
    payment: Payment | None = None,
    client: Client = NOBODY,
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
    actor: User | None, *, user: User, tokens: int, reference: str, reason: str, client: Client = NOBODY
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


def _require(tokens: int, reference: str) -> None:
    if tokens < 1:
        raise InvalidInput(details={"tokens": ["Choose at least 1."]})
    if not 0 < len(reference) <= 200:
        raise InvalidInput(details={"reference": ["Give a reference of at most 200 characters."]})


def _same(known: Grant, user: User, tokens: int) -> Grant:
    if known.user_id != user.pk or known.asked != tokens:
        raise IdempotencyMismatch
    return known
