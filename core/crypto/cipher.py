"""Encrypting and decrypting one text, and keeping it out of sight in between."""

from __future__ import annotations

import hmac
import os
from base64 import urlsafe_b64decode
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_VERSION = "enc1"
_NONCE_BYTES = 12
"""What GCM is made for (NIST SP 800-38D, 5.2.1.1); random ones serve 2**32 values of one key (8.3)."""


class DecryptionFailed(Exception):
    """A stored value cannot be read: its key is gone, or it was changed or moved."""


class Secret:
    """A text that shows itself only to who asks with :meth:`reveal`; logs, reprs and templates see a mask."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def last4(self) -> str:
        """The last four characters, to tell two keys apart; masked when that would show a third or more of it."""
        return f"…{self._text[-4:]}" if len(self._text) >= 12 else "…"

    def __repr__(self) -> str:
        return "[redacted]"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> Any:
        raise TypeError("A secret is not pickled: it would lie in a cache or a queue in plain text.")


@dataclass(frozen=True, slots=True)
class _Key:
    id: str
    cipher: AESGCM


def _derive(secret: str, purpose: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=b"kintsugi.crypto." + purpose).derive(
        secret.encode()
    )


@lru_cache(maxsize=8)
def _ring_of(secrets: tuple[str, ...]) -> tuple[_Key, ...]:
    return tuple(_Key(_derive(secret, b"id", 4).hex(), AESGCM(_derive(secret, b"key", 32))) for secret in secrets)


def _ring() -> tuple[_Key, ...]:
    return _ring_of(tuple(settings.ENCRYPTION_KEYS))


def key_ids() -> list[str]:
    """What the keys are called in stored values, newest first; says nothing about them."""
    return [key.id for key in _ring()]


def newest_prefix() -> str:
    """How every value begins that the first key encrypted."""
    return f"{_VERSION}:{_ring()[0].id}:"


def encrypt(text: str, *, context: str) -> str:
    """The stored form of a text; only the same ``context`` decrypts it."""
    nonce = os.urandom(_NONCE_BYTES)
    sealed = _ring()[0].cipher.encrypt(nonce, text.encode(), context.encode())
    return newest_prefix() + urlsafe_b64encode(nonce + sealed).decode()


def decrypt(stored: str, *, context: str) -> str:
    """The text of a stored form. Raises DecryptionFailed, which names the key but never the value."""
    version, _, rest = stored.partition(":")
    key_id, _, payload = rest.partition(":")
    if version != _VERSION:
        raise DecryptionFailed(f"A value of {context} is not encrypted.")
    key = next((key for key in _ring() if key.id == key_id), None)
    if key is None:
        raise DecryptionFailed(
            f"A value of {context} was encrypted with key {key_id!r}, which is not in ENCRYPTION_KEYS."
        )
    try:
        raw = urlsafe_b64decode(payload)
        return key.cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], context.encode()).decode()
    except (InvalidTag, ValueError):
        raise DecryptionFailed(f"A value of {context} was changed or belongs elsewhere.") from None
