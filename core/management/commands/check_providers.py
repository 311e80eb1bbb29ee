"""``manage.py check_providers``: what is real, what is the demo, what is off, why, and what each one has."""

from __future__ import annotations

import asyncio
import json
from argparse import ArgumentParser
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.core.management.base import CommandError

from core.llm import discovery
from core.llm import heard
from core.llm import survey
from core.llm.survey import ProviderFinding

_STATES = {True: "works", False: "DOES NOT WORK", None: "off"}
_MOST_NAMES = 12


class Command(BaseCommand):
    help = "Says which providers are real, demo or off, what they have, and fails when a configured one does not work."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print JSON.")
        parser.add_argument("--call", action="store_true", help="Also ask a model of each for one token (costs money).")

    def handle(self, *args: Any, **options: Any) -> None:
        discovery.begin()
        findings = asyncio.run(survey.examine(call=options["call"]))
        heard.share()
        if options["json"]:
            self.stdout.write(json.dumps({"providers": [asdict(finding) for finding in findings]}, indent=2))
        else:
            for line in _table(findings):
                self.stdout.write(line)
        if broken := [finding.label for finding in findings if finding.works is False]:
            raise CommandError(f"Configured, but not working: {', '.join(broken)}.")


def _table(findings: Sequence[ProviderFinding]) -> Iterator[str]:
    head = ("provider", "state", "", "protocol", "lists", "offers", "lacks", "ending", "because")
    rows = [head, *map(_row, findings)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head) - 1)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=True)]
        yield "  ".join([*cells, row[-1]]).rstrip()
    for finding in findings:
        yield from _details(finding)


def _row(finding: ProviderFinding) -> tuple[str, ...]:
    real = finding.state == "real"
    counts = (finding.models, finding.offered, finding.missing, finding.ending)
    numbers = [str(len(names)) if real else "" for names in counts]
    return (finding.label, finding.state, _STATES[finding.works], finding.protocol, *numbers, finding.reason)


def _details(finding: ProviderFinding) -> Iterator[str]:
    told: list[str] = []
    if finding.problem:
        told.append(finding.problem)
    told += finding.notes
    told += [f"Its own words changed what it is asked. {line}" for line in finding.heard]
    if finding.called:
        told.append(f"Called {finding.called}.")
    if finding.state == "real" and finding.offered:
        told.append(f"Offered: {_names(finding.offered)}.")
    if finding.missing:
        told.append(f"Not in this account: {_names(finding.missing)}.")
    told += [f"{end.id} was switched off on {end.until}; {_heir(end)}." for end in finding.ended]
    told += [f"{end.id} will be switched off on {end.until}; {_heir(end)}." for end in finding.ending]
    if told:
        yield f"\n{finding.label}"
        yield from (f"  {line}" for line in told)


def _heir(end: survey.Ending) -> str:
    return f"its successor is {end.successor}" if end.successor else "nothing on offer succeeds it"


def _names(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
