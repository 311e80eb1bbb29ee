"""What billing keeps of people: the plan goes with them, the ledger stays and names nobody."""

from __future__ import annotations

from uuid import UUID

from billing.models import Subscription
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from core.personal import Holding
from core.personal import Work

_LEDGER = "Money adds up for ever; the row names an id, and nothing is left that says whose it was."

HOLDINGS = [
    Holding(model="billing.Subscription", rows=lambda user_id: Subscription.objects.filter(user_id=user_id)),
    Holding(model="billing.TokenQuota", rows=lambda user_id: TokenQuota.objects.filter(user_id=user_id)),
    Holding(
        model="billing.TokenHold",
        rows=lambda user_id: TokenHold.objects.filter(user_id=user_id),
        leave_out=("key",),
        ends="kept",
        reason=_LEDGER,
    ),
    Holding(
        model="billing.UsageEntry",
        rows=lambda user_id: UsageEntry.objects.filter(user_id=user_id),
        ends="kept",
        reason=_LEDGER,
    ),
]

NOT_PERSONAL = {"billing.PlatformDay": "Sums of all users."}


def erase(user_id: UUID, _work: Work) -> None:
    """The plan and the running window. A hold that is still open settles all the same."""
    Subscription.objects.filter(user_id=user_id).delete()
    TokenQuota.objects.filter(user_id=user_id).delete()
