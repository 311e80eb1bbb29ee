"""Sign-in by password."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts.addresses import readable_password
from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.errors import InvalidCredentials
from accounts.errors import LockedOut
from accounts.errors import SessionEnded
from accounts.models import User
from accounts.services import account_deletion
from accounts.services import audit
from accounts.services import lockout
from accounts.services import sessions


def login(
    identifier: str, *, password: str, restore: bool = False, client: ClientInfo = NOBODY
) -> sessions.SessionGrant:
    """Open a session for the owner of an e-mail address or user name.

    Raises InvalidCredentials, LockedOut, and only to who knows the password AccountDisabled and DeletionScheduled;
    ``restore`` takes the deletion back.
    """
    user = check_credentials(identifier, password=password, restore=restore, client=client)
    try:
        with transaction.atomic():
            grant = sessions.open_session(user, client=client)
            User.objects.filter(pk=user.pk).update(last_login=timezone.now())
            audit.record("login.succeeded", actor=user, client=client, on=grant.session)
    except SessionEnded:  # suspended, or signed out everywhere, while the password was being compared
        raise InvalidCredentials from None
    return grant


def check_credentials(identifier: str, *, password: str, client: ClientInfo, restore: bool = False) -> User:
    """The user with that name and password, through the lockout; raises what ``login`` raises.

    An unknown account costs as much time as a known one. An old kind of hash is replaced by the preferred one.
    """
    user = find(identifier)
    try:
        attempt = lockout.begin(identifier, user=user, client=client)
    except LockedOut:
        audit.record("login.refused", client=client, on=user, outcome="denied", reason="locked_out")
        raise
    if not _matches(user, password):
        lockout.failed(attempt, client=client)
        audit.record("login.failed", client=client, on=user, outcome="failure")
        raise InvalidCredentials
    assert user is not None  # noqa: S101 - for the type checker: nobody matches nobody
    lockout.succeeded(attempt)
    return account_deletion.admit(user, restore=restore, client=client)


def find(identifier: str) -> User | None:
    """The person somebody means; an agent's name is nobody's here, so it is refused as an unknown one is."""
    return User.objects.named(identifier).filter(kind=User.Kind.HUMAN).first()


def _matches(user: User | None, password: str) -> bool:
    if user is None:
        for form in {readable_password(password), password}:
            make_password(form)  # as long as a comparison takes
        return False
    return user.check_password(password)
