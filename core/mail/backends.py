"""Where letters go on a machine without a mail server."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from core.ids import uuid7


class FolderBackend(BaseEmailBackend):
    """Shows each letter on the console and keeps it as ``<time-ordered id>.eml`` in ``VAR_DIR/mail``.

    It prints instead of logging: a log must never hold a link that signs somebody in.
    """

    def __init__(self, *, fail_silently: bool = False, **_kwargs: Any) -> None:
        super().__init__(fail_silently=fail_silently)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = settings.VAR_DIR / "mail"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for mail in email_messages:
            path = folder / f"{uuid7()}.eml"
            path.write_bytes(mail.message().as_bytes())
            sys.stdout.write(f"\n--- Mail to {', '.join(mail.to)}: {mail.subject}\n{mail.body}--- kept as {path}\n\n")
            sys.stdout.flush()
        return len(email_messages)
