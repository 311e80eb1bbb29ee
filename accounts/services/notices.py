"""What people are told by mail about leaving. The one place from which it goes out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.utils import translation

from accounts import letters
from accounts.models import User
from core import mail
from core.mail import Letter


def deletion_scheduled(user: User, *, due_at: datetime) -> None:
    """Until when they can come back."""
    _tell(user, "accounts.deletion_scheduled", lambda: letters.deletion_scheduled(due_at))


def deletion_cancelled(user: User) -> None:
    """They are back."""
    _tell(user, "accounts.deletion_cancelled", letters.deletion_cancelled)


def account_deleted(user: User) -> None:
    """The last letter. It belongs to no user, or it would go with them before it was sent."""
    _tell(user, "accounts.account_deleted", letters.account_deleted, outlives=True)


def export_ready(user: User, *, expires_at: datetime) -> None:
    """Their archive waits in the settings; a link in a letter would give it to whoever reads the mailbox."""
    _tell(user, "accounts.export_ready", lambda: letters.export_ready(expires_at))


def _tell(user: User, kind: str, write: Callable[[], Letter], *, outlives: bool = False) -> None:
    """Put the letter into the outbox, in the caller's transaction; who has no address is not told."""
    if not user.email or not mail.can_send():
        return
    with translation.override(user.language):
        letter = write()
    mail.send(kind, letter, to=user.email, language=user.language, user=None if outlives else user)
