"""Making the round: every check in a thread of its own, none of which can hold up or break the rest."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from collections.abc import Sequence

from django.db import connections

from core import modules
from core.findings import Check
from core.findings import Finding
from core.findings import fail
from core.observability.redaction import redact


def visit() -> list[Finding]:
    """What all installed apps find, in their order."""
    checks = [check for module in modules.installed() for check in module.checks()]
    found: dict[Check, list[Finding]] = {}
    while waiting := [check for check in checks if check not in found]:
        names = {check.name for check in waiting}
        # One stage: those whose need was looked at, or does not exist here.
        stage = [check for check in waiting if check.needs not in names] or waiting
        unsound = {check.name for check, findings in found.items() if _stands_in_the_way(findings)}
        found |= {check: [_skipped(check)] for check in stage if check.needs in unsound}
        found |= _together([check for check in stage if check.needs not in unsound])
    return [finding for check in checks for finding in found[check]]


def _stands_in_the_way(findings: list[Finding]) -> bool:
    return any(finding.state in {"fail", "skip"} for finding in findings)


def _skipped(check: Check) -> Finding:
    return Finding(check.name, "skip", f"Not looked at, as it needs what is wrong above: {check.needs}.")


class _Visit(threading.Thread):
    """A daemon: one that hangs does not keep the process from ending."""

    def __init__(self, check: Check) -> None:
        super().__init__(name=f"doctor-{check.name}", daemon=True)
        self.check = check
        self.deadline = time.monotonic() + check.seconds
        self._found: list[Finding] | None = None

    def run(self) -> None:
        try:
            self._found = list(self.check.look())
        except BaseException as error:
            said = redact(str(error)).strip().splitlines()
            self._found = [fail(self.check.name, f"{type(error).__name__}: {said[0] if said else 'no message'}")]
        finally:
            connections.close_all()

    def found(self) -> list[Finding]:
        self.join(max(0.0, self.deadline - time.monotonic()))
        if self._found is None:
            return [fail(self.check.name, f"No answer within {self.check.seconds:g} seconds.")]
        return self._found


def _together(checks: Sequence[Check]) -> dict[Check, list[Finding]]:
    visits = [_Visit(check) for check in checks]
    for one in visits:
        one.start()
    return {one.check: one.found() for one in visits}


def worst(findings: Iterable[Finding]) -> str:
    """The state of the whole."""
    states = {finding.state for finding in findings}
    return next((state for state in ("fail", "warn") if state in states), "ok")
