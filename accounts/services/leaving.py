"""Asking that one's account goes, and coming back in time."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts import events
from accounts.clients import NOBODY
from accounts.clients import Client
from accounts.errors import AccountDisabled
from accounts.errors import DeletionScheduled
from accounts.errors import LastOperator
from accounts.errors import RecentSignInRequired
from accounts.errors import SessionEnded
from accounts.models import AccountDeletion
from accounts.models import Session
from accounts.models import User
from accounts.services import audit
from accounts.services import lockout
from accounts.services import notices
from accounts.services import sessions
from core.errors import InvalidInput

GRACE = timedelta(days=14)
RECENT = timedelta(minutes=10)
"""A sign-in that stands for a password, where there is none."""


def request(actor: User, *, session_id: UUID, password: str = "", client: Client = NOBODY) -> AccountDeletion:
    """Shut the actor's account and have it erased after ``GRACE``.

    Raises InvalidInput for a wrong password and LockedOut, as it is guessed here no more often than at sign-in;
    RecentSignInRequired for who has no password and signed in too long ago; LastOperator.
    """
    _prove(actor, password, session_id, client)
    return schedule(actor, user=actor, grace=GRACE, client=client)


@transaction.atomic
def schedule(actor: User | None, *, user: User, grace: timedelta, client: Client = NOBODY) -> AccountDeletion:
    """The same without a question; an actor of None is an operator. Asking again changes nothing. Raises LastOperator.

    The user looks to everybody as if they were suspended: no sessions, no sockets, not found, not written to.
    """
    # Rights in one order: of two last operators who leave in one moment the second one is refused.
    operators = list(
        User.objects.select_for_update(no_key=True).filter(is_superuser=True, is_active=True).order_by("pk")
    )
    current = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if known := AccountDeletion.objects.filter(user=current).first():
        return known
    if [operator.pk for operator in operators] == [current.pk]:
        raise LastOperator
    now = timezone.now()
    deletion = AccountDeletion.objects.create(
        user=current, requested_at=now, due_at=now + grace, is_suspended=not current.is_active
    )
    User.objects.filter(pk=current.pk).update(is_active=False)
    ended = sessions.end_all(user, reason=Session.Reason.DELETION)
    user.is_active = False
    audit.record("deletion.scheduled", actor=actor, client=client, on=current, sessions=len(ended))
    events.tell_deletion_scheduled(current.pk, deletion.due_at)
    notices.tell(current, "deletion_scheduled", due_at=deletion.due_at.isoformat())
    return deletion


def admit(user: User, *, restore: bool, client: Client = NOBODY) -> User:
    """The user, when they may sign in; for every door, once it knows who is there.

    Who asked for the deletion of the account comes back by ``restore``. Raises DeletionScheduled when they do not say
    so, AccountDisabled for whom staff suspended.
    """
    if user.is_active:
        return user
    deletion = AccountDeletion.objects.filter(user=user, started_at=None, is_suspended=False).first()
    if deletion is None:
        audit.record("login.refused", client=client, on=user, outcome="denied", reason="disabled")
        raise AccountDisabled
    if not restore:
        audit.record("login.refused", client=client, on=user, outcome="denied", reason="deletion_scheduled")
        raise DeletionScheduled(
            f"This account will be deleted on {deletion.due_at:%Y-%m-%d}. Until then you can restore it.",
            deletion_at=deletion.due_at.isoformat().replace("+00:00", "Z"),
        )
    return _come_back(user, client)


@transaction.atomic
def _come_back(user: User, client: Client) -> User:
    current = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    standing = AccountDeletion.objects.filter(user=current, started_at=None, is_suspended=False)
    if not standing.delete()[0] and not current.is_active:
        raise AccountDisabled  # the erasure began, or staff came in between
    if not current.is_active:
        User.objects.filter(pk=current.pk).update(is_active=True)
        current.is_active = True
        audit.record("deletion.cancelled", actor=current, client=client, on=current)
        events.tell_deletion_cancelled(current.pk)
        notices.tell(current, "deletion_cancelled")
    return current


def suspended(user: User, *, suspended: bool) -> bool:
    """Staff shut, or open, an account that is about to go: whether it may come back. False: it is not to go."""
    standing = AccountDeletion.objects.filter(user_id=user.pk, finished_at=None)
    return bool(standing.update(is_suspended=suspended))


def _prove(actor: User, password: str, session_id: UUID, client: Client) -> None:
    if not actor.has_usable_password():
        session = Session.objects.visible_to(actor).filter(pk=session_id).first()
        if session is None:
            raise SessionEnded
        if timezone.now() - session.created_at > RECENT:
            raise RecentSignInRequired
        return
    if not password:
        raise InvalidInput(details={"password": ["This value is required."]})
    attempt = lockout.begin(str(actor.pk), user=actor, client=client)
    if not actor.check_password(password):
        lockout.failed(attempt, client=client)
        audit.record("deletion.refused", actor=actor, client=client, on=actor, outcome="failure")
        raise InvalidInput(details={"password": ["This is not your password."]})
    lockout.succeeded(attempt)
