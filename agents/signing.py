"""Standard Webhooks 1.0.0.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

PREFIX = "whsec_"
_BYTES = 24


def new_secret() -> str:
    """A secret to sign with, as the other side is to be given it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def key_of(secret: str) -> bytes:
    """The bytes that sign. Raises ValueError for what is no such secret."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("This is no base64.") from error
    if not key:
        raise ValueError("It is empty.")
    return key


def signatures(call_id: str, at: int, body: bytes, *keys: str) -> str:
    """The header ``webhook-signature``: one signature of each secret, as while one is rotated both are good."""
    signed = f"{call_id}.{at}.".encode() + body
    made = (hmac.digest(key_of(key), signed, hashlib.sha256) for key in keys)
    return " ".join(f"v1,{base64.b64encode(one).decode()}" for one in made)


def is_signed(call_id: str, at: str, body: bytes, header: str, secret: str) -> bool:
    """Whether one of the signatures of a header is this secret's."""
    signed = f"{call_id}.{at}.".encode() + body
    expected = f"v1,{base64.b64encode(hmac.digest(key_of(secret), signed, hashlib.sha256)).decode()}"
    return any(hmac.compare_digest(expected.encode(), given.encode()) for given in header.split(" "))
