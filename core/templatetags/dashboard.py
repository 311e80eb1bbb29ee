"""The dashboard as HTML: numbers, and charts drawn here as SVG, without a script and without styles in the page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import template

from core import dashboard
from core.dashboard import Chart

register = template.Library()

WIDTH, HEIGHT, _GAP = 280, 100, 0.25
_COLOURS = 6


@register.inclusion_tag("admin/dashboard.html")
def dashboard_of(user: Any) -> dict[str, Any]:
    """Cards and charts a person may see."""
    board = dashboard.board(user)
    return {"cards": board.cards, "charts": [_drawn(chart) for chart in board.charts]}


@register.filter
def figure(value: float | None, unit: str = "") -> str:
    """A number as people read it."""
    if value is None:
        return "–"
    if unit == "seconds":
        return str(timedelta(seconds=int(value)))
    plain = f"{value:,.2f}".removesuffix(".00")
    return f"{plain} {unit}".strip()


def _drawn(chart: Chart) -> dict[str, Any]:
    """Stacked bars, one a day."""
    sums = [sum(series.values[at] for series in chart.series) for at in range(len(chart.days))]
    top = max([*sums, 1])
    step = WIDTH / max(len(chart.days), 1)
    bars = []
    for at in range(len(chart.days)):
        base = float(HEIGHT)
        for number, series in enumerate(chart.series):
            height = series.values[at] / top * HEIGHT
            if height <= 0:
                continue
            base -= height
            bars.append(
                {
                    "x": f"{(at + _GAP / 2) * step:.2f}",
                    "y": f"{base:.2f}",
                    "width": f"{step * (1 - _GAP):.2f}",
                    "height": f"{height:.2f}",
                    "colour": number % _COLOURS,
                }
            )
    rows = [{"day": day, "values": [series.values[at] for series in chart.series]} for at, day in enumerate(chart.days)]
    names = [{"name": series.name, "colour": number % _COLOURS} for number, series in enumerate(chart.series)]
    return {"chart": chart, "bars": bars, "rows": rows[::-1], "names": names, "top": max(sums, default=0)}
