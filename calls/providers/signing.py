"""Tokens and credentials that media servers check without asking us."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import Any
from uuid import UUID
from uuid import uuid4

import jwt


def hmac_sha1(secret: str, text: str) -> str:
    """Base64, as Janus and coturn want it. SHA-1 is theirs; as HMAC it has no known weakness."""
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()).decode()


def janus_token(secret: str, realm: str, *descriptors: str, seconds: int) -> str:
    """A signed token of Janus, good for so many seconds: ``<expiry>,<realm>,<descriptors>:<HMAC>``.

    https://janus.conf.meetecho.com/docs/auth.html (Janus 1.1.2, 2026).
    """
    body = ",".join([str(int(time.time()) + seconds), realm, *descriptors])
    return f"{body}:{hmac_sha1(secret, body)}"


def turn_credential(secret: str, leg_id: UUID | str, *, seconds: int) -> tuple[str, str]:
    """User name and password for coturn's ``use-auth-secret``, good for new allocations for so many seconds.

    A running allocation outlives them (measured with coturn 4.6.1): ending a call is not coturn's business.
    """
    username = f"{int(time.time()) + seconds}:{leg_id}"
    return username, hmac_sha1(secret, username)


def hms_token(access_key: str, secret: str, *, kind: str, seconds: int, **claims: Any) -> str:
    """A token of 100ms, ``kind`` being ``management`` or ``app``.

    https://www.100ms.live/docs/get-started/v2/get-started/security-and-tokens (2026).
    """
    now = int(time.time())
    body = {
        "access_key": access_key,
        "type": kind,
        "version": 2,
        "jti": str(uuid4()),
        "iat": now,
        "nbf": now,
        "exp": now + seconds,
        **claims,
    }
    return jwt.encode(body, secret, algorithm="HS256")
