"""Do letters get out?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from core.findings import Check
from core.findings import Finding
from core.findings import fail
from core.findings import ok
from core.findings import warn
from core.mail import services
from core.mail.models import OutgoingMail
from core.observability.redaction import redact

_LETTER_WAIT = timedelta(minutes=15)


def checks() -> Iterator[Check]:
    """In the order in which they are reported."""
    yield Check("mail", letters, seconds=15)
    yield Check("outbox", outbox, needs="migrations")


def letters() -> Iterator[Finding]:
    """Whether the mail server lets us in; nothing is sent."""
    if not services.can_send():
        yield warn("mail", "No letters are sent: links to sign in and new passwords do not work. Set EMAIL_URL.")
        return
    if not settings.MAIL_IS_REAL:
        yield warn("mail", "Letters are shown on the console and kept in VAR_DIR/mail. Set EMAIL_URL to send them.")
        return
    try:
        services.check(timeout=10)
    except Exception as error:  # whatever a mail server, a resolver or TLS can say
        yield fail("mail", f"The mail server does not let us in: {redact(str(error))} Look at EMAIL_URL.")
    else:
        yield ok("mail", "The mail server lets us in.")


def outbox() -> Iterator[Finding]:
    """Letters that wait, or could not be sent of late."""
    now = timezone.now()
    letters = OutgoingMail.objects
    waiting = letters.filter(state=OutgoingMail.State.WAITING, created_at__lt=now - _LETTER_WAIT).count()
    failed = letters.filter(state=OutgoingMail.State.FAILED, created_at__gt=now - timedelta(days=1)).count()
    if waiting:
        yield warn("outbox", f"{waiting} letters wait for more than {_minutes(_LETTER_WAIT)}. Look at the mail server.")
    if failed:
        yield warn("outbox", f"{failed} letters of the last day could not be sent. /admin/core/outgoingmail/ says why.")
    if not waiting and not failed:
        yield ok("outbox", "No letter waits.")


def _minutes(span: timedelta) -> str:
    return f"{int(span.total_seconds() // 60)} minutes"
