"""Background work of files."""

from __future__ import annotations

from datetime import timedelta

from core import jobs
from core.files import receipts
from core.files import services


@jobs.handler("core.sweep_files", timeout=300)
def sweep_files(_run: jobs.Run) -> None:
    """Delete expired files and bytes nobody owns."""
    services.sweep()


@jobs.handler("core.prove_deletions", timeout=300)
def prove_deletions(_run: jobs.Run) -> None:
    """Ask the storage whether what was deleted is gone."""
    receipts.prove()


jobs.periodic("core.sweep_files", every=timedelta(minutes=15))
jobs.periodic("core.prove_deletions", every=timedelta(minutes=10))
