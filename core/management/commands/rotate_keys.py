"""``manage.py rotate_keys``: every encrypted value gets the first of ENCRYPTION_KEYS; which old keys may go."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.base import CommandParser

from core import crypto
from core.management.commands._report import ReportingCommand


class Command(ReportingCommand):
    help = (
        "Encrypt every encrypted value with the first key of ENCRYPTION_KEYS. May be run while the site is up, be "
        "stopped, and run again. Says which old keys and secrets may go."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--batch", type=int, default=500, help="Values read at a time.")
        parser.add_argument("--dry-run", action="store_true", help="Count what is to be done, and change nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["batch"] < 1:
            raise CommandError("--batch is at least 1.")
        done, problems = {}, []
        if not options["dry_run"]:
            for label, rotation in crypto.rotate_all(batch=options["batch"]).items():
                done[label] = rotation.done
                if rotation.unreadable:
                    problems.append(f"{label}: {rotation.unreadable} values cannot be read. {rotation.problem}")
        outcome = {
            "dry_run": options["dry_run"],
            "rotated": done,
            "waiting": crypto.waiting_all(),
            "encryption_keys": len(settings.ENCRYPTION_KEYS),
            "old_jwt_secrets": len(settings.JWT_SECRET_FALLBACKS),
            "old_secret_keys": len(settings.SECRET_KEY_FALLBACKS),
            "advice": list(_advice()),
        }
        self.report(outcome, _lines(outcome), as_json=options["json"], failure=" ".join(problems))


def _lines(outcome: dict[str, Any]) -> list[str]:
    rotated, waiting = sum(outcome["rotated"].values()), sum(outcome["waiting"].values())
    lines = [f"{label}: {count}" for label, count in outcome["rotated"].items()]
    return [*lines, f"{rotated} values encrypted with the first key, {waiting} wait for it.", *outcome["advice"]]


def _advice() -> list[str]:
    """What the operator may do next, a sentence for each kind of key."""
    sentences = []
    if len(settings.ENCRYPTION_KEYS) > 1:
        if sum(crypto.waiting_all().values()):
            sentences.append("Keep every key of ENCRYPTION_KEYS until nothing waits.")
        else:
            sentences.append("All but the first of ENCRYPTION_KEYS may go, when no backup needs them any more.")
    if settings.JWT_SECRET_FALLBACKS:
        days = settings.JWT_REFRESH_EXPIRY.total_seconds() / 86400
        sentences.append(f"JWT_SECRET_FALLBACKS may go {days:g} days after JWT_SECRET was changed.")
    if settings.SECRET_KEY_FALLBACKS:
        sentences.append("SECRET_KEY_FALLBACKS may go a day after SECRET_KEY was changed.")
    return sentences
