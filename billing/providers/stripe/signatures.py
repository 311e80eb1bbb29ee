"""The proof that a notification comes from Stripe: https://docs.stripe.com/webhooks#verify-manually."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Sequence

from billing.errors import InvalidSignature

TOLERANCE_SECONDS = 300
"""How old a signature may be, and how far in the future: what Stripe's own libraries take (2026)."""


def prove(body: bytes, header: str, secrets: Sequence[str], *, now: float | None = None) -> None:
    """Raises InvalidSignature unless the header holds a fresh signature of the body by one of the secrets."""
    parts = [part.partition("=") for part in header.split(",")]
    stamps = [value for name, _, value in parts if name.strip() == "t"]
    given = [value for name, _, value in parts if name.strip() == "v1"]
    if len(stamps) != 1 or not (stamps[0].isascii() and stamps[0].isdigit() and len(stamps[0]) <= 12):
        raise InvalidSignature
    if abs((time.time() if now is None else now) - int(stamps[0])) > TOLERANCE_SECONDS:
        raise InvalidSignature("The signature of this notification is too old, or from the future.")
    signed = stamps[0].encode() + b"." + body
    wanted = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode() for secret in secrets if secret]
    # All pairs are compared, so that the time tells nothing.
    if not sum(hmac.compare_digest(one.encode(), each) for one in given for each in wanted):
        raise InvalidSignature
