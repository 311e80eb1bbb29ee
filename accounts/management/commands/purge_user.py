"""``manage.py purge_user alice --dry-run`` and ``manage.py purge_user alice --yes``"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.management.base import CommandError
from django.core.management.base import CommandParser

from accounts.management.commands.export_user import finish
from accounts.management.operator import OperatorCommand
from accounts.management.operator import find_user
from accounts.models import AccountDeletion
from accounts.models import User
from accounts.services import purging


class Command(OperatorCommand):
    help = "Erase a user at once, without days of grace. Money rows and the audit log stay and name nobody."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("user", help="user name, e-mail address or id; once the erasure has begun only the id")
        parser.add_argument("--dry-run", action="store_true", help="say how many rows would go, change nothing")
        parser.add_argument("--yes", action="store_true", help="do it; nothing brings the account back")

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        if options["dry_run"] == options["yes"]:
            raise CommandError("Say either --dry-run or --yes.")
        deletion = _begun(options["user"])
        user_id = deletion.user_id if deletion else find_user(options["user"]).pk
        before = purging.survey(user_id)
        outcome = {"user": str(user_id), "rows": before, "erased": bool(deletion and deletion.finished_at)}
        if options["dry_run"] or outcome["erased"]:
            return outcome
        job = purging.begin_again(deletion) if deletion else purging.begin_now(User.objects.get(pk=user_id))
        finish(job)
        if not AccountDeletion.objects.filter(user_id=user_id).exclude(finished_at=None).exists():
            raise CommandError("The account came back meanwhile.")
        return outcome | {"erased": True}

    def lines(self, outcome: dict[str, Any]) -> list[str]:
        said = [
            f"{model}: {count} {ends}" for ends, models in outcome["rows"].items() for model, count in models.items()
        ]
        return [*said, "Erased." if outcome["erased"] else "Nothing was changed."]


def _begun(name: str) -> AccountDeletion | None:
    """An erasure under way, or done: the user has no name any more, only the id says who was meant."""
    try:
        user_id = UUID(name)
    except ValueError:
        return None
    return AccountDeletion.objects.filter(user_id=user_id).exclude(started_at=None).first()
