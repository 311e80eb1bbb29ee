"""``manage.py export_user alice --output alice.zip``"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.core.management.base import CommandParser

from accounts.management.operator import OperatorCommand
from accounts.management.operator import find_user
from accounts.models import DataExport
from accounts.services import exporting
from core.files import blobs
from core.jobs import sweeper
from core.jobs import worker
from core.jobs.models import Job

_CHUNK_BYTES = 1024 * 1024


class Command(OperatorCommand):
    help = "Write everything the house keeps of a user into a ZIP file. A running export is carried to its end."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("user", help="user name, e-mail address or id")
        parser.add_argument("--output", required=True, type=Path, help="where the file is written; it must not exist")

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        user, output = find_user(options["user"]), options["output"]
        if output.exists():
            raise CommandError(f"{output} is there already.")
        export = exporting.begin(user, actor=None)
        finish(Job.objects.get(kind=exporting.KIND, key=str(export.pk)))
        export = DataExport.objects.select_related("file").get(pk=export.pk)
        if export.file is None:
            raise CommandError("The archive is gone already.")
        draft = output.with_name(f".{output.name}.part")
        reader = blobs.read(export.file.key)
        try:
            with draft.open("wb") as copy:
                while chunk := reader.read(_CHUNK_BYTES):
                    copy.write(chunk)
            draft.rename(output)  # whole or not at all
        finally:
            reader.close()
            draft.unlink(missing_ok=True)
        return {"user": str(user.pk), "output": str(output), "size": export.file.size, "sha256": export.file.sha256}


def finish(job: Job) -> None:
    """Do a job here, or wait for the worker that has it. Raises CommandError when it fails."""
    while True:
        worker.run_job(job.pk)
        job.refresh_from_db()
        if job.state == Job.State.SUCCEEDED:
            return
        if job.state in {Job.State.FAILED, Job.State.CANCELLED}:
            raise CommandError(job.error or "The job was cancelled.")
        time.sleep(0.5)
        sweeper.sweep()  # a run whose process was lost
