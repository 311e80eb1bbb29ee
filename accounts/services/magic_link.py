"""Signing in by a link that is mailed, the magic link."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts import events
from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.errors import AccountDisabled
from accounts.errors import Duplicate
from accounts.errors import LinkExpired
from accounts.errors import SessionEnded
from accounts.models import MailedToken
from accounts.models import User
from accounts.services import account_deletion
from accounts.services import audit
from accounts.services import email_links
from accounts.services import possession
from accounts.services import registration
from accounts.services import sessions

Purpose = MailedToken.Purpose


def request(email: str, *, language: str, client: ClientInfo = NOBODY) -> None:
    """Mail a link that signs in; who has no account yet gets one by it. Raises InvalidInput, NoMail and RateLimited."""
    email_links.request(Purpose.SIGN_IN, email_links.clean_address(email), language=language, client=client)


def sign_in(
    raw: str, *, restore: bool = False, client: ClientInfo = NOBODY, language: str = "en"
) -> sessions.SessionGrant:
    """Open a session for the owner of the mailbox; the first time this makes their account.

    Raises LinkExpired, AccountDisabled when staff suspended the account since, and DeletionScheduled, which ``restore``
    takes back; neither of these spends the link.
    """
    token = email_links.find(Purpose.SIGN_IN, raw)
    try:
        with transaction.atomic():
            email_links.use(token)
            owner = _owner(token, client=client, language=language)
            user = account_deletion.admit(owner, restore=restore, client=client)
            grant = sessions.open_session(user, client=client)
            User.objects.filter(pk=user.pk).update(last_login=timezone.now())
            audit.record("login.succeeded", actor=user, client=client, on=grant.session, door="magic_link")
    except AccountDisabled:
        audit.record("login.refused", client=client, on=token.user, outcome="denied", reason="disabled")
        raise
    except (SessionEnded, Duplicate):  # suspended, or the address was taken, in this very moment
        raise LinkExpired from None
    return grant


def _owner(token: MailedToken, *, client: ClientInfo, language: str) -> User:
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
        possession.take(user, client=client, door="magic_link")
    return user


def _newcomer(email: str, *, client: ClientInfo, language: str) -> User:
    user = User(email=email, language=language, is_verified=True)
    user.set_unusable_password()
    registration.save_unique(user)
    audit.record("user.registered", actor=user, client=client, on=user, door="magic_link")
    events.send_user_registered(user.pk)
    return user
