"""``manage.py reset_tokens alice bob --reason "Outage"``, ``--all`` or ``--due``"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.models import User
from billing.management.commands._operator import OperatorCommand
from billing.management.commands._operator import find_user
from billing.metering.tokens import quotas
from billing.models import TokenQuota
from billing.services.metering import reset_tokens


class Command(OperatorCommand):
    help = (
        "Open a new token window: for some users, for all, or where the time has come. A fresh window stays as it is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("users", nargs="*", help="user names, e-mail addresses or ids")
        parser.add_argument("--all", action="store_true", help="every user")
        parser.add_argument("--due", action="store_true", help="only windows that are over, as the schedule does")
        parser.add_argument("--reason", default="", help="stands in the audit log; needed except with --due")
        parser.add_argument("--dry-run", action="store_true", help="say how many, change nothing")

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        if sum([bool(options["users"]), options["all"], options["due"]]) != 1:
            raise CommandError("Name users, or say --all or --due.")
        if options["due"]:
            return {"reset": self._due(dry_run=options["dry_run"])}
        if not options["reason"].strip():
            raise CommandError("Say why with --reason.")
        users = self._users(options)
        if options["dry_run"]:
            return {"reset": TokenQuota.objects.filter(user__in=users, tokens_used__gt=0).count()}
        return {"reset": reset_tokens(None, users=users, reason=options["reason"])}

    def _due(self, *, dry_run: bool) -> int:
        return TokenQuota.objects.filter(reset_at__lte=timezone.now()).count() if dry_run else quotas.reset_due()

    def _users(self, options: dict[str, Any]) -> list[User]:
        if options["all"]:
            spent = TokenQuota.objects.filter(tokens_used__gt=0)
            return list(User.objects.filter(pk__in=spent.values("pk")))
        return [find_user(name) for name in options["users"]]
