"""Init data as Telegram makes it, for a bot of the tests; written apart from the code that checks it."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import quote

BOT_TOKEN = "7000000001:AAcanary-bot-token-of-the-tests-0001"
VLAD = {"id": 279058397, "first_name": "Vlad", "username": "vlad", "language_code": "en"}


def check_string(fields: dict[str, str]) -> str:
    """What Telegram signs."""
    return "\n".join(sorted(f"{key}={value}" for key, value in fields.items()))


def sign(fields: dict[str, str], token: str = BOT_TOKEN) -> str:
    """The hash of the fields."""
    secret = hmac.new(b"WebAppData", token.encode(), hashlib.sha256).digest()
    return hmac.new(secret, check_string(fields).encode(), hashlib.sha256).hexdigest()


def encode(fields: dict[str, str]) -> str:
    """The query string."""
    return "&".join(f"{key}={quote(value, safe='')}" for key, value in fields.items())


def init_data(
    person: dict[str, Any] | None = None, *, ago: float = 5, token: str = BOT_TOKEN, **extra: str | None
) -> str:
    """Signed init data; ``extra`` adds fields or, with None, takes them out."""
    fields: dict[str, str | None] = {
        "user": json.dumps(VLAD if person is None else person),
        "chat_instance": "8134722200314281151",
        "chat_type": "private",
        "auth_date": str(int(time.time() - ago)),
        "signature": "TYJxVcisqbWjtodPepiJ6ghziUL94",
    }
    signed = {key: value for key, value in (fields | extra).items() if value is not None}
    return encode(signed | {"hash": sign(signed, token)})
