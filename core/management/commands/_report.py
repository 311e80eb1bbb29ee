"""What the operators' commands of this floor share: JSON on demand, and sentences instead of tracebacks."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand
from django.core.management.base import CommandError
from django.core.management.base import CommandParser


class ReportingCommand(BaseCommand):
    """Does its work and prints the outcome, as lines or as one JSON object; exits with 1 when it was not good."""

    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print one JSON object.")

    def report(self, outcome: dict[str, Any], lines: list[str], *, as_json: bool, failure: str = "") -> None:
        """Print, then fail with a sentence if there is one."""
        self.stdout.write(json.dumps(outcome, indent=2) if as_json else "\n".join(lines))
        if failure:
            raise CommandError(failure)
