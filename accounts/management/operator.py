"""What the operators' commands share: JSON on demand, and sentences instead of tracebacks."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand
from django.core.management.base import CommandError
from django.core.management.base import CommandParser
from django.db.models import Q

from accounts.models import User
from core.errors import DomainError


class OperatorCommand(BaseCommand):
    """Runs :meth:`work` and prints what it returns, as lines or as one JSON object."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            outcome = self.work(options)
        except DomainError as error:
            details = " ".join(sentence for lines in (error.details or {}).values() for sentence in lines)
            raise CommandError(" ".join(filter(None, [error.sentence, details]))) from error
        self.stdout.write(json.dumps(outcome) if options["json"] else "\n".join(self.lines(outcome)))

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        """Does it, and returns the outcome in JSON values."""
        raise NotImplementedError

    def lines(self, outcome: dict[str, Any]) -> list[str]:
        """The outcome for a person to read."""
        return [f"{name}: {value}" for name, value in outcome.items()]


def find_user(name: str) -> User:
    """By id, user name or e-mail address; raises CommandError."""
    user = User.objects.filter(Q(username__iexact=name) | Q(email__iexact=name)).first()
    if user is None:
        try:
            user = User.objects.filter(pk=name).first()
        except ValidationError:
            user = None
    if user is None:
        raise CommandError(f"There is no user {name}.")
    return user
