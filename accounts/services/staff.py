"""What staff do to accounts; every act needs a reason and stands in the audit log."""

from __future__ import annotations

from django.db import transaction

from accounts import events
from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.models import Session
from accounts.models import User
from accounts.services import account_deletion
from accounts.services import agent_users
from accounts.services import audit
from accounts.services import email_address
from accounts.services import exporting
from accounts.services import sessions
from core.errors import Conflict
from core.errors import Forbidden
from core.errors import InvalidInput


@transaction.atomic
def suspend(actor: User, *, user: User, reason: str, client: ClientInfo = NOBODY) -> None:
    """Shut an account out; all its sessions end, and its agents are retired, at once. Doing it again is no error.

    Raises Forbidden, Conflict (oneself) and InvalidInput (no reason given).
    """
    _authorise(actor, user, reason)
    if actor.pk == user.pk:
        raise Conflict("Nobody can suspend their own account.")
    shut = User.objects.filter(pk=user.pk, is_active=True).update(is_active=False)
    if not shut and not account_deletion.suspended(user, suspended=True):
        return
    user.is_active = False
    ended = sessions.end_all(user, reason=Session.Reason.SUSPENDED)
    agent_users.retire_all(user.pk)
    audit.record("user.suspended", actor=actor, client=client, on=user, reason=reason.strip(), sessions=len(ended))
    events.send_user_suspended(user.pk)


@transaction.atomic
def unsuspend(actor: User, *, user: User, reason: str, client: ClientInfo = NOBODY) -> None:
    """Let an account in again; the user has to sign in anew, and agents that were retired for it speak again.

    Raises Forbidden, InvalidInput, and Conflict for an agent that is retired, or whose owner is shut out.
    """
    _authorise(actor, user, reason)
    if user.kind == User.Kind.AGENT and not agent_users.may_speak(user.pk):
        raise Conflict("This agent is retired, or its owner is shut out.")
    # Who is about to leave stays shut out until they come back themselves.
    leaves = account_deletion.suspended(user, suspended=False)
    if leaves or User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
        user.is_active = not leaves
        if not leaves:
            agent_users.restore_all(user.pk)
        audit.record("user.unsuspended", actor=actor, client=client, on=user, reason=reason.strip())


@transaction.atomic
def force_logout(actor: User, *, user: User, reason: str, client: ClientInfo = NOBODY) -> None:
    """End all sessions of a user, who may sign in again. Raises Forbidden and InvalidInput."""
    _authorise(actor, user, reason)
    ended = sessions.end_all(user, reason=Session.Reason.STAFF)
    audit.record("user.logged_out", actor=actor, client=client, on=user, reason=reason.strip(), sessions=len(ended))


@transaction.atomic
def resend_verification(actor: User, *, user: User, reason: str, client: ClientInfo = NOBODY) -> None:
    """Mail a user the link that proves their address once more; it goes to that mailbox only, staff never see it.

    Raises Forbidden, InvalidInput, Conflict when there is nothing to prove, NoMail, and RateLimited as the user would.
    """
    _authorise(actor, user, reason)
    if not user.is_active:
        raise Conflict("This account is suspended.")
    if not user.email:
        raise Conflict("This account has no address.")
    if user.is_verified:
        raise Conflict("This address is confirmed already.")
    email_address.request_verification(user, client=client)
    audit.record("email.verification_resent", actor=actor, client=client, on=user, reason=reason.strip())


@transaction.atomic
def prepare_export(actor: User, *, user: User, reason: str, client: ClientInfo = NOBODY) -> None:
    """Have the archive of everything a user owns made; it waits in their own settings, and staff never see it.

    Raises Forbidden and InvalidInput.
    """
    _authorise(actor, user, reason)
    exporting.begin(user, actor=None)
    audit.record("user.export_by_staff", actor=actor, client=client, on=user, reason=reason.strip())


@transaction.atomic
def delete_account(actor: User, *, user: User, reason: str, client: ClientInfo = NOBODY) -> None:
    """Have an account erased after the days of grace, in which its owner can come back.

    Raises Forbidden, Conflict (oneself), LastOperator and InvalidInput.
    """
    _authorise(actor, user, reason)
    if actor.pk == user.pk:
        raise Conflict("Delete your own account in its settings.")
    account_deletion.schedule(actor, user=user, grace=account_deletion.GRACE, client=client)
    audit.record("user.deletion_by_staff", actor=actor, client=client, on=user, reason=reason.strip())


def _authorise(actor: User, user: User, reason: str) -> None:
    """Staff act on users, superusers on staff as well, and nobody without a reason."""
    if not (actor.is_active and actor.is_staff) or (user.is_staff and not actor.is_superuser):
        raise Forbidden
    if not reason.strip():
        raise InvalidInput("Give a reason.", details={"reason": ["This value is required."]})
