"""The address of an account: proving that it is one's own, and changing it."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import translation

from accounts import letters
from accounts.clients import NOBODY
from accounts.clients import Client
from accounts.errors import LinkExpired
from accounts.models import MailedToken
from accounts.models import User
from accounts.services import audit
from accounts.services import mailed
from accounts.services import passwords
from accounts.services import registration
from core import mail
from core.errors import Conflict
from core.errors import InvalidInput

Purpose = MailedToken.Purpose


def ask_to_verify(actor: User, *, client: Client = NOBODY) -> None:
    """Mail a link that proves the actor's address. Raises InvalidInput without one, and Conflict when it is proven."""
    if not actor.email:
        raise InvalidInput(details={"email": ["Your account has no address yet."]})
    if actor.is_verified:
        raise Conflict("Your address is confirmed already.")
    mailed.ask(Purpose.VERIFY, actor.email, language=actor.language, client=client)


def verify(raw: str, *, client: Client = NOBODY) -> None:
    """The owner of the mailbox says that the account is theirs. Raises LinkExpired."""
    token = mailed.find(Purpose.VERIFY, raw)
    with transaction.atomic():
        mailed.use(token)
        user = _locked(token)
        if (user.email or "").casefold() != token.email.casefold():
            raise LinkExpired
        User.objects.filter(pk=user.pk).update(is_verified=True)
        audit.record("email.verified", actor=user, client=client, on=user)


def ask_to_change(actor: User, *, email: str, password: str | None, session_id: UUID, client: Client = NOBODY) -> None:
    """Mail a link to the new address; nothing changes before it is used.

    The answer is the same when the address is somebody's already. Raises InvalidInput, LockedOut and SignInAgain.
    """
    address = mailed.mailbox(email)
    passwords.prove_presence(actor, password, session_id=session_id, client=client, field="password")
    if address.casefold() == (actor.email or "").casefold():
        raise InvalidInput(details={"email": ["This is your address already."]})
    mailed.ask(Purpose.CHANGE, address, language=actor.language, client=client, user=actor)
    audit.record("email.change_asked", actor=actor, client=client, on=actor)


def change(raw: str, *, client: Client = NOBODY) -> None:
    """Use the new address from now on, and tell the old one.

    Raises LinkExpired, and Duplicate when the address was taken meanwhile: who brings the link reads its mailbox.
    """
    token = mailed.find(Purpose.CHANGE, raw)
    with transaction.atomic():
        mailed.use(token)
        user = _locked(token)
        before, user.email, user.is_verified = user.email, token.email, True
        registration.save_unique(user, update_fields=["email", "is_verified"])
        mailed.void(user)
        audit.record("email.changed", actor=user, client=client, on=user)
        if before:
            with translation.override(user.language):
                letter = letters.changed()
            mail.send("accounts.changed", letter, to=before, language=user.language, user=user)


def _locked(token: MailedToken) -> User:
    users = User.objects.select_for_update(no_key=True).filter(is_active=True)
    user = users.filter(pk=token.user_id).first() if token.user_id else None
    if user is None:
        raise LinkExpired
    return user
