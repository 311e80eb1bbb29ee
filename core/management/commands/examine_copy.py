"""``manage.py examine_copy``: what ``verify_backup`` runs on the copy; not for the live database."""

from __future__ import annotations

import json
import os
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.core.management.base import CommandError
from django.core.management.base import CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from core import modules
from core.backup import proving


class Command(BaseCommand):
    help = "Prove that a restored copy works. Called by verify_backup; it writes, so it refuses to run elsewhere."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--login", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        if not os.environ.get(proving.COPY):
            raise CommandError("This is for restored copies only; run verify_backup.")
        answers: list[tuple[str, str]] = []
        executor = MigrationExecutor(connection)
        if plan := executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, verbosity=0)
            answers.append((f"{len(plan)} newer migrations", ""))
        for module in modules.installed():
            password = os.environ.get("KINTSUGI_PASSWORD", "")
            try:
                answers += module.examine_copy(login=options["login"], password=password)
            except Exception as error:
                answers.append((module.label, f"{type(error).__name__}: {error}"))
        self.stdout.write(json.dumps(answers))
