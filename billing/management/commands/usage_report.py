"""``manage.py usage_report --days 7``"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.core.management.base import CommandParser

from billing import reports
from billing.management.commands._operator import OperatorCommand


class Command(OperatorCommand):
    help = "What all users spent, by day, feature and model. Only reads."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--days", type=int, default=30, help="how many UTC days back, today included")

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        if options["days"] < 1:
            raise CommandError("--days must be at least 1.")
        return reports.platform_usage(days=options["days"])

    def lines(self, outcome: dict[str, Any]) -> list[str]:
        lines = [
            f"{outcome['tokens']} tokens in {outcome['requests']} requests of {outcome['users']} users",
            f"in {outcome['days']} days; {outcome['overrun']} beyond their holds",
        ]
        for group, name in (("by_day", "day"), ("by_feature", "feature"), ("by_model", "model")):
            lines += [f"{row[name] or '-':<24} {row['tokens']:>14} {row['requests']:>9}" for row in outcome[group]]
        return lines
