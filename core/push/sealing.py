"""A notice as a push service takes it: encrypted for one browser (RFC 8291), and signed by the site (RFC 8292)."""

from __future__ import annotations

import time
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass
from io import BytesIO
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import AnyHttpUrl
from webpush import WebPush
from webpush import WebPushSubscription
from webpush.types import WebPushKeys

from core.push.keys import SiteKey

MOST_BYTES = 3993
"""Of a notice: one record of 4096 without its head (86), tag (16) and delimiter (1), as RFC 8291, section 4 has it."""
_NOBODY = "nobody@example.com"
"""What the library signs in the name of; that signature is not sent."""
_SIGNED_FOR = 12 * 3600
"""Seconds; push services refuse more than 24 hours (RFC 8292, section 2)."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """The body and the headers of a request to the push service."""

    body: bytes
    headers: dict[str, str]


def seal(
    text: bytes,
    *,
    endpoint: str,
    p256dh: str,
    auth: str,
    key: SiteKey,
    contact: str,
    ttl: int,
    urgency: str,
    topic: str,
) -> Sealed:
    """Encrypt ``text``, at most MOST_BYTES, for a browser; ``ttl`` is in seconds. Raises ValueError for more."""
    if len(text) > MOST_BYTES:
        raise ValueError(f"A notice of {len(text)} bytes does not fit into one record.")
    browser = WebPushSubscription(endpoint=AnyHttpUrl(endpoint), keys=WebPushKeys(p256dh=p256dh, auth=auth))
    library = WebPush(key.private_pem, BytesIO(_public_pem(key.private_pem)), subscriber=_NOBODY, ttl=ttl)
    made = library.get(text, browser)
    headers = {
        "ttl": str(ttl),
        "urgency": urgency,
        "topic": topic,
        "content-encoding": made.headers["content-encoding"],
        "authorization": _authorization(endpoint, key, contact),
    }
    return Sealed(made.encrypted, headers)


def _authorization(endpoint: str, key: SiteKey, contact: str) -> str:
    """Ours and not the library's, whose audience lacks the port of the endpoint and whose contact is a mailbox only."""
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int(time.time()) + _SIGNED_FOR, "sub": contact}
    return f"vapid t={jwt.encode(claims, key=key.private_pem, algorithm='ES256')}, k={key.public}"


def is_address(endpoint: str) -> bool:
    """Whether it can be written to at all: an address that cannot would end each notice with a fault."""
    try:
        AnyHttpUrl(endpoint)
    except ValueError:
        return False
    return True


def are_keys(p256dh: str, auth: str) -> bool:
    """Whether a browser can have made these: a point of P-256, and sixteen bytes."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(p256dh))
        return len(_bytes(auth)) == 16
    except (ValueError, Base64Error):
        return False


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _public_pem(private_pem: bytes) -> bytes:
    private = serialization.load_pem_private_key(private_pem, password=None)
    return private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
