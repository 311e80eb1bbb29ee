"""Signing in by a mailed link."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts import events
from accounts.clients import NOBODY
from accounts.clients import Client
from accounts.errors import AccountDisabled
from accounts.errors import Duplicate
from accounts.errors import LinkExpired
from accounts.errors import SessionEnded
from accounts.models import MailedToken
from accounts.models import Session
from accounts.models import TelegramAccount
from accounts.models import User
from accounts.services import audit
from accounts.services import mailed
from accounts.services import registration
from accounts.services import sessions

Purpose = MailedToken.Purpose


def sign_in(raw: str, *, client: Client = NOBODY, language: str = "en") -> sessions.Grant:
    """Open a session for the owner of the mailbox; the first time this makes their account.

    Raises LinkExpired, and AccountDisabled when staff suspended the account since.
    """
    token = mailed.find(Purpose.SIGN_IN, raw)
    try:
        with transaction.atomic():
            mailed.use(token)
            user = _owner(token, client=client, language=language)
            if not user.is_active:
                raise AccountDisabled
            grant = sessions.open_session(user, client=client)
            User.objects.filter(pk=user.pk).update(last_login=timezone.now())
            audit.record("login.succeeded", actor=user, client=client, on=grant.session, door="magic_link")
    except AccountDisabled:
        audit.record("login.refused", client=client, on=token.user, outcome="denied", reason="disabled")
        raise
    except (SessionEnded, Duplicate):  # suspended, or the address was taken, in this very moment
        raise LinkExpired from None
    return grant


def _owner(token: MailedToken, *, client: Client, language: str) -> User:
    known = User.objects.select_for_update(no_key=True)
    user = (
        known.filter(pk=token.user_id).first()
        if token.user_id
        else known.filter(pk__in=User.objects.named(token.email).values("pk")).first()
    )
    if user is None:
        return _newcomer(token.email, client=client, language=language)
    if (user.email or "").casefold() != token.email.casefold():  # it belongs to another mailbox by now
        raise LinkExpired
    if not user.is_verified:
        take_possession(user, client=client)
    return user


def _newcomer(email: str, *, client: Client, language: str) -> User:
    user = User(email=email, language=language, is_verified=True)
    user.set_unusable_password()
    registration.save_unique(user)
    audit.record("user.registered", actor=user, client=client, on=user, door="magic_link")
    events.tell_registered(user.pk)
    return user


def take_possession(user: User, *, client: Client) -> None:
    """Whoever reads the mailbox owns the account: what anybody did in its name before ends.

    Somebody may have registered with an address that was not theirs, and waits for its owner to come. Their password,
    their sessions and a Telegram account they linked must not outlive that; the owner sets a password of their own.
    """
    ended = sessions.end_all(user, reason=Session.Reason.PASSWORD)
    user.set_unusable_password()
    user.is_verified = True
    user.save(update_fields=["password", "is_verified"])
    TelegramAccount.objects.filter(user=user).delete()
    mailed.void(user)  # a change of address that they asked for would hand it back to them
    audit.record("email.verified", actor=user, client=client, on=user, door="magic_link", sessions=len(ended))
