"""Passwords: the rules, and changing one's own."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.clients import NOBODY
from accounts.clients import Client
from accounts.models import Session
from accounts.models import User
from accounts.services import audit
from accounts.services import lockout
from accounts.services import sessions
from core.errors import InvalidInput

MAX_LENGTH = 256
"""A limit on the work one request can ask of the hasher."""


def problems(password: str, user: User) -> list[str]:
    """What is wrong with a password for this (possibly unsaved) user, as sentences."""
    if len(password) > MAX_LENGTH:
        return [f"The password can have at most {MAX_LENGTH} characters."]
    try:
        validate_password(password, user)
    except ValidationError as error:
        return list(error.messages)
    return []


def change_password(
    actor: User, *, current_password: str, new_password: str, keep_session: UUID, client: Client = NOBODY
) -> None:
    """Replace the actor's password and end all sessions but ``keep_session``.

    Raises InvalidInput for a wrong current or a weak new password, and LockedOut: the current password is guessed here
    no more often than at sign-in.
    """
    attempt = lockout.begin(str(actor.pk), user=actor, client=client)
    if not actor.check_password(current_password):
        lockout.failed(attempt, client=client)
        audit.record("password.change_failed", actor=actor, client=client, on=actor, outcome="failure")
        raise InvalidInput(details={"current_password": ["This is not your password."]})
    lockout.succeeded(attempt)
    if wrong := problems(new_password, actor):
        raise InvalidInput(details={"new_password": wrong})
    replace_password(actor, user=actor, password=new_password, keep_session=keep_session, client=client)


def replace_password(
    actor: User | None, *, user: User, password: str, keep_session: UUID | None = None, client: Client = NOBODY
) -> None:
    """Give a user a password and end all their sessions but ``keep_session``; an actor of None is an operator."""
    user.set_password(password)  # outside: hashing takes long, and on SQLite every writer would wait for it
    with transaction.atomic():
        ended = sessions.end_all(user, reason=Session.Reason.PASSWORD, keep=keep_session)
        user.save(update_fields=["password"])
        audit.record("password.changed", actor=actor, client=client, on=user, sessions=len(ended))
