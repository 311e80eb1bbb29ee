"""Links that are mailed: requested by anybody, made and sent by a worker, good once.

Who requests one learns nothing: a request only notes down, encrypted, for which mailbox it was, by the same statements
whether somebody has that address or not. The worker looks, and sends or does not.

What a link does stands with its subject: ``magic_link`` (to sign in), ``email_address`` (to confirm or change one) and
``passwords`` (to set a new one). Each finds the link, and uses it in the transaction of what it does.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import asdict
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.addresses import canonical
from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.errors import LinkExpired
from accounts.errors import NoMail
from accounts.models import AccountDeletion
from accounts.models import MailedToken
from accounts.models import User
from accounts.services import audit
from accounts.services import emails
from core import crypto
from core import jobs
from core import mail
from core.api import throttles
from core.errors import InvalidInput

KIND = "accounts.mail_link"
Purpose = MailedToken.Purpose
LIFE = {
    Purpose.SIGN_IN: timedelta(minutes=10),
    Purpose.RESET: timedelta(minutes=30),
    Purpose.CHANGE: timedelta(hours=24),
    Purpose.VERIFY: timedelta(hours=72),
}
"""So long a link is good. The more it opens, the shorter."""
PER_HOUR = 3
"""Links of one kind to one mailbox."""
_CONTEXT = "accounts.mail_link"
"""What the encryption of a request is bound to."""
_LONGEST_ADDRESS = 254
"""Characters: a path of SMTP has at most 256 of them, its two brackets included (RFC 5321, 4.5.3.1.3)."""


def clean_address(address: str) -> str:
    """The address somebody typed, as it is stored. Raises InvalidInput when it is none."""
    address = canonical(address)
    try:
        validate_email(address)
    except ValidationError as error:
        raise InvalidInput(details={"email": list(error.messages)}) from None
    if len(address) > _LONGEST_ADDRESS:
        raise InvalidInput(details={"email": ["The address is too long."]})
    return address


def request(
    purpose: str, address: str, *, language: str, client: ClientInfo = NOBODY, user: User | None = None
) -> None:
    """Note down that a link is wanted, and from where; for a change of address ``user`` is who wants it.

    Raises NoMail, and RateLimited after three of the kind for one mailbox in an hour.
    """
    if not mail.can_send():
        raise NoMail
    key = salted_hmac("accounts.mailbox", address.casefold(), algorithm="sha256").hexdigest()
    throttles.hit("magic_link", f"{purpose}:{key}")
    payload: dict[str, Any] = {
        "purpose": str(purpose),
        "to": crypto.encrypt(address, context=_CONTEXT),
        "client": crypto.encrypt(json.dumps(asdict(client)), context=_CONTEXT),
        "language": language,
        "user": [str(user.pk), user.session_epoch] if user else None,
    }
    jobs.enqueue(KIND, payload=payload)


def work(run: jobs.Run) -> None:
    """Make the link and put its email into the outbox, if there is somebody to get it."""
    purpose = Purpose(run.payload["purpose"])
    address = crypto.decrypt(run.payload["to"], context=_CONTEXT)
    with run.fenced():
        recipient = _recipient(purpose, address, run.payload["user"])
        if recipient is None or _sent_lately(purpose, address) >= PER_HOUR:
            return
        user = recipient.user
        life = LIFE[purpose]
        raw = secrets.token_urlsafe(32)
        token = MailedToken.objects.create(
            purpose=purpose, user=user, email=address, token_hash=_digest(raw), expires_at=timezone.now() + life
        )
        client = ClientInfo(**json.loads(crypto.decrypt(run.payload["client"], context=_CONTEXT)))
        audit.record("link.mailed", client=client, on=user or token, purpose=str(purpose))
        language = user.language if user else run.payload["language"]
        emails.send_link(token, raw, language=language, life=life)


def find(purpose: str, raw: str) -> MailedToken:
    """The link somebody brings, still unused. Raises LinkExpired."""
    token = MailedToken.objects.select_related("user").filter(
        purpose=purpose, token_hash=_digest(raw), used_at=None, expires_at__gt=timezone.now()
    ).first()  # fmt: skip
    if token is None:
        raise LinkExpired
    return token


def use(token: MailedToken) -> None:
    """Spend a link, in the transaction of what it does. Raises LinkExpired when somebody else just did."""
    unused = MailedToken.objects.filter(pk=token.pk, used_at=None, expires_at__gt=timezone.now())
    if not unused.update(used_at=timezone.now()):
        raise LinkExpired


def void(user: User) -> None:
    """Links that were mailed before no longer do anything: the account changed hands, or its owner fears so."""
    MailedToken.objects.filter(user=user, used_at=None).delete()


@dataclass(frozen=True, slots=True)
class _Recipient:
    """Who gets the link; ``user`` is None for a newcomer."""

    user: User | None


def _recipient(purpose: str, address: str, asking: list[Any] | None) -> _Recipient | None:
    """None when nobody is to get it."""
    owner = User.objects.named(address).first()
    if purpose == Purpose.CHANGE:
        assert asking is not None  # noqa: S101 - a change is asked for by somebody
        # Once all sessions were ended, the account may have another owner (see magic_link). Locked, so that no link is
        # made behind the back of void.
        pk, epoch = asking
        users = User.objects.select_for_update(no_key=True).filter(is_active=True)
        user = users.filter(pk=pk, session_epoch=epoch).first()
        # Somebody else's address: nobody learns of it, the one who asks least of all.
        return _Recipient(user) if user and (owner is None or owner.pk == user.pk) else None
    if owner is None:
        return _Recipient(None) if purpose == Purpose.SIGN_IN else None
    if not owner.is_active and not (purpose == Purpose.SIGN_IN and _may_come_back(owner)):
        return None
    return None if purpose == Purpose.VERIFY and owner.is_verified else _Recipient(owner)


def _may_come_back(owner: User) -> bool:
    """They asked that the account goes, and may still change their mind by signing in."""
    return AccountDeletion.objects.revocable().filter(user=owner).exists()


def _sent_lately(purpose: str, address: str) -> int:
    """The limit once more, where no lost cache forgets it."""
    lately = MailedToken.objects.annotate(mailbox=Lower("email")).filter(
        mailbox=address.lower(), purpose=purpose, created_at__gt=timezone.now() - timedelta(hours=1)
    )
    return lately.count()


def _digest(raw: str) -> str:
    return hashlib.sha256(raw.encode()).hexdigest()
