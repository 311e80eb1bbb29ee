"""``make prove``, ``prove-calls``, ``prove-agents``, ``prove-translation``: what each proof runs, and what it needs to.

``EXAMPLES=500 STEPS=40 SEED=7 make prove`` and ``RUNS=500 SEED=7 make prove-agents`` are long runs;
``RUNS=5 make prove-translation`` kills two workers fifty times for each service in each of five runs.
"""

from __future__ import annotations

import os
import shutil

from deploy import postgres
from deploy import steps
from deploy.steps import Failure

PROOFS = {
    # That no message is lost, doubled or out of order.
    "prove": ("-m", "prove", "tests/proof", "--ignore=tests/proof/calls"),
    # That every call ends as it should, for all who saw it, and is charged once.
    "prove-calls": ("-m", "prove", "tests/proof/calls"),
    # That runs of agents survive SIGKILL at any point, and that the test finds its mutants.
    "prove-agents": ("-n0", "agents/tests/test_kill.py"),
    # That documents whose workers are killed end, are uploaded once but for doubts, and paid once.
    "prove-translation": ("-n0", "translation/tests/test_kill.py"),
}


def command(name: str) -> list[str]:
    """What Python is to run for a proof. Raises Failure where it cannot be run here."""
    if not postgres.programs() and not steps.setting("DATABASE_URL").startswith("postgres"):
        raise Failure("Not checked: there is no PostgreSQL to start here, and DATABASE_URL names none.")
    if not shutil.which("redis-server"):
        raise Failure(
            "Not checked: the proof kills and restarts a Redis of its own, and there is no redis-server here."
        )
    return ["-m", "pytest", "-q", "-s", *PROOFS[name]]


def variables() -> dict[str, str]:
    """What tells the proofs apart from what CI runs of the same tests."""
    runs = os.environ.get("RUNS", "")
    return {"AGENT_KILL_RUNS": runs or "500", "TRANSLATION_KILL_RUNS": runs or "1"}
