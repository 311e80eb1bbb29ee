"""``manage.py grant_tokens alice 5000 --reference outage-7 --reason "Outage"``"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from billing.management.commands._operator import OperatorCommand
from billing.management.commands._operator import find_user
from billing.metering.tokens import quotas
from billing.models import Grant
from billing.services.metering import grant_tokens


class Command(OperatorCommand):
    help = "Give a user tokens on top of the plan's. The same reference gives them once."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("user", help="user name, e-mail address or id")
        parser.add_argument("tokens", type=int)
        parser.add_argument("--reference", required=True, help="names this grant, so that a repetition does nothing")
        parser.add_argument("--reason", required=True, help="stands in the audit log")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, change nothing")

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        user, reference = find_user(options["user"]), options["reference"]
        if options["dry_run"]:
            changed = not Grant.objects.filter(key=f"tokens:{reference}").exists()
        else:
            _grant, changed = grant_tokens(
                None, user=user, tokens=options["tokens"], reference=reference, reason=options["reason"]
            )
        return {
            "user": str(user.pk),
            "tokens": options["tokens"],
            "changed": changed,
            "bonus": quotas.peek(user.pk).bonus,
        }
