"""``manage.py check_providers``: what is real, what is the demo, what is off, and why."""

from __future__ import annotations

import asyncio
import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.core.management.base import CommandError

from core.llm import discovery
from core.llm import survey

_STATES = {True: "works", False: "DOES NOT WORK", None: "off"}


class Command(BaseCommand):
    help = "Says which providers are real, demo or off, and fails when a configured one does not work."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print JSON.")
        parser.add_argument("--call", action="store_true", help="Also ask a model of each for one token (costs money).")

    def handle(self, *args: Any, **options: Any) -> None:
        discovery.search()
        findings = asyncio.run(survey.examine(call=options["call"]))
        if options["json"]:
            self.stdout.write(json.dumps({"providers": [asdict(finding) for finding in findings]}, indent=2))
        else:
            for finding in findings:
                self.stdout.write(_line(finding))
        if broken := [finding.label for finding in findings if finding.works is False]:
            raise CommandError(f"Configured, but not working: {', '.join(broken)}.")


def _line(finding: survey.Finding) -> str:
    parts = [f"{finding.label:<28} {finding.state:<5} {_STATES[finding.works]:<14} {finding.reason}"]
    if finding.models:
        parts.append(f"{len(finding.models)} models.")
    if finding.called:
        parts.append(f"Called {finding.called}.")
    if finding.problem:
        parts.append(finding.problem)
    return " ".join(parts)
