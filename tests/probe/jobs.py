"""Jobs that leave traces: rows for what they did, files for where they are."""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path

from core import jobs
from core.models import LooseBlob

STEPS = 4


def rows(job_id: object) -> list[str]:
    """The steps that were done, in order; one that was done twice stands there twice."""
    done = LooseBlob.objects.filter(key__startswith=f"probe/{job_id}/").values_list("key", flat=True)
    return sorted(key.split("/")[2] for key in done)


@jobs.handler("probe.steps", lease=3, timeout=60)
def steps(run: jobs.Run) -> None:
    """Four steps with a checkpoint each; the first run stops before the third until the file ``go`` is there."""
    traces = Path(run.payload["traces"])
    try:
        for step in range(run.checkpoint or 0, STEPS):
            if step == 2:
                _wait(traces)
            with run.fenced():
                LooseBlob.objects.create(key=f"probe/{run.job_id}/{step}/{secrets.token_hex(4)}")
                run.save(checkpoint=step + 1, progress=100 * (step + 1) // STEPS)
    except jobs.LeaseLost:
        (traces / "lost").touch()
        raise


def _wait(traces: Path) -> None:
    pid = traces / "pid"
    if pid.exists():
        return
    draft = traces / "draft"
    draft.write_text(str(os.getpid()))
    draft.rename(pid)
    while not (traces / "go").exists():
        time.sleep(0.02)


@jobs.handler("probe.mark")
def mark(run: jobs.Run) -> None:
    """One row."""
    with run.fenced():
        LooseBlob.objects.create(key=f"probe/{run.job_id}/0/{secrets.token_hex(4)}")
