"""Invoices, charges and single payments of a customer as rows here, and what they grant or take back.

All of it runs under the lock of the customer's row, so a look before an insert is enough to do a thing once.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from decimal import ROUND_FLOOR
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum
from django.forms.models import model_to_dict
from django.utils import timezone

from billing import notifications
from billing.metering.tokens import quotas
from billing.models import BillingCustomer
from billing.models import Grant
from billing.models import Order
from billing.models import Payment
from billing.payments import orders
from billing.payments.prices import PriceBook
from billing.providers.base import Account
from billing.providers.base import Charged
from billing.providers.base import Checkout
from billing.providers.base import Intent
from billing.providers.base import Invoice
from billing.providers.base import Line

_GOES_BACK = {Payment.Status.REFUNDED, Payment.Status.DISPUTED}
_SETTLED = {Payment.Status.SUCCEEDED, Payment.Status.PARTIALLY_REFUNDED, *_GOES_BACK}


@dataclass(slots=True)
class Written:
    """The paid periods that are new and open a window, and what changed, in words."""

    periods: list[Grant] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)

    def opens_window(self, now: datetime) -> bool:
        """Whether one of them is not over yet."""
        return any(grant.period_end is not None and grant.period_end > now for grant in self.periods)


def write(customer: BillingCustomer, account: Account, book: PriceBook, *, doubles: Set[str] = frozenset()) -> Written:
    """Bring payments and grants up to what was read, the oldest invoice first.

    ``doubles`` are subscriptions that are ended and given back: their periods open no window.
    """
    written = Written()
    charges = {charge.intent_id: charge for charge in account.charges}
    found = sorted((one for one in account.invoices if one.status != "draft"), key=lambda one: (one.created, one.id))
    known = {row.provider_id: row for row in Payment.objects.filter(provider_id__in=[one.id for one in found])}
    for invoice in found:
        row = known.get(invoice.id) or Payment(user_id=customer.user_id, provider_id=invoice.id)
        written.changes += _write_payment(customer, book, row, invoice, charges.get(invoice.intent_id))
    periods = _open_periods(customer, book, [one for one in found if one.status == "paid"])
    written.changes += [f"grant {grant.key}" for grant in periods]
    not_kept = {one.id for one in found if one.subscription_id in doubles}
    written.periods = [grant for grant in periods if grant.invoice_id not in not_kept]
    written.changes += _write_charges(customer, charges)
    return written


def write_intents(customer: BillingCustomer, intents: Sequence[Intent]) -> list[str]:
    """Single payments that were begun here; a payment that went through never goes back to waiting."""
    changes = []
    rows = {row.provider_id: row for row in Payment.objects.filter(provider_id__in=[one.id for one in intents])}
    for intent in intents:
        row = rows.get(intent.id)
        if row is None or row.status in _SETTLED or row.status == intent.status or row.user_id != customer.user_id:
            continue
        row.status = intent.status
        row.paid_at = timezone.now() if intent.status == Payment.Status.SUCCEEDED else None
        row.save()
        _changed(row)
        changes.append(f"payment {row.provider_id}: {row.status}")
    return changes


def write_checkouts(customer: BillingCustomer, checkouts: dict[UUID, Checkout]) -> list[str]:
    """What became of the pages of orders, by the order's id: a page that is over is forgotten, one that was paid is a
    payment of its own."""
    changes = []
    for order_id, checkout in sorted(checkouts.items()):
        if checkout.state == "pending":
            continue
        Order.objects.filter(pk=order_id, checkout_id=checkout.id).update(checkout_id="")
        if checkout.state != "paid" or Payment.objects.filter(provider_id=checkout.intent_id).exists():
            continue
        row = Payment.objects.create(
            user_id=customer.user_id,
            provider=customer.provider,
            provider_id=checkout.intent_id,
            intent_id=checkout.intent_id,
            customer_id=customer.customer_id,
            amount=checkout.amount,
            currency=checkout.currency,
            purpose=Payment.Purpose.ORDER,
            order_id=order_id,
            status=Payment.Status.SUCCEEDED,
            paid_at=timezone.now(),
        )
        _changed(row)
        changes.append(f"payment {row.provider_id}: {row.status}")
    return changes


def revoked_until(customer: BillingCustomer, subscription_id: str) -> datetime | None:
    """The end of the subscription's last paid period, when the money for it went back."""
    periods = Payment.objects.filter(
        user_id=customer.user_id, subscription_id=subscription_id, period_end__isnull=False, status__in=_SETTLED
    )
    last = periods.order_by("-period_end", "-id").first()
    return last.period_end if last and last.status in _GOES_BACK else None


