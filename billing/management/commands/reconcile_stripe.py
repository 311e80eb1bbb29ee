"""``manage.py reconcile_stripe --dry-run``: exit code 1 when a customer could not be read."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser

from billing import providers
from billing.management.commands._operator import OperatorCommand
from billing.payments import repair


class Command(OperatorCommand):
    help = "Read customers at the payment provider and repair what notifications missed. Exits with 1 when one fails."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--all", action="store_true", help="also who was read lately, or has no plan any more")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        self.failed = False
        super().handle(*args, **options)
        if self.failed:
            sys.exit(1)

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        providers.active()
        report = repair.reconcile(dry_run=options["dry_run"], everybody=options["all"])
        self.failed = bool(report.failed)
        return report.as_dict() | {"dry_run": options["dry_run"]}

    def lines(self, outcome: dict[str, Any]) -> list[str]:
        verb = "would be repaired" if outcome["dry_run"] else "repaired"
        lines = [f"{outcome['checked']} read, {len(outcome['repaired'])} {verb}, {len(outcome['failed'])} failed"]
        lines += [f"{customer}: {', '.join(changes)}" for customer, changes in outcome["repaired"].items()]
        return lines + [f"{customer} failed: {sentence}" for customer, sentence in outcome["failed"].items()]
