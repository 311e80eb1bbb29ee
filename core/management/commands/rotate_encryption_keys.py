"""``manage.py rotate_encryption_keys``: encrypt everything with the first of ENCRYPTION_KEYS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.core.management.base import CommandError

from core import crypto


class Command(BaseCommand):
    help = "Encrypt every encrypted value with the first key of ENCRYPTION_KEYS. May be run while the site is up."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = crypto.rotate_all()
        except crypto.DecryptionFailed as error:
            raise CommandError(str(error)) from error
        for label, count in done.items():
            self.stdout.write(f"{label}: {count}")
        self.stdout.write(f"{sum(done.values())} values encrypted with the first key.")