def _write_payment(
    customer: BillingCustomer, book: PriceBook, row: Payment, invoice: Invoice, charge: Charged | None
) -> list[str]:
    before = {} if row._state.adding else model_to_dict(row)
    plan_line = max(_plan_lines(book, invoice), key=lambda line: line.amount, default=None)
    period_line = max(_period_lines(book, invoice), key=lambda line: line.amount, default=None)
    row.provider, row.customer_id = customer.provider, customer.customer_id
    row.subscription_id = invoice.subscription_id
    row.intent_id = invoice.intent_id or row.intent_id
    row.amount, row.currency = invoice.amount, invoice.currency
    row.purpose = Payment.Purpose.SUBSCRIPTION if invoice.subscription_id else Payment.Purpose.OTHER
    row.tier = (book.tier_of(plan_line.price_id) or "") if plan_line else ""
    row.period_end = period_line.period_end if period_line else None
    row.invoice_url, row.paid_at = invoice.url, invoice.paid_at
    row.refunded_amount = _refunded(row, charge)
    row.status = _status(row, invoice, charge)
    if before == model_to_dict(row):
        return []
    row.save()
    if (before.get("status"), before.get("refunded_amount")) != (row.status, row.refunded_amount):
        _changed(row)
        _take_back(row)
    return [f"payment {row.provider_id}: {row.status}"]


def _refunded(row: Payment, charge: Charged | None) -> int:
    return min(max(row.refunded_amount, charge.refunded if charge else 0), row.amount)


def _status(row: Payment, invoice: Invoice, charge: Charged | None) -> str:
    match invoice.status:
        case "paid":
            return _status_of_money(row, is_disputed=bool(charge and charge.disputed))
        case "open":
            return Payment.Status.FAILED if invoice.attempted else Payment.Status.PENDING
        case _:
            return Payment.Status.CANCELED


def _status_of_money(row: Payment, *, is_disputed: bool) -> str:
    if is_disputed:
        return Payment.Status.DISPUTED
    if row.refunded_amount and row.refunded_amount >= row.amount:
        return Payment.Status.REFUNDED
    return Payment.Status.PARTIALLY_REFUNDED if row.refunded_amount else Payment.Status.SUCCEEDED


def _write_charges(customer: BillingCustomer, charges: dict[str, Charged]) -> list[str]:
    """Refunds and disputes of single payments; those of invoices are written with them."""
    rows = Payment.objects.filter(user_id=customer.user_id, provider_id__in=charges, status__in=_SETTLED)
    changes = []
    for row in rows:
        charge = charges[row.provider_id]
        before = (row.status, row.refunded_amount)
        row.refunded_amount = _refunded(row, charge)
        row.status = _status_of_money(row, is_disputed=charge.disputed)
        if before != (row.status, row.refunded_amount):
            row.save()
            _changed(row)
            _take_back(row)
            changes.append(f"payment {row.provider_id}: {row.status}")
    return changes


def _plan_lines(book: PriceBook, invoice: Invoice) -> list[Line]:
    return [line for line in invoice.lines if book.tier_of(line.price_id) and line.amount >= 0]


def _period_lines(book: PriceBook, invoice: Invoice) -> list[Line]:
    return [line for line in _plan_lines(book, invoice) if not line.is_proration]


def _open_periods(customer: BillingCustomer, book: PriceBook, paid: list[Invoice]) -> list[Grant]:
    """A row for every paid line of a plan that has none yet; returns those of whole periods."""
    now = timezone.now()
    drafts = {f"{invoice.id}:{line.id}": (invoice, line) for invoice in paid for line in _plan_lines(book, invoice)}
    known = set(Grant.objects.filter(key__in=drafts).values_list("key", flat=True))
    new = [
        (
            Grant(
                key=key,
                user_id=customer.user_id,
                kind=Grant.Kind.PERIOD,
                tier=book.tier_of(line.price_id) or "",
                invoice_id=invoice.id,
                line_id=line.id,
                period_start=line.period_start,
                period_end=line.period_end,
                created_at=now,
            ),
            line,
        )
        for key, (invoice, line) in drafts.items()
        if key not in known
    ]
    Grant.objects.bulk_create([grant for grant, _line in new])
    return [grant for grant, line in new if not line.is_proration]


