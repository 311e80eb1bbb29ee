"""The operators' figures: an app names its panels in ``ModuleConfig.dashboard``, the dashboard and the API show them.

A panel is one small class. What it computes is kept for a minute, and it may ask only what an index bounds: rows of the
last days, by a time or by a UUIDv7, which holds one.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from typing import Any
from typing import ClassVar
from uuid import UUID

from django.core.cache import cache
from django.utils import timezone
from django.utils.module_loading import import_string

from core import modules

DAYS = 14
KEPT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Card:
    """One number of now."""

    key: str
    title: str
    value: float | None
    unit: str = ""
    """``seconds``, a currency, or nothing for a count."""


@dataclass(frozen=True, slots=True)
class Series:
    """One line of numbers, a number for each day of its chart."""

    name: str
    values: list[float]


@dataclass(frozen=True, slots=True)
class Chart:
    """Numbers by UTC day, the oldest first."""

    key: str
    title: str
    days: list[date]
    series: list[Series]
    unit: str = ""


class Panel:
    """What one room shows of the thing that ``key`` names. ``permission`` (``app.codename``) is needed to see it."""

    key: ClassVar[str]
    permission: ClassVar[str]

    def cards(self) -> Iterable[Card]:
        """Numbers of now."""
        return ()

    def charts(self, days: list[date]) -> Iterable[Chart]:  # noqa: ARG002 - for subclasses
        """Numbers of these UTC days."""
        return ()


@dataclass(frozen=True, slots=True)
class Board:
    """What a person may see."""

    cards: list[Card]
    charts: list[Chart]


def board(user: Any, *, days: int = DAYS, only: str = "") -> Board:
    """All panels the user has the permission for (or those of that key), as they were at most a minute ago."""
    panels = [panel for panel in _panels() if only in {"", panel.key} and user.has_perm(panel.permission)]
    seen = [_figures(panel, days) for panel in panels]
    return Board([card for cards, _ in seen for card in cards], [chart for _, charts in seen for chart in charts])


def last_days(count: int) -> list[date]:
    """The last UTC days, today included."""
    today = timezone.now().astimezone(UTC).date()
    return [today - timedelta(days=ago) for ago in range(count - 1, -1, -1)]


def by_day(days: list[date], rows: Iterable[tuple[date, float | None]]) -> list[float]:
    """Rows of a grouped query laid over the days; a day without a row has nothing."""
    found: Mapping[date, float | None] = dict(rows)
    return [found.get(day) or 0 for day in days]


def midnight(day: date) -> datetime:
    """When a UTC day begins."""
    return datetime.combine(day, time(), tzinfo=UTC)


def first_id(day: date) -> UUID:
    """The smallest UUIDv7 of a day: rows named by one are found by their primary key."""
    return UUID(int=(int(midnight(day).timestamp() * 1000) << 80) | (0x7 << 76) | (0x2 << 62))


def _panels() -> list[Panel]:
    return [import_string(name)() for module in modules.installed() for name in module.dashboard]


def _figures(panel: Panel, days: int) -> tuple[list[Card], list[Chart]]:
    name = f"dashboard:{type(panel).__module__}.{type(panel).__name__}:{days}"
    kept: tuple[list[Card], list[Chart]] | None = cache.get(name)
    if kept is None:
        kept = (list(panel.cards()), list(panel.charts(last_days(days))))
        cache.set(name, kept, KEPT_SECONDS)
    return kept
