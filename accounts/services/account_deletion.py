"""Asking that one's account goes, and coming back in time."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts import events
from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.errors import AccountDisabled
from accounts.errors import DeletionScheduled
from accounts.errors import LastOperator
from accounts.models import AccountDeletion
from accounts.models import Session
from accounts.models import User
from accounts.services import agent_users
from accounts.services import audit
from accounts.services import emails
from accounts.services import passwords
from accounts.services import sessions
from core.errors import Conflict

GRACE = timedelta(days=14)
"""So long a sign-in can take it back."""


def request(actor: User, *, session_id: UUID, password: str = "", client: ClientInfo = NOBODY) -> AccountDeletion:
    """Shut the actor's account and have it erased after ``GRACE``.

    Raises InvalidInput for a wrong password and LockedOut, as it is guessed here no more often than at sign-in;
    SignInAgain for who has no password and signed in too long ago; LastOperator.
    """
    passwords.prove_presence(
        actor, password, session_id=session_id, client=client, field="password", refusal="deletion.refused"
    )
    return schedule(actor, user=actor, grace=GRACE, client=client)


@transaction.atomic
def schedule(actor: User | None, *, user: User, grace: timedelta, client: ClientInfo = NOBODY) -> AccountDeletion:
    """The same without a question; an actor of None is an operator. Asking again changes nothing.

    The user looks to everybody as if they were suspended: no sessions, no sockets, not found, not written to; so do
    their agents. Raises LastOperator, and Conflict for an agent.
    """
    if user.kind != User.Kind.HUMAN:
        raise Conflict("An agent is not deleted: suspend it, or let its owner retire it.")
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
    agent_users.retire_all(user.pk)
    user.is_active = False
    audit.record("deletion.scheduled", actor=actor, client=client, on=current, sessions=len(ended))
    events.send_deletion_scheduled(current.pk, deletion.due_at)
    emails.send_deletion_scheduled(current, due_at=deletion.due_at)
    return deletion


def admit(user: User, *, restore: bool, client: ClientInfo = NOBODY) -> User:
    """The user, when they may sign in; for every door, once it knows who is there.

    Who asked for the deletion of the account comes back by ``restore``. Raises DeletionScheduled when they do not say
    so, AccountDisabled for whom staff suspended.
    """
    if user.is_active:
        return user
    deletion = AccountDeletion.objects.revocable().filter(user=user).first()
    if deletion is None:
        current = User.objects.get(pk=user.pk)
        if current.is_active and current.session_epoch == user.session_epoch:
            return current  # they came back by another door since the row was read
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
def _come_back(user: User, client: ClientInfo) -> User:
    current = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    standing = AccountDeletion.objects.revocable().filter(user=current)
    if not standing.delete()[0] and not current.is_active:
        raise AccountDisabled  # the erasure began, or staff came in between
    if not current.is_active:
        User.objects.filter(pk=current.pk).update(is_active=True)
        current.is_active = True
        agent_users.restore_all(current.pk)
        audit.record("deletion.cancelled", actor=current, client=client, on=current)
        events.send_deletion_cancelled(current.pk)
        emails.send_deletion_cancelled(current)
    return current


def suspended(user: User, *, suspended: bool) -> bool:
    """Staff shut, or open, an account that is about to go: whether it may come back. False: it is not to go."""
    standing = AccountDeletion.objects.filter(user_id=user.pk, finished_at=None)
    return bool(standing.update(is_suspended=suspended))
