"""The end of an account: when the days of grace are over, a job takes everything away that says who somebody was.

Each app erases its own part (``core.personal``), the upper floors first; the row of the user goes last. Every step may
be done again, and the checkpoint says which one is next, so a worker that takes over goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.models import AccountDeletion
from accounts.models import MailedToken
from accounts.models import Session
from accounts.models import User
from accounts.services import account_deletion
from accounts.services import audit
from accounts.services import emails
from accounts.services import sessions
from core import jobs
from core import personal
from core.files import receipts
from core.jobs.models import Job

logger = logging.getLogger(__name__)

KIND = "accounts.purge_user"
DUE = "accounts.purge_due"
_AT_ONCE = 500
"""Jobs that one look makes; the rest is found by the next."""


def enqueue_due() -> int:
    """Have everybody erased whose grace is over; returns how many jobs were made or tried again."""
    due = AccountDeletion.objects.filter(due_at__lte=timezone.now(), finished_at=None).order_by("due_at")
    return sum(_enqueue(deletion)[1] for deletion in due[:_AT_ONCE])


def _enqueue(deletion: AccountDeletion) -> tuple[Job, bool]:
    """The job of a deletion, and whether it was set going now."""
    with transaction.atomic():
        known = Job.objects.filter(kind=KIND, key=str(deletion.pk)).first()
        # Without an owner, or the job would go with the user in the middle of its work.
        job = known or jobs.enqueue(KIND, payload={"user": str(deletion.user_id)}, key=str(deletion.pk))
        again = job.state in {Job.State.FAILED, Job.State.CANCELLED} and jobs.retry(job)
    if again:
        logger.error("An account could not be erased; it is tried again", extra={"job": str(job.pk)})
    return job, again or known is None


def begin_now(user: User) -> Job:
    """An operator has a user erased without waiting for the grace to end. Raises LastOperator."""
    deletion = account_deletion.schedule(None, user=user, grace=timedelta(0))
    AccountDeletion.objects.filter(pk=deletion.pk, started_at=None).update(due_at=timezone.now())
    return _enqueue(deletion)[0]


def begin_again(deletion: AccountDeletion) -> Job:
    """The job of an erasure that began, tried again if it has failed."""
    return _enqueue(deletion)[0]


# The job --------------------------------------------------------------------------------------------------------------


class _Work:
    """How far the erasure is; :class:`core.personal.Work` for the apps."""

    def __init__(self, run: jobs.Run, steps: int) -> None:
        self._run, self._steps = run, steps
        self.step: int
        self._rows: int
        self._at: int | None
        self.step, self._rows, self._at = run.checkpoint or (0, 0, None)

    @property
    def at(self) -> int | None:
        return self._at

    def moved(self, rows: int, *, at: int | None = None) -> None:
        # A new checkpoint also says that this is no run that gets nowhere.
        self._rows += rows
        self._at = self._at if at is None else at
        self._save()

    def next_step(self) -> None:
        self.step, self._at = self.step + 1, None
        self._save()

    def _save(self) -> None:
        self._run.check()
        self._run.save(checkpoint=[self.step, self._rows, self._at], progress=100 * self.step // self._steps)


Step = Callable[[UUID, personal.Work], None]


def work(run: jobs.Run) -> None:
    """Erase a user. One who came back in time, or is gone already, is a normal end."""
    user_id = UUID(run.payload["user"])
    if not close(user_id):
        return
    steps = _steps()
    moving = _Work(run, len(steps))
    with receipts.because(receipts.Reason.ACCOUNT):
        while moving.step < len(steps):
            steps[moving.step](user_id, moving)
            moving.next_step()


def _steps() -> Sequence[Step]:
    erasers = [section.erase for section in personal.sections() if section.erase is not None]
    return [*reversed(erasers), _finish]


def close(user_id: UUID) -> bool:
    """The point of no return: nobody can sign in any more, the account has no name. False: it is not to be erased."""
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
        standing = AccountDeletion.objects.filter(user_id=user_id, finished_at=None, due_at__lte=timezone.now())
        deletion = standing.select_for_update().first()
        if deletion is None:
            return False
        if user is None or deletion.started_at is not None:
            return True
        deletion.started_at, deletion.former_name = timezone.now(), user.username or ""
        deletion.save(update_fields=["started_at", "former_name"])
        emails.send_account_deleted(user)
        if user.email:  # links of a newcomer name the mailbox, not the user
            MailedToken.objects.annotate(mailbox=Lower("email")).filter(mailbox=user.email.lower()).delete()
        sessions.end_all(user, reason=Session.Reason.DELETION)
        user.username = user.email = user.last_login = user.last_seen_at = None
        user.bio = user.avatar_url = ""
        user.set_display_name("")
        user.is_active = user.is_verified = False
        user.set_unusable_password()
        user.save()
    return True


def _finish(user_id: UUID, _work: personal.Work) -> None:
    """What is left of the user goes with the row, and with it what others have of theirs."""
    with transaction.atomic():
        User.objects.filter(pk=user_id).delete()
        standing = AccountDeletion.objects.filter(user_id=user_id, finished_at=None)
        if standing.update(finished_at=timezone.now(), former_name=""):
            deletion = AccountDeletion.objects.get(user_id=user_id)
            audit.record("deletion.finished", on=deletion, user=str(user_id))


# What it would do -----------------------------------------------------------------------------------------------------


def survey(user_id: UUID) -> dict[str, dict[str, int]]:
    """How many rows would be deleted, emptied and kept, by table."""
    found: dict[str, dict[str, int]] = {"deleted": {}, "emptied": {}, "kept": {}}
    for holding in personal.holdings():
        if count := holding.rows(user_id).count():
            found[holding.ends][holding.model] = count
    return found
