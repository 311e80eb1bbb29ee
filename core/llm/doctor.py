"""Do the language models answer?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

from core.findings import Check
from core.findings import Finding
from core.findings import fail
from core.findings import ok
from core.findings import warn
from core.llm import catalogue
from core.llm import discovery
from core.llm import rows
from core.llm import survey

OLD_FACTS = timedelta(days=60)
"""Prices are looked up anew each month; older ones are told."""


def checks() -> Iterator[Check]:
    """In the order in which they are reported."""
    yield Check("models", providers, seconds=30)


def providers() -> Iterator[Finding]:
    """What ``check_providers`` finds."""
    discovery.begin()
    found = [finding for finding in asyncio.run(survey.examine(call=False)) if finding.works is not None]
    for finding in found:
        if finding.works:
            yield ok("models", f"{finding.label} ({finding.state}) works.")
        else:
            yield fail("models", f"{finding.label} does not work: {finding.problem} See `manage.py check_providers`.")
    if not found:
        yield warn("models", "No language model is configured: chats answer with an error. Set OPENAI_API_KEY.")
    elif all(finding.state == "demo" for finding in found):
        yield warn("models", "Only the demo model answers. Set OPENAI_API_KEY, OPENAI_BASE_URL or OPENROUTER_API_KEY.")
    for finding in found:
        yield from _endings(finding)
        for note in finding.notes:
            yield warn("models", f"{finding.label}: {note}")
    if any(finding.state == "real" for finding in found) and catalogue.today() - rows.facts_as_of() > OLD_FACTS:
        yield warn("models", f"What is known of models and their prices is of {rows.facts_as_of()}. Update Kintsugi.")


def _endings(finding: survey.ProviderFinding) -> Iterator[Finding]:
    for end in finding.ending:
        heir = f" Its successor is {end.successor}." if end.successor else " Nothing on offer succeeds it."
        yield warn("models", f"{end.id} ({finding.label}) is switched off by its maker on {end.until}.{heir}")
