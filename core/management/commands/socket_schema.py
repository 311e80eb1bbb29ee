"""``manage.py socket_schema``: the frames of the socket for other programs and for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.core.management.base import CommandParser

from core.realtime import catalogue


class Command(BaseCommand):
    """Writes the JSON schema to standard output or to files; ``make types`` calls it."""

    help = "Write the JSON schema of the socket's frames, and the document made from it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--file", type=Path, help="Where the schema goes; standard output when left out.")
        parser.add_argument("--document", type=Path, help="Where the document (Markdown) goes.")

    def handle(self, *args: Any, **options: Any) -> None:
        schema = json.dumps(catalogue.json_schema(), ensure_ascii=False, indent=2) + "\n"
        if options["file"]:
            options["file"].parent.mkdir(parents=True, exist_ok=True)
            options["file"].write_text(schema, encoding="utf-8")
        else:
            self.stdout.write(schema, ending="")
        if options["document"]:
            options["document"].parent.mkdir(parents=True, exist_ok=True)
            options["document"].write_text(catalogue.document(), encoding="utf-8")
