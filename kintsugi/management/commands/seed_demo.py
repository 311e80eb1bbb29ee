"""``manage.py seed_demo``: two users to look around with, and what they have said to each other."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.core.management.base import CommandError
from django.core.management.base import CommandParser
from django.db import transaction

from accounts.models import User
from accounts.services import passwords
from messenger import access
from messenger.models import Message
from messenger.services import conversations
from messenger.services import messages

NAMES = ("alice", "bob")
GROUP = "Kintsugi"
_IN_GROUP = (
    ("alice", "Welcome! This group is yours to try things out in."),
    ("bob", "Hello @alice. Gold in the cracks, I like it."),
)
_IN_DIRECT = (
    ("bob", "Shall we have tea at five?"),
    ("alice", "Gladly. I bring the biscuits."),
)
_WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "indigo", "juniper", "kelp", "lotus")


class Command(BaseCommand):
    """Repeatable: users that exist stay as they are, their password included."""

    help = "Create the demo users alice and bob, with a little talk between them, and print their password once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--force", action="store_true", help="Also in production.")
        parser.add_argument("--migrate", action="store_true", help="Bring the database up to date first.")
        parser.add_argument("--new-password", action="store_true", help="Give existing demo users a new password.")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.ENVIRONMENT == "production" and not options["force"]:
            raise CommandError("Demo users do not belong in production. Use --force if you mean it.")
        if options["migrate"]:
            call_command("migrate", interactive=False, verbosity=0)
        password = _password()
        changed = [name for name in NAMES if _ensure(name, password, replace=options["new_password"])]
        _ensure_talk(*(User.objects.get(username__iexact=name) for name in NAMES))
        if changed:
            self.stdout.write(f"Sign in as {' or '.join(changed)}, password {password} (shown only now).")
        else:
            self.stdout.write(
                "Sign in as alice or bob, with the password shown when they were made.\n"
                "A new one: .venv/bin/python manage.py seed_demo --new-password"
            )


def _password() -> str:
    """Words to read, digits to be hard to guess."""
    return f"{secrets.choice(_WORDS)}-{secrets.choice(_WORDS)}-{secrets.randbelow(10**8):08}"


@transaction.atomic
def _ensure(name: str, password: str, *, replace: bool) -> bool:
    """Whether the user was made or got a new password."""
    user = User.objects.filter(username__iexact=name).first()
    if user is None:
        User.objects.create_user(username=name, email=f"{name}@example.com", password=password, is_verified=True)
        return True
    if replace:
        passwords.replace_password(None, user=user, password=password)
    return replace


def _ensure_talk(alice: User, bob: User) -> None:
    """A group and a direct conversation. Said once: what the two delete afterwards does not come back."""
    said = Message.objects.filter(sender__in=[alice, bob], client_id__startswith="demo-").exists()
    if said or access.blocked_between(alice.pk, bob.pk):
        return
    group = conversations.create_group(alice, name=GROUP, participant_ids=[bob.pk])
    direct, _ = conversations.create_direct(alice, user_id=bob.pk)
    for membership, lines in ((group, _IN_GROUP), (direct, _IN_DIRECT)):
        for number, (name, content) in enumerate(lines):
            messages.send(
                alice if name == "alice" else bob,
                conversation_id=membership.conversation_id,
                content=content,
                client_id=f"demo-{membership.conversation.type}-{number}",
            )
