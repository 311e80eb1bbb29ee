"""``manage.py restore``: a backup becomes the configured database and storage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.core.management.base import CommandParser
from django.db import connection

from core.backup import BackupError
from core.backup import databases
from core.backup import manifest
from core.backup import proving
from core.files.errors import StorageUnavailable
from core.management.commands._report import ReportingCommand


class Command(ReportingCommand):
    help = "Fill the configured, empty database and the storage from a backup. Run again, it goes on where it stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("folder", type=Path, help="The backup.")
        parser.add_argument("--dry-run", action="store_true", help="Check it and say what would be written.")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        try:
            outcome = self._restore(folder, manifest.read(folder), write=not options["dry_run"])
        except StorageUnavailable as error:
            raise CommandError(f"The storage does not answer: {error.sentence}") from error
        except BackupError as error:
            raise CommandError(str(error)) from error
        lines = [f"{name}: {value}" for name, value in outcome.items()]
        lines.append("Now run `manage.py migrate`, then start the site.")
        self.report(outcome, lines, as_json=options["json"])

    def _restore(self, folder: Path, made: manifest.Manifest, *, write: bool) -> dict[str, Any]:
        if bad := [finding for finding in proving.of_folder(folder, made) if not finding.ok]:
            raise BackupError(" ".join(finding.problem for finding in bad))
        if write:
            restored = proving.restore_database(folder, made)
            connection.close()
        else:
            with databases.opened() as (cursor, _streaming):
                restored = databases.is_empty(cursor)
        written, there = proving.restore_files(folder, write=write) if made.with_files else (0, 0)
        return {
            "backup": str(folder),
            "dry_run": not write,
            "database_restored": restored,
            "files_written": written,
            "files_already_there": there,
        }
