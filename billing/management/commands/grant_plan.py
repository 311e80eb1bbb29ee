"""``manage.py grant_plan alice premium_pro --reason "Won the raffle"``"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from billing.management.commands._operator import OperatorCommand
from billing.management.commands._operator import find_user
from billing.metering.tokens import quotas
from billing.services.plans import grant_plan


class Command(OperatorCommand):
    help = "Put a user on a plan from now on. Granting the present plan again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("user", help="user name, e-mail address or id")
        parser.add_argument("tier", choices=settings.TIERS)
        parser.add_argument("--reason", required=True, help="stands in the audit log")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, change nothing")

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        user, tier = find_user(options["user"]), options["tier"]
        before = quotas.tier_of(user.pk)
        if options["dry_run"]:
            changed = before != tier
        else:
            _subscription, changed = grant_plan(None, user=user, tier=tier, reason=options["reason"])
        return {"user": str(user.pk), "before": before, "after": tier, "changed": changed}
