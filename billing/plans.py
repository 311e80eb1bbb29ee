"""The plans, read from settings at every use, so that a changed setting needs no migration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from datetime import timedelta

from django.apps import apps
from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import ngettext

UNLIMITED = -1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan. Prices are in hundredths of ``currency`` a month; -1 tokens, minutes or agents mean without limit."""

    id: str
    name: str
    price_cents: int
    currency: str
    tokens_limit: int
    reset_interval: timedelta
    call_minutes: int
    agents: int

    @property
    def reset_interval_seconds(self) -> int:
        return int(self.reset_interval.total_seconds())

    @property
    def features(self) -> list[str]:
        """What the plan gives, a phrase each, in the reader's language; nothing that a missing app would deliver."""
        minutes = [self._minutes_phrase()] if apps.is_installed("calls") else []
        agents = self._agents_phrases() if apps.is_installed("agents") else []
        return [self._tokens_phrase(), *minutes, *agents]

    def _tokens_phrase(self) -> str:
        if self.tokens_limit == UNLIMITED:
            return gettext("Unlimited tokens")
        hours = self.reset_interval.total_seconds() / 3600
        count = number_format(self.tokens_limit, force_grouping=True)
        phrase = ngettext("%(count)s tokens every hour", "%(count)s tokens every %(hours)g hours", int(hours))
        return phrase % {"count": count, "hours": hours}

    def _minutes_phrase(self) -> str:
        if self.call_minutes == UNLIMITED:
            return gettext("Unlimited call minutes")
        if not self.call_minutes:
            return gettext("Direct calls")
        return gettext("%(count)d call minutes a month") % {"count": self.call_minutes}

    def _agents_phrases(self) -> list[str]:
        """None where there are none: a plan is not praised for what it lacks."""
        if self.agents == UNLIMITED:
            return [gettext("Unlimited agents")]
        return [ngettext("%(count)d agent", "%(count)d agents", self.agents) % {"count": self.agents}][: self.agents]


def plan(tier: str) -> Plan:
    """The plan of a tier; raises KeyError for a word that is none."""
    return Plan(
        id=tier,
        currency=settings.PLAN_CURRENCY,
        tokens_limit=settings.TOKEN_LIMITS[tier],
        reset_interval=settings.TOKEN_RESET_INTERVALS[tier],
        **settings.PLANS[tier],
    )


def plans() -> list[Plan]:
    """All plans, the smallest first."""
    return [plan(tier) for tier in settings.TIERS]


def tier_allows(have: str, need: str) -> bool:
    """Whether tier ``have`` includes what needs tier ``need``; an unknown ``have`` counts as the smallest."""
    tiers = settings.TIERS
    return (tiers.index(have) if have in tiers else 0) >= tiers.index(need)


def next_boundary(tier: str, now: datetime) -> datetime:
    """The end of the tier's window at ``now``.

    Windows are cut from the epoch, not from the last reset: a late run does not shift the following ones, and six
    hours mean 00:00, 06:00, 12:00 and 18:00 UTC.
    """
    interval = settings.TOKEN_RESET_INTERVALS[tier]
    return _EPOCH + ((now - _EPOCH) // interval + 1) * interval
