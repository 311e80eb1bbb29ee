"""Jobs that leave traces: rows for what they did, files for where they are."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings

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


def mark_kind(queue: str) -> str:
    """The kind of :func:`mark` in a queue."""
    return f"probe.mark_{queue}"


@jobs.handler("probe.mark")
def mark(run: jobs.Run) -> None:
    """One row."""
    with run.fenced():
        LooseBlob.objects.create(key=f"probe/{run.job_id}/0/{secrets.token_hex(4)}")


for name in settings.JOB_QUEUES:
    jobs.handler(mark_kind(name), queue=name)(mark)


def stop_once(traces: Path, *, moves: int) -> None:
    """In this process, stop the erasure after so many moves, or the export after so many pieces; once among all."""
    from accounts.services import exporting
    from accounts.services import purging

    seen = 0

    def stopping(body: Callable[..., None]) -> Callable[..., None]:
        def moved(*arguments: Any, **named: Any) -> None:
            nonlocal seen
            body(*arguments, **named)
            seen += 1
            if seen == moves:
                _wait(traces)

        return moved

    exporting._PIECE_BYTES = 1
    exporting._keep = stopping(exporting._keep)
    purging._Work.moved = stopping(purging._Work.moved)  # type: ignore[method-assign]


if os.environ.get("PROBE_STOP_AFTER"):
    stop_once(Path(os.environ["VAR_DIR"]), moves=int(os.environ["PROBE_STOP_AFTER"]))
