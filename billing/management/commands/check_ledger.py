"""``manage.py check_ledger``: exit code 1 when something does not add up."""

from __future__ import annotations

import sys
from typing import Any

from billing.management.commands._operator import OperatorCommand
from billing.services.metering import prove_ledger


class Command(OperatorCommand):
    help = "Prove that quotas, ledger and holds agree. Exits with 1 when they do not."

    def handle(self, *args: Any, **options: Any) -> None:
        self.failed = False
        super().handle(*args, **options)
        if self.failed:
            sys.exit(1)

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        findings = [finding.as_dict() for finding in prove_ledger()]
        self.failed = bool(findings)
        return {"ok": not findings, "findings": findings}

    def lines(self, outcome: dict[str, Any]) -> list[str]:
        if outcome["ok"]:
            return ["Quotas, ledger and holds agree."]
        return [
            f"{one['kind']} of {one['subject']}: {one['found']}, but the rows add up to {one['expected']}"
            for one in outcome["findings"]
        ]
