"""``manage.py verify_backup``: restores a backup aside and proves that it is whole and works."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.core.management.base import CommandParser

from core.backup import BackupError
from core.backup import manifest
from core.backup import proving
from core.management.commands._report import ReportingCommand


class Command(ReportingCommand):
    help = "Restore a backup into a scratch database, prove it, and throw the scratch away. Changes nothing else."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("folder", type=Path, help="The backup.")
        parser.add_argument(
            "--login",
            default="",
            help="A user to sign in on the copy (by name or address). With KINTSUGI_PASSWORD in the environment the "
            "password is tried as well. Left out: the newest active user.",
        )
        parser.add_argument("--no-restore", action="store_true", help="Look at the checksums only.")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        try:
            made = manifest.read(folder)
            findings = list(proving.of_folder(folder, made))
            if not options["no_restore"] and all(finding.ok for finding in findings):
                password = os.environ.get("KINTSUGI_PASSWORD", "")
                findings += proving.of_copy(folder, made, login=options["login"], password=password)
        except BackupError as error:
            raise CommandError(str(error)) from error
        bad = [finding.name for finding in findings if not finding.ok]
        self.report(
            {"backup": str(folder), "ok": not bad, "findings": [finding.as_dict() for finding in findings]},
            [f"{'ok  ' if finding.ok else 'FAIL'}  {finding.name}  {finding.problem}".rstrip() for finding in findings],
            as_json=options["json"],
            failure=f"This backup must not be relied on: {', '.join(bad)}." if bad else "",
        )
