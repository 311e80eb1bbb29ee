"""The address of an account: proving that it is one's own, and changing it."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.errors import LinkExpired
from accounts.models import MailedToken
from accounts.models import User
from accounts.services import audit
from accounts.services import email_links
from accounts.services import emails
from accounts.services import passwords
from accounts.services import possession
from accounts.services import registration
from core.errors import Conflict
from core.errors import InvalidInput

Purpose = MailedToken.Purpose


def request_verification(actor: User, *, client: ClientInfo = NOBODY) -> None:
    """Mail a link that proves the actor's address. Raises InvalidInput without one, and Conflict when it is proven."""
    if not actor.email:
        raise InvalidInput(details={"email": ["Your account has no address yet."]})
    if actor.is_verified:
        raise Conflict("Your address is confirmed already.")
    email_links.request(Purpose.VERIFY, actor.email, language=actor.language, client=client)


def verify(raw: str, *, actor: User | None, client: ClientInfo = NOBODY) -> None:
    """The owner of the mailbox says that the account is theirs. Raises LinkExpired.

    Who does it outside a session of that account has proven the mailbox and nothing else: somebody else may have made
    the account and wait, so what they hold of it ends, as by the magic link.
    """
    token = email_links.find(Purpose.VERIFY, raw)
    with transaction.atomic():
        email_links.use(token)
        user = _locked(token)
        if (user.email or "").casefold() != token.email.casefold():
            raise LinkExpired
        if actor is None or actor.pk != user.pk:
            possession.take(user, client=client, door="verification")
            return
        User.objects.filter(pk=user.pk).update(is_verified=True)
        audit.record("email.verified", actor=user, client=client, on=user)


def request_change(
    actor: User, *, email: str, password: str | None, session_id: UUID, client: ClientInfo = NOBODY
) -> None:
    """Mail a link to the new address; nothing changes before it is used.

    The answer is the same when the address is somebody's already. Raises InvalidInput, LockedOut and SignInAgain.
    """
    address = email_links.clean_address(email)
    passwords.prove_presence(actor, password, session_id=session_id, client=client, field="password")
    if address.casefold() == (actor.email or "").casefold():
        raise InvalidInput(details={"email": ["This is your address already."]})
    email_links.request(Purpose.CHANGE, address, language=actor.language, client=client, user=actor)
    audit.record("email.change_asked", actor=actor, client=client, on=actor)


def change(raw: str, *, client: ClientInfo = NOBODY) -> None:
    """Use the new address from now on, and say so to the old one.

    Raises LinkExpired, and Duplicate when the address was taken meanwhile: who brings the link reads its mailbox.
    """
    token = email_links.find(Purpose.CHANGE, raw)
    with transaction.atomic():
        email_links.use(token)
        user = _locked(token)
        before, user.email, user.is_verified = user.email, token.email, True
        registration.save_unique(user, update_fields=["email", "is_verified"])
        email_links.void(user)
        audit.record("email.changed", actor=user, client=client, on=user)
        if before:
            emails.send_address_changed(user, to=before)


def _locked(token: MailedToken) -> User:
    users = User.objects.select_for_update(no_key=True).filter(is_active=True)
    user = users.filter(pk=token.user_id).first() if token.user_id else None
    if user is None:
        raise LinkExpired
    return user