def _take_back(row: Payment) -> None:
    """After a refund or a dispute: the tokens that came with the payment, in proportion, and a row that says so.

    The plan itself is lost through :func:`revoked_until`. The key names how far the refund has come, so each step is
    taken once; what is used already cannot be taken, and the row shows what was asked for.
    """
    disputed = row.status == Payment.Status.DISPUTED
    if not disputed:
        _give_back(row)
    if not disputed and not row.refunded_amount:
        return
    share = Decimal(1) if disputed or not row.amount else Decimal(row.refunded_amount) / Decimal(row.amount)
    ledger = Grant.objects.filter(user_id=row.user_id, invoice_id=row.provider_id)
    given = ledger.filter(kind=Grant.Kind.TOKENS).aggregate(sum=Sum("tokens", default=0))["sum"]
    asks = ledger.filter(kind=Grant.Kind.CLAW_BACK)
    if Grant.objects.filter(key=f"{row.provider_id}:dispute_won").exists():
        asks = asks.exclude(key=f"{row.provider_id}:dispute")
    asked = asks.aggregate(sum=Sum("asked", default=0))["sum"]
    wanted = max(0, int((Decimal(given) * share).to_integral_value(ROUND_FLOOR)) - asked)
    step = "dispute" if disputed else f"refund:{row.refunded_amount}"
    reason = "The payment is disputed." if disputed else f"{row.refunded_amount} of {row.amount} was refunded."
    claw_back(
        row.user_id,
        key=f"{row.provider_id}:{step}",
        tokens=wanted,
        reason=reason,
        invoice_id=row.provider_id,
        tier=row.tier,
        period_end=row.period_end,
    )


def _give_back(row: Payment) -> None:
    """After a dispute that was won: the tokens it took, once."""
    taken = Grant.objects.filter(key=f"{row.provider_id}:dispute").first()
    key = f"{row.provider_id}:dispute_won"
    if taken is None or not taken.tokens or Grant.objects.filter(key=key).exists():
        return
    now = timezone.now()
    # Not under the invoice: a later refund is measured by what came with the payment in the first place.
    Grant.objects.create(
        key=key,
        user_id=row.user_id,
        kind=Grant.Kind.TOKENS,
        tokens=quotas.add_bonus(row.user_id, -taken.tokens, now),
        reason="The dispute was won.",
        created_at=now,
    )


def claw_back(
    user_id: UUID,
    *,
    key: str,
    tokens: int,
    reason: str,
    invoice_id: str = "",
    tier: str = "",
    period_end: datetime | None = None,
) -> tuple[Grant, bool]:
    """Take granted tokens back once, as far as they are there; the caller has a lock that makes it once.

    Returns the ledger's row, which says what was asked for and what was moved, and whether it is new.
    """
    now = timezone.now()
    known = Grant.objects.filter(key=key).first()
    if known:
        return known, False
    moved = quotas.add_bonus(user_id, -tokens, now) if tokens else 0
    grant = Grant.objects.create(
        key=key,
        user_id=user_id,
        kind=Grant.Kind.CLAW_BACK,
        tokens=moved,
        asked=tokens,
        tier=tier,
        invoice_id=invoice_id,
        period_end=period_end,
        reason=reason[:500],
        created_at=now,
    )
    return grant, True


def _changed(row: Payment) -> None:
    """What follows from a payment's new status, in one place: its order moves, its owner and the apps hear of it."""
    if row.status == Payment.Status.SUCCEEDED:
        orders.paid(row)
    elif row.status in {Payment.Status.PARTIALLY_REFUNDED, *_GOES_BACK}:
        orders.money_moved(row)
    _notify(row)
    notifications.tell_apps_of_payment(row)


def _notify(row: Payment) -> None:
    match row.status:
        case Payment.Status.SUCCEEDED:
            notifications.notify("payment_succeeded", row)
        case Payment.Status.FAILED:
            notifications.notify("payment_failed", row)
        case Payment.Status.REFUNDED | Payment.Status.PARTIALLY_REFUNDED | Payment.Status.DISPUTED:
            notifications.notify("payment_refunded", row)
