"""What billing refuses, and why."""

from __future__ import annotations

from datetime import datetime
from math import ceil
from uuid import UUID

from django.utils import timezone

from core import errors


def _seconds_until(moment: datetime) -> int:
    return max(1, ceil((moment - timezone.now()).total_seconds()))


def _as_text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


class TokenLimitExceeded(errors.DomainError):
    """Less is left in the user's window than the smallest answer needs."""

    code, status, message = "token_limit_exceeded", 429, "Token limit exceeded"

    def __init__(self, *, limit: int, used: int, held: int, reset_at: datetime) -> None:
        super().__init__(
            limit=limit, used=used, held=held, reset_at=_as_text(reset_at), retry_after=_seconds_until(reset_at)
        )


class MinuteLimitExceeded(errors.DomainError):
    """Not one call minute is left of the user's month; the figures are minutes."""

    code, status, message = "minute_limit_exceeded", 429, "Your call minutes of this month are used up."

    def __init__(self, *, limit: int, used: int, held: int, reset_at: datetime) -> None:
        super().__init__(
            limit=limit, used=used, held=held, reset_at=_as_text(reset_at), retry_after=_seconds_until(reset_at)
        )


class PlatformLimitReached(errors.DomainError):
    """The day's tokens of the whole platform are spent or promised (``DAILY_TOKEN_LIMIT``)."""

    code, status = "platform_limit_reached", 503
    message = "This service has reached its daily limit. Generation continues after midnight UTC."

    def __init__(self, *, reset_at: datetime) -> None:
        super().__init__(reset_at=_as_text(reset_at), retry_after=_seconds_until(reset_at))


class MeteringUnavailable(errors.Unavailable):
    """The ledger cannot be written, so nothing may be generated."""

    code, status = "metering_unavailable", 503
    message = "Usage cannot be recorded right now, so nothing was generated. Try again in a moment."

    def __init__(self) -> None:
        super().__init__(retry_after=5)


class UpgradeRequired(errors.DomainError):
    """The user's plan is below the one this needs."""

    code, status, message = "upgrade_required", 403, "Upgrade required"

    def __init__(self, *, required_tier: str) -> None:
        super().__init__(required_tier=required_tier)


class PaymentsError(errors.DomainError):
    """Base of what goes wrong with a payment provider. Nobody loses access by it."""

    code, status = "payments_failed", 502
    message = "The payment service did not answer properly. Your plan stays as it is. Try again in a moment."


class PaymentsUnavailable(PaymentsError):
    """It cannot be reached, is down, or is left alone for a while."""

    code, status = "payments_unavailable", 503
    message = "The payment service does not answer right now. Your plan stays as it is. Try again in a moment."

    def __init__(self, *, retry_after: int | None = None) -> None:
        super().__init__(retry_after=retry_after or 30)


class CustomerGone(PaymentsError):
    """The provider has no such customer (any more), so trying again cannot help; the user is introduced anew."""

    code = "customer_gone"
    message = "The payment service does not know you any more. Choose a plan to begin anew."


class PaymentsOff(PaymentsError):
    code, status, message = "payments_off", 503, "Payments are not set up on this site."


class PaymentRefused(PaymentsError):
    """The provider will not do it: the card was declined, or the object does not allow it."""

    code, status, message = "payment_refused", 402, "The payment was refused. Check your card and try again."


class InvalidSignature(errors.DomainError):
    """A notification that is not proven to come from the provider."""

    code, status, message = "invalid_signature", 400, "The signature of this notification is not valid."


class UnknownPrice(PaymentsError):
    """The provider sells somebody a price that belongs to no plan of ours; nothing is granted for it."""

    code, message = "unknown_price", "The subscription has a price that belongs to no plan."


class PlanConflict(errors.Conflict):
    """The subscription does not allow it now; the sentence says why."""

    code = "plan_conflict"


class OrderNotPaid(errors.Conflict):
    """The work of an order is done while it is paid: not before, and not after it has ended."""

    code, message = "order_not_paid", "This order is not paid, or has ended."


class OrderConflict(errors.Conflict):
    """The order's state does not allow it; the sentence says why."""

    code = "order_conflict"


class AmountMismatch(errors.Conflict):
    """The client says another amount than the order's, which is the server's."""

    code, message = "amount_mismatch", "This order costs another amount. Look at it first."

    def __init__(self, *, amount: int, currency: str) -> None:
        super().__init__(amount=amount, currency=currency)


class QuoteChanged(errors.Conflict):
    """What was agreed to is not what it costs now."""

    code, message = "quote_changed", "The price has changed since you looked. Look at the new one first."


class QuoteExpired(errors.Conflict):
    code, message = "quote_expired", "This offer has expired. Ask for a new one."


class PaymentRequired(errors.DomainError):
    """The work begins when its order is paid: on the page ``url``, or with ``client_secret`` in a form of one's own."""

    code, status, message = "payment_required", 402, "This has to be paid first."

    def __init__(self, *, order: UUID, url: str, client_secret: str) -> None:
        super().__init__(order=str(order), url=url, client_secret=client_secret)
