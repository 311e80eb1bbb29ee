"""What answers cost, as people are shown it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings

from accounts.models import User


class Costs(NamedTuple):
    """How costs are shown to one person: in dollars, or not at all."""

    visible: bool

    def amount(self, cost: Decimal | None) -> str | None:
        """Dollars as a decimal number without needless zeros."""
        if cost is None or not self.visible:
            return None
        return f"{cost.normalize():f}"

    def day(self, priced: date | None) -> date | None:
        """The day from which the price holds that was taken."""
        return priced if self.visible else None


def shown_to(person: User) -> Costs:
    """By ``SHOW_COSTS``."""
    return Costs(settings.SHOW_COSTS == "everyone" or (settings.SHOW_COSTS == "staff" and person.is_staff))
