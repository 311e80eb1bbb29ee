"""Passwords: the rules, and changing one's own."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.addresses import readable_password
from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.errors import LinkExpired
from accounts.errors import SignInAgain
from accounts.models import MailedToken
from accounts.models import Session
from accounts.models import TelegramAccount
from accounts.models import User
from accounts.services import audit
from accounts.services import email_links
from accounts.services import emails
from accounts.services import lockout
from accounts.services import sessions
from core.errors import InvalidInput

MAX_LENGTH = 256
"""Characters: a limit on the work one request can ask of the hasher."""
FRESH = timedelta(minutes=15)
"""So long a sign-in proves that somebody is there who has no password to show."""


def problems(password: str, user: User) -> list[str]:
    """What is wrong with a password for this (possibly unsaved) user, as sentences."""
    password = readable_password(password)
    if len(password) > MAX_LENGTH:
        return [f"The password can have at most {MAX_LENGTH} characters."]
    try:
        validate_password(password, user)
    except ValidationError as error:
        return list(error.messages)
    return []


def change_password(
    actor: User,
    *,
    current_password: str | None = None,
    new_password: str,
    keep_session: UUID,
    client: ClientInfo = NOBODY,
) -> None:
    """Replace the actor's password, or set the first one, and end all sessions but ``keep_session``.

    Raises InvalidInput for a wrong current or a weak new password, LockedOut and SignInAgain.
    """
    prove_presence(actor, current_password, session_id=keep_session, client=client, field="current_password")
    if wrong := problems(new_password, actor):
        raise InvalidInput(details={"new_password": wrong})
    replace_password(actor, user=actor, password=new_password, keep_session=keep_session, client=client)


def prove_presence(
    actor: User,
    password: str | None,
    *,
    session_id: UUID,
    client: ClientInfo,
    field: str,
    refusal: str = "password.change_failed",
) -> None:
    """An access token alone, which may be stolen, changes nothing that keeps its owner out.

    Raises InvalidInput at ``field`` for a wrong or missing password, and LockedOut: it is guessed here no more often
    than at sign-in; ``refusal`` is the audit event of a wrong one. Who has none must have signed in lately, else
    SignInAgain.
    """
    if not actor.has_usable_password():
        if not Session.objects.filter(pk=session_id, created_at__gt=timezone.now() - FRESH).exists():
            raise SignInAgain
        return
    if not password:
        raise InvalidInput(details={field: ["This value is required."]})
    attempt = lockout.begin(str(actor.pk), user=actor, client=client)
    if not actor.check_password(password):
        lockout.failed(attempt, client=client)
        audit.record(refusal, actor=actor, client=client, on=actor, outcome="failure")
        raise InvalidInput(details={field: ["This is not your password."]})
    lockout.succeeded(attempt)


def request_reset(email: str, *, language: str = "en", client: ClientInfo = NOBODY) -> None:
    """Mail a link to a new password, if somebody has that address; who asks does not learn it. Raises InvalidInput."""
    email_links.request(MailedToken.Purpose.RESET, email_links.clean_address(email), language=language, client=client)


def reset(raw: str, *, password: str, client: ClientInfo = NOBODY) -> None:
    """Give the owner of the mailbox a new password, and end all sessions.

    A weak password is refused before the link is spent. Raises LinkExpired and InvalidInput.
    """
    token = email_links.find(MailedToken.Purpose.RESET, raw)
    user = token.user
    if user is None or not user.is_active or (user.email or "").casefold() != token.email.casefold():
        raise LinkExpired
    if wrong := problems(password, user):
        raise InvalidInput(details={"password": wrong})
    user.set_password(password)  # outside the transaction, see replace_password
    with transaction.atomic():
        email_links.use(token)
        unchanged = User.objects.select_for_update(no_key=True).filter(pk=user.pk, is_active=True, email=user.email)
        if not unchanged.exists():
            raise LinkExpired
        if not user.is_verified:  # then who linked it need not be its owner, see possession.take
            TelegramAccount.objects.filter(user=user).delete()
        user.is_verified = True  # whoever reads the mailbox owns the address
        user.save(update_fields=["is_verified"])
        _replace(user, user=user, keep_session=None, client=client)


def replace_password(
    actor: User | None, *, user: User, password: str, keep_session: UUID | None = None, client: ClientInfo = NOBODY
) -> None:
    """Give a user a password and end all their sessions but ``keep_session``; an actor of None is an operator."""
    user.set_password(password)  # outside: hashing takes long, and on SQLite every writer would wait for it
    with transaction.atomic():
        _replace(actor, user=user, keep_session=keep_session, client=client)


def _replace(actor: User | None, *, user: User, keep_session: UUID | None, client: ClientInfo) -> None:
    """Store the password that was set, end the sessions, void the links under way, and warn the owner."""
    ended = sessions.end_all(user, reason=Session.Reason.PASSWORD, keep=keep_session)
    user.save(update_fields=["password"])
    email_links.void(user)
    audit.record("password.changed", actor=actor, client=client, on=user, sessions=len(ended))
    emails.send_password_changed(user)
