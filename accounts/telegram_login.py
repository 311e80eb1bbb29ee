"""What Telegram hands to a Mini App about who has opened it, and whether Telegram signed it.

The rules are Telegram's, of Bot API 8.0 (November 2024):
https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app

Only ``hash`` is left out of what was signed; the younger ``signature`` field is part of it. The signed text joins
fields with ``=`` and line feeds, so data that has those where they could be taken for structure is refused: one text,
one meaning.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

LIFETIME = timedelta(hours=24)
"""So long init data is good. Ours: Telegram only says to look at ``auth_date``."""
SKEW = timedelta(seconds=60)
"""So far ahead Telegram's clock may be."""
MAX_CHARS = 8192
"""Of the whole query string. Ours: Telegram names no limit."""
_MOST_FIELDS = 40
"""Ours: ``WebAppInitData`` has 11 since Bot API 8.0 (November 2024)."""
_KEY = re.compile(r"[a-z][a-z0-9_]*\Z")
_HASH = re.compile(r"[0-9a-f]{64}\Z")
_DIGITS = re.compile(r"[0-9]{1,12}\Z")
"""Seconds since 1970; twelve digits last for thirty thousand years."""
_NAME_CHARS = 64
"""As many as ``TelegramAccount.username`` takes; Telegram's own names have at most 32."""


class BadInitData(ValueError):
    """Not good for anything; ``reason`` is a word for the audit log that says nothing of the data."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Init data of Telegram was refused: {reason}.")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class InitData:
    """Init data that Telegram signed: who opened the Mini App, and when. ``digest`` names it."""

    telegram_id: int
    username: str
    language: str
    opened_at: datetime
    digest: str

    @property
    def expires_at(self) -> datetime:
        """When it stops being good."""
        return self.opened_at + LIFETIME


def read(raw: str, *, bot_token: str, now: datetime) -> InitData:
    """Who has opened the app; raises BadInitData. Nothing of the data is believed before its hash was compared."""
    fields = _fields(raw)
    given = fields.pop("hash", "")
    if not _HASH.match(given):
        raise BadInitData("malformed")
    if not hmac.compare_digest(_signed(fields, bot_token), given):
        raise BadInitData("hash")
    opened_at = _fresh(fields.get("auth_date", ""), now)
    person = _person(fields.get("user", ""))
    return InitData(
        telegram_id=person["id"],
        username=_text(person, "username")[:_NAME_CHARS],
        language=_text(person, "language_code")[:2].lower(),
        opened_at=opened_at,
        digest=hashlib.sha256(given.encode()).hexdigest(),
    )


def _fields(raw: str) -> dict[str, str]:
    """The pairs of the query string, blank ones kept; a key that comes twice is refused, whatever it says."""
    if len(raw) > MAX_CHARS:
        raise BadInitData("malformed")
    try:
        pairs = parse_qsl(
            raw, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise BadInitData("malformed") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise BadInitData("duplicate")
    if any(not _KEY.match(key) or "\n" in value for key, value in pairs):
        raise BadInitData("malformed")
    return fields


def _signed(fields: dict[str, str], bot_token: str) -> str:
    text = "\n".join(f"{key}={fields[key]}" for key in sorted(fields))
    secret = hmac.digest(b"WebAppData", bot_token.encode(), "sha256")
    try:
        return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
    except UnicodeEncodeError:  # half a surrogate pair, which JSON can carry
        raise BadInitData("malformed") from None


def _fresh(auth_date: str, now: datetime) -> datetime:
    if not _DIGITS.match(auth_date):
        raise BadInitData("malformed")
    try:
        opened_at = datetime.fromtimestamp(int(auth_date), UTC)
    except (ValueError, OverflowError, OSError):
        raise BadInitData("malformed") from None
    if opened_at > now + SKEW:
        raise BadInitData("future")
    if now - opened_at > LIFETIME:
        raise BadInitData("expired")
    return opened_at


def _person(user: str) -> dict[str, Any]:
    try:
        person = json.loads(user)
    except (ValueError, RecursionError):
        raise BadInitData("no user") from None
    number = person.get("id") if isinstance(person, dict) else None
    if type(number) is not int or not 0 < number < 2**63:
        raise BadInitData("no user")
    return dict(person)


def _text(person: dict[str, Any], key: str) -> str:
    value = person.get(key)
    return "".join(filter(str.isprintable, value)) if isinstance(value, str) else ""
