"""The quota row: what a user may still spend, and when the window ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db import transaction
from django.db.models import Case
from django.db.models import F
from django.db.models import Q
from django.db.models import QuerySet
from django.db.models import Value
from django.db.models import When
from django.utils import timezone

from billing.errors import UpgradeRequired
from billing.models import Subscription
from billing.models import TokenQuota
from billing.plans import UNLIMITED
from billing.plans import next_boundary
from billing.plans import tier_allows

_RESET_CHUNK = 1000
_MOST_WINDOWS = 1_500
"""That are looked ahead: a year of six hours."""
# What a window that ends leaves of the bonus: its own limit was used up first.
_BONUS_LEFT = Case(
    When(Q(tokens_limit=UNLIMITED) | Q(tokens_used__lte=F("tokens_limit")), then=F("tokens_bonus")),
    When(
        tokens_bonus__gt=F("tokens_used") - F("tokens_limit"),
        then=F("tokens_bonus") + F("tokens_limit") - F("tokens_used"),
    ),
    default=Value(0),
)


@dataclass(frozen=True, slots=True)
class Allowance:
    """A user's running window, in tokens; a ``limit`` of -1 is none."""

    tier: str
    limit: int
    used: int
    held: int
    reset_at: datetime
    bonus: int = 0

    @property
    def left(self) -> int | None:
        """What can still be held; None without limit, 0 after a downgrade below what is used."""
        return None if self.limit == UNLIMITED else max(0, self.limit + self.bonus - self.used - self.held)

    def enough_at(self, tokens: int) -> datetime | None:
        """In which window so many will have come; None when they are there, or not within a year or so."""
        missing = tokens - (tokens if self.left is None else self.left)
        if missing <= 0 or missing > self.limit * _MOST_WINDOWS:
            return None
        at = self.reset_at
        for _window in range(-(-missing // self.limit) - 1):
            at = next_boundary(self.tier, at)
        return at


def allowance(user_id: UUID) -> Allowance:
    """The running window; opens the next one when it is over, and the first one of a new user."""
    return _as_allowance(freshen(user_id, timezone.now()))


def peek(user_id: UUID) -> Allowance:
    """What :func:`allowance` would say, in one query and without writing."""
    now = timezone.now()
    quota = TokenQuota.objects.filter(pk=user_id).first() or _new_quota(user_id, settings.TIERS[0], now)
    if quota.reset_at <= now:
        quota.tokens_bonus = bonus_left(quota)
        quota.tokens_used, quota.reset_at = 0, next_boundary(quota.tier, now)
    quota.tokens_limit = settings.TOKEN_LIMITS[quota.tier]
    return _as_allowance(quota)


def tier_of(user_id: UUID) -> str:
    """The tier that decides what the user may use."""
    tier = TokenQuota.objects.filter(pk=user_id).values_list("tier", flat=True).first()
    return tier or settings.TIERS[0]


def require_tier(user_id: UUID, tier: str) -> None:
    """Raises UpgradeRequired when the user's plan is below ``tier``."""
    if tier != settings.TIERS[0] and not tier_allows(tier_of(user_id), tier):
        raise UpgradeRequired(required_tier=tier)


def locked_tier(user_id: UUID) -> str:
    """The tier, and nobody else counts by it until the caller's transaction ends: what a plan has room for."""
    return freshen(user_id, timezone.now(), lock=True).tier


def freshen(user_id: UUID, now: datetime, *, lock: bool = False) -> TokenQuota:
    """The quota row: created when missing, rolled over when its window is past, its limit as in the settings.

    Each repair is a conditional update, so that whoever comes second finds it done. With ``lock`` the row is locked
    until the end of the caller's transaction.
    """
    rows: QuerySet[TokenQuota] = TokenQuota.objects.filter(pk=user_id)
    rows = rows.select_for_update() if lock else rows
    quota = rows.first()
    if quota is None:
        create(user_id, now)
        quota = rows.get()
    if quota.reset_at <= now or quota.tokens_limit != settings.TOKEN_LIMITS[quota.tier]:
        _roll(TokenQuota.objects.filter(pk=user_id, reset_at__lte=now), quota.tier, now)
        TokenQuota.objects.filter(pk=user_id, tier=quota.tier).update(tokens_limit=settings.TOKEN_LIMITS[quota.tier])
        quota = rows.get()
    return quota


def create(user_id: UUID, now: datetime) -> None:
    """The first row of a user; does nothing when somebody else was faster."""
    subscription = Subscription.objects.filter(user_id=user_id).first()
    tier = subscription.effective_tier if subscription else settings.TIERS[0]
    TokenQuota.objects.bulk_create([_new_quota(user_id, tier, now)], ignore_conflicts=True)


def change_tier(user_id: UUID, tier: str, now: datetime) -> None:
    """Move the running window to another plan: its limit at once, its rhythm from now on; what was used stays."""
    freshen(user_id, now)
    TokenQuota.objects.filter(pk=user_id).update(
        tier=tier, tokens_limit=settings.TOKEN_LIMITS[tier], reset_at=next_boundary(tier, now)
    )


def open_window(user_id: UUID, now: datetime) -> bool:
    """Open a new window before its time; its end stays where it was. False when nothing was used in the running one.

    Held tokens stay held: they belong to open holds, whose settlement charges the window that is then running.
    """
    freshen(user_id, now)
    rows = TokenQuota.objects.filter(pk=user_id, tokens_used__gt=0)
    return bool(rows.update(tokens_used=0, tokens_bonus=_BONUS_LEFT, window=F("window") + 1))


def add_bonus(user_id: UUID, tokens: int, now: datetime) -> int:
    """Add to, or with a negative number take from, what a user has on top of the limit; returns what was moved.

    Never more is taken than is left of it. The row stays locked by the caller's transaction.
    """
    quota = freshen(user_id, now, lock=True)
    moved = max(tokens, -bonus_left(quota))
    TokenQuota.objects.filter(pk=user_id).update(tokens_bonus=F("tokens_bonus") + moved)
    return moved


def bonus_left(quota: TokenQuota) -> int:
    """What remains of the bonus: the window's own limit is used up before it."""
    beyond = 0 if quota.tokens_limit == UNLIMITED else max(0, quota.tokens_used - quota.tokens_limit)
    return max(0, quota.tokens_bonus - beyond)


def reset_due(now: datetime | None = None) -> int:
    """Roll over every window that is past; returns how many.

    May run late, twice at once or with a clock that is off: a row whose ``reset_at`` has moved on is not due any more.
    Rows in use at this moment are left to their user's next access or the next run.
    """
    now = now or timezone.now()
    total = 0
    while count := _reset_some(now):
        total += count
    return total


@transaction.atomic
def _reset_some(now: datetime) -> int:
    due = TokenQuota.objects.filter(reset_at__lte=now).order_by("pk")
    due = due.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
    rows = list(due.values_list("pk", "tier")[:_RESET_CHUNK])
    for tier in {tier for _pk, tier in rows}:
        _roll(TokenQuota.objects.filter(pk__in=[pk for pk, its in rows if its == tier], reset_at__lte=now), tier, now)
    return len(rows)


def _roll(rows: QuerySet[TokenQuota], tier: str, now: datetime) -> None:
    rows.filter(tier=tier).update(
        tokens_used=0,
        tokens_bonus=_BONUS_LEFT,
        window=F("window") + 1,
        reset_at=next_boundary(tier, now),
        tokens_limit=settings.TOKEN_LIMITS[tier],
    )


def _new_quota(user_id: UUID, tier: str, now: datetime) -> TokenQuota:
    return TokenQuota(
        user_id=user_id, tier=tier, tokens_limit=settings.TOKEN_LIMITS[tier], reset_at=next_boundary(tier, now)
    )


def _as_allowance(quota: TokenQuota) -> Allowance:
    return Allowance(
        tier=quota.tier,
        limit=quota.tokens_limit,
        used=quota.tokens_used,
        held=quota.tokens_held,
        reset_at=quota.reset_at,
        bonus=quota.tokens_bonus,
    )
