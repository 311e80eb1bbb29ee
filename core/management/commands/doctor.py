"""``manage.py doctor``: looks at the whole set-up and says what is wrong with it and what to do."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from core.doctor import round as rounds
from core.management.commands._report import ReportingCommand


class Command(ReportingCommand):
    help = "Look at the whole set-up. Exits with 1 when something does not work; --strict also for warnings."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--strict", action="store_true", help="Fail on warnings as well.")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = rounds.visit()
        worst = rounds.worst(findings)
        width = max(len(finding.name) for finding in findings)
        bad = [finding.name for finding in findings if finding.state == "fail"]
        if options["strict"]:
            bad += [finding.name for finding in findings if finding.state == "warn"]
        self.report(
            {"state": worst, "findings": [asdict(finding) for finding in findings]},
            [f"{finding.state:<4}  {finding.name:<{width}}  {finding.sentence}" for finding in findings],
            as_json=options["json"],
            failure=f"Needs attention: {', '.join(dict.fromkeys(bad))}." if bad else "",
        )
