"""The JWTs: made and checked by djangorestframework-simplejwt (HS256, issuer, audience, 60 s of clock skew).

Claims: ``exp nbf iat iss aud sub sid jti token_type``; ``sub`` is the user, ``sid`` the session (the refresh family).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from functools import lru_cache
from typing import Any
from typing import cast
from uuid import UUID

from django.conf import settings
from rest_framework_simplejwt import tokens as simplejwt
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.state import token_backend as current_backend

from accounts.errors import SessionEnded
from accounts.models import RefreshToken
from accounts.models import Session
from core.ids import uuid7

_REQUIRED = ("nbf", "iat", "sub", "sid", "jti")


class _Refresh(simplejwt.Token):
    token_type = "refresh"  # noqa: S105 - the kind of token
    lifetime = settings.JWT_REFRESH_EXPIRY


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token that passed every check says."""

    user_id: UUID
    session_id: UUID
    token_id: UUID


def access_token(session: Session, *, at: datetime) -> str:
    """A fresh access token of a session."""
    return _mint(
        simplejwt.AccessToken(), session, token_id=uuid7(), issued_at=at, expires_at=at + settings.JWT_ACCESS_EXPIRY
    )


def refresh_token(session: Session, *, token_id: UUID, issued_at: datetime, expires_at: datetime) -> str:
    """The refresh token of these claims: the same claims always make the same token."""
    return _mint(_Refresh(), session, token_id=token_id, issued_at=issued_at, expires_at=expires_at)


def refresh_token_again(session: Session, row: RefreshToken) -> str:
    """The very token whose hash the row keeps, also when a former secret signed it; of a new row, its first one."""
    made = ""
    for kind in _with_every_secret(_Refresh):
        again = _mint(kind(), session, token_id=row.id, issued_at=row.issued_at, expires_at=row.expires_at)
        if not row.token_hash or digest(again) == row.token_hash:
            return again
        made = made or again
    return made


def digest(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def read_access(raw: str) -> Claims:
    """The claims of an access token. Raises SessionEnded for a wrong signature, time, issuer, audience or type."""
    return _read(simplejwt.AccessToken, raw)


def is_signed(raw: str) -> bool:
    """Whether this is an access token of ours that has not run out; no query, so its session may have ended."""
    try:
        read_access(raw)
    except SessionEnded:
        return False
    return True


def read_refresh(raw: str) -> Claims:
    """The claims of a refresh token; raises SessionEnded. Whether it is still good only its row knows."""
    return _read(_Refresh, raw)


def _mint(
    token: simplejwt.Token, session: Session, *, token_id: UUID, issued_at: datetime, expires_at: datetime
) -> str:
    token.payload = {
        "token_type": token.token_type,
        "exp": _epoch(expires_at),
        "nbf": _epoch(issued_at),
        "iat": _epoch(issued_at),
        "jti": str(token_id),
        "sub": str(session.user_id),
        "sid": str(session.id),
    }
    return str(token)


@lru_cache(maxsize=16)
def _backend_of(secret: str) -> TokenBackend:
    """What makes and reads tokens with a former secret."""
    backend = copy(current_backend)
    backend.signing_key = secret
    # What was derived from the key is not copied along.
    for derived in ("prepared_signing_key", "prepared_verifying_key"):
        vars(backend).pop(derived, None)
    return backend


def _with_every_secret(kind: type[simplejwt.Token]) -> Iterator[type[simplejwt.Token]]:
    yield kind
    for secret in settings.JWT_SECRET_FALLBACKS:
        backend = _backend_of(secret)
        yield type(kind.__name__, (kind,), {"get_token_backend": lambda _self, backend=backend: backend})


def _payload(kind: type[simplejwt.Token], raw: str) -> dict[str, Any]:
    """What a token says; raises TokenError, the current secret's, when none of the secrets has signed it."""
    refusal: TokenError | None = None
    for one in _with_every_secret(kind):
        try:
            payload: dict[str, Any] = one(cast("Any", raw)).payload
        except TokenError as error:
            refusal = refusal or error
        else:
            return payload
    assert refusal is not None  # noqa: S101 - there is a current secret
    raise refusal


def _read(kind: type[simplejwt.Token], raw: str) -> Claims:
    try:
        payload = _payload(kind, raw)
        if any(name not in payload for name in _REQUIRED):
            raise SessionEnded
        return Claims(user_id=UUID(payload["sub"]), session_id=UUID(payload["sid"]), token_id=UUID(payload["jti"]))
    except (TokenError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise SessionEnded from error


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())


def whole_seconds(moment: datetime) -> datetime:
    """Cut to what a claim can say."""
    return moment - timedelta(microseconds=moment.microsecond)
