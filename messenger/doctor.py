"""What this app looks at for ``manage.py doctor``."""

from __future__ import annotations

from collections.abc import Iterator

from core.findings import Check
from core.findings import Finding
from core.findings import ok
from core.findings import warn
from messenger.services import agents


def checks() -> Iterator[Check]:
    """In the order in which they are reported."""
    yield Check("agents in conversations", agent_counts, needs="migrations")


def agent_counts() -> Iterator[Finding]:
    """An agent in a conversation that counts none hears nothing."""
    wrong = agents.miscounted().count()
    if wrong:
        yield warn(
            "agents in conversations",
            f"{wrong} conversations count their agents wrongly, so agents may not hear what is said there. They are "
            "counted anew every day by the job messenger.recount_agents; see that workers run.",
        )
    else:
        yield ok("agents in conversations", "All are counted.")
