"""Writing letters down, sending them, forgetting them."""

from __future__ import annotations

import logging
import smtplib
from datetime import datetime
from datetime import timedelta
from typing import TYPE_CHECKING
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import get_connection
from django.utils import timezone

from core import jobs
from core.mail import metrics
from core.mail.letter import Letter
from core.mail.letter import message
from core.mail.models import OutgoingMail

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

logger = logging.getLogger(__name__)

SEND = "core.send_mail"
ATTEMPTS = 10
"""With the waits of core.jobs about fifty minutes."""
_FOLDER: dict[str, Any] = {"name": "folder", "label": "Kept on the server", "real": False}
_KEPT_WAITING = timedelta(days=1)
_KEPT = timedelta(days=30)


class MailRefused(Exception):
    """The server does not want this letter, now or later; the text names neither the address nor the content."""


class MailDelayed(Exception):
    """The server does not take this letter now. It stands for smtplib's errors, which carry the address into logs."""


def can_send() -> bool:
    """Whether letters leave this house: a server is set, or it is a development machine that shows them."""
    return bool(settings.MAIL_ENABLED)


def providers() -> list[dict[str, Any]]:
    """What the web client is told: nothing when no letter would arrive anywhere."""
    if not can_send():
        return []
    return [{"name": "smtp", "label": "SMTP", "real": True} if settings.MAIL_IS_REAL else _FOLDER]


def send(
    kind: str,
    letter: Letter,
    *,
    to: str,
    language: str,
    user: AbstractBaseUser | None = None,
    expires_at: datetime | None = None,
) -> OutgoingMail:
    """Put a letter into the outbox, in the caller's transaction; a worker sends it after the commit.

    ``kind`` names it for operators; ``user`` is whom it concerns, with whom the row goes; a letter that could not be
    sent by ``expires_at``, when the link in it ends, is not sent any more.
    """
    mail = OutgoingMail.objects.create(
        kind=kind, user_id=user.pk if user else None, language=language, recipient=to, content=letter.to_json(),
        expires_at=expires_at,
    )  # fmt: skip
    jobs.enqueue(SEND, payload={"mail": str(mail.pk)})
    return mail


def deliver(run: jobs.Run) -> None:
    """Send the letter of a job. Raises what the server's trouble raises, so that the job comes back later."""
    mail = OutgoingMail.objects.filter(pk=run.payload["mail"], state=OutgoingMail.State.WAITING).first()
    if mail is None:
        return
    if mail.expires_at and mail.expires_at <= timezone.now():
        _finish(run, mail, OutgoingMail.State.FAILED, "It could not be sent while its link was good.")
        return
    try:
        _hand_over(mail)
    except MailRefused as refusal:
        logger.warning("A letter was refused by the mail server", extra={"kind": mail.kind, "reason": str(refusal)})
        _finish(run, mail, OutgoingMail.State.FAILED, str(refusal))
    except Exception as error:
        if run.attempt < ATTEMPTS:
            raise
        logger.exception("A letter was given up; is the mail server set right?", extra={"kind": mail.kind})
        unknown = f"The mail server could not be used ({type(error).__name__})."
        _finish(run, mail, OutgoingMail.State.FAILED, str(error) if isinstance(error, MailDelayed) else unknown)
    else:
        _finish(run, mail, OutgoingMail.State.SENT)


def forget() -> int:
    """Give up what has waited too long, remove what is old; returns how many letters were given up."""
    now = timezone.now()
    waiting = OutgoingMail.objects.filter(state=OutgoingMail.State.WAITING)
    lost = waiting.filter(created_at__lt=now - _KEPT_WAITING).update(
        **_ended(OutgoingMail.State.FAILED, "Every process that was to send it was lost.")
    )
    OutgoingMail.objects.filter(created_at__lt=now - _KEPT).delete()
    oldest = waiting.order_by("created_at").values_list("created_at", flat=True).first()
    metrics.observe_oldest((now - oldest).total_seconds() if oldest else 0)
    return lost


def check(*, timeout: float = 10) -> None:
    """Connect to the mail server and sign in, without sending anything. Raises what goes wrong."""
    connection = get_connection(timeout=timeout)
    if connection.open() is False:
        raise ConnectionError("The mail server did not take the connection.")
    connection.close()


def _hand_over(mail: OutgoingMail) -> None:
    assert mail.recipient is not None and mail.content is not None  # noqa: S101 - it waits
    letter = Letter.from_json(mail.content.reveal())
    host = urlsplit(settings.PUBLIC_URL).hostname
    built = message(letter, to=mail.recipient.reveal(), language=mail.language, message_id=f"<{mail.pk}@{host}>")
    built.connection = get_connection(timeout=30)
    try:
        built.send()
    except smtplib.SMTPRecipientsRefused as error:
        code = min(code for code, _text in error.recipients.values())
        if 500 <= code < 600:
            raise MailRefused(f"The mail server refuses the address ({code}).") from None
        raise MailDelayed(f"The mail server puts the address off ({code}).") from None
    except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
        if 500 <= error.smtp_code < 600:
            raise MailRefused(f"The mail server refuses the letter ({error.smtp_code}).") from None
        raise MailDelayed(f"The mail server puts the letter off ({error.smtp_code}).") from None
    except smtplib.SMTPResponseException as error:  # at the door: a wrong password, no service
        name = type(error).__name__
        raise MailDelayed(f"The mail server could not be used ({name} {error.smtp_code}).") from None


def _finish(run: jobs.Run, mail: OutgoingMail, state: OutgoingMail.State, error: str = "") -> None:
    with run.fenced():
        OutgoingMail.objects.filter(pk=mail.pk).update(**_ended(state, error))
    metrics.count(kind=mail.kind, outcome=str(state))


def _ended(state: OutgoingMail.State, error: str = "") -> dict[str, Any]:
    return {"state": state, "error": error, "finished_at": timezone.now(), "recipient": None, "content": None}
