"""``make prove`` and ``make prove-calls``: what each proof runs, and what it needs to.

``EXAMPLES=500 STEPS=40 SEED=7 make prove`` is a long run; without these variables it is as long as CI has time for.
"""

from __future__ import annotations

import shutil

from deploy import postgres
from deploy import steps
from deploy.steps import Failure

PROOFS = {
    # That no message is lost, doubled or out of order.
    "prove": ("tests/proof", "--ignore=tests/proof/calls"),
    # That every call ends as it should, for all who saw it, and is charged once.
    "prove-calls": ("tests/proof/calls",),
}


def command(name: str) -> list[str]:
    """What Python is to run for a proof. Raises Failure where it cannot be run here."""
    if not postgres.programs() and not steps.setting("DATABASE_URL").startswith("postgres"):
        raise Failure("Not checked: there is no PostgreSQL to start here, and DATABASE_URL names none.")
    if not shutil.which("redis-server"):
        raise Failure(
            "Not checked: the proof kills and restarts a Redis of its own, and there is no redis-server here."
        )
    return ["-m", "pytest", "-q", "-s", "-m", "prove", *PROOFS[name]]
