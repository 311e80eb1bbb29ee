"""``manage.py backup``: the database and the files of one moment, in a folder of their own."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.base import CommandParser
from django.utils import timezone

from core.backup import BackupError
from core.backup import making
from core.backup import manifest
from core.management.commands._report import ReportingCommand


class Command(ReportingCommand):
    help = "Back up the database and the files. May be run while the site is up. Keys and secrets are not in it."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--to", type=Path, help="The folder that backups lie in; VAR_DIR/backups when left out.")
        parser.add_argument("--name", help="The backup's own name; made from the time when left out.")
        parser.add_argument("--no-files", action="store_true", help="The database only: the bucket has its own backup.")
        parser.add_argument("--keep", type=int, default=0, help="Delete all but the newest so many; 0 keeps all.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would be taken, and write nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["keep"] < 0:
            raise CommandError("--keep is a number of backups: 0 or more.")
        folder = (options["to"] or settings.VAR_DIR / "backups") / (options["name"] or making.folder_name(now))
        try:
            if options["dry_run"]:
                outcome = {"backup": str(folder), "dry_run": True} | asdict(making.plan())
            else:
                outcome = self._make(folder, options)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.report(outcome, [f"{name}: {value}" for name, value in outcome.items()], as_json=options["json"])

    def _make(self, folder: Path, options: dict[str, Any]) -> dict[str, Any]:
        created = not (folder / manifest.NAME).exists()
        if created:
            made = making.make(folder, now=timezone.now(), with_files=not options["no_files"])
        else:
            made = manifest.read(folder)
        pruned = making.prune(folder.parent, options["keep"])
        return {
            "backup": str(folder),
            "created": created,
            "server": made.server,
            "rows": sum(made.counts.values()),
            "files": made.files,
            "bytes": made.bytes,
            "gone": len(made.gone),
            "pruned": [path.name for path in pruned],
        }
