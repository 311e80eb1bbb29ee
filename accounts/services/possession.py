"""An account that was made with somebody's address belongs to whoever reads that mailbox."""

from __future__ import annotations

from accounts.clients import ClientInfo
from accounts.models import Session
from accounts.models import TelegramAccount
from accounts.models import User
from accounts.services import audit
from accounts.services import email_links
from accounts.services import sessions


def take(user: User, *, client: ClientInfo, door: str) -> None:
    """The address is proven, and what anybody did in its name before ends. The caller has the transaction.

    Somebody may have registered with an address that was not theirs, and waits for its owner to come. Their password,
    their sessions and a Telegram account they linked must not outlive that; the owner sets a password of their own.
    """
    ended = sessions.end_all(user, reason=Session.Reason.PASSWORD)
    user.set_unusable_password()
    user.is_verified = True
    user.save(update_fields=["password", "is_verified"])
    TelegramAccount.objects.filter(user=user).delete()
    email_links.void(user)  # a change of address that they asked for would hand it back to them
    audit.record("email.verified", actor=user, client=client, on=user, door=door, sessions=len(ended))
