"""Signed links: whoever holds one may read that one file.

Links to contents and thumbnails are short-lived. Those to avatars do not expire: everybody sees them, and they stand in
stored events.
"""

from __future__ import annotations

import time
from uuid import UUID

from django.core.signing import BadSignature
from django.core.signing import Signer
from django.urls import reverse

from core.errors import NotFound
from core.files.errors import LinkExpired
from core.files.models import StoredFile

WINDOW_SECONDS = 15 * 60
"""A link lives between one and two windows. Its end is rounded, so that a list read twice names the same URL and the
browser does not load the image again."""
AVATAR_SECONDS = 7 * 24 * 3600
"""How long browsers keep an avatar: another one has another address."""


def _signer() -> Signer:
    # Signs with SECRET_KEY; SECRET_KEY_FALLBACKS still verify, so the key can be rotated.
    return Signer(salt="core.files.links")


def expiry() -> int:
    """When a link that is made now ends, in seconds since 1970."""
    return (int(time.time()) // WINDOW_SECONDS + 2) * WINDOW_SECONDS


def content_url(file_id: UUID) -> str:
    """The path of a file's bytes, signed."""
    expires = expiry()
    signature = _signer().signature(f"{file_id}:{expires}")
    return f"{reverse('file-content', args=[file_id])}?expires={expires}&signature={signature}"


def thumbnail_url(file: StoredFile) -> str | None:
    """The path of a file's small picture, signed; None when it has none."""
    if not file.thumbnail_key:
        return None
    expires = expiry()
    signature = _signer().signature(f"thumbnail:{file.pk}:{expires}")
    return f"{reverse('file-thumbnail', args=[file.pk])}?expires={expires}&signature={signature}"


def avatar_url(file: StoredFile) -> str:
    """The path of an avatar, signed, without an end. Raises ValueError for any other file."""
    if file.purpose != StoredFile.Purpose.AVATAR:
        raise ValueError("Only avatars have links without an end.")
    return f"{reverse('file-content', args=[file.pk])}?signature={_signer().signature(f'avatar:{file.pk}')}"


def avatar_id(url: str) -> UUID | None:
    """Which file :func:`avatar_url` made this of; None for any other address."""
    head, tail = reverse("file-content", args=[UUID(int=0)]).split(str(UUID(int=0)))
    path = url.partition("?")[0]
    if not (path.startswith(head) and path.endswith(tail)):
        return None
    try:
        return UUID(path[len(head) : -len(tail)])
    except ValueError:
        return None


def verify(file_id: UUID, *, expires: str, signature: str) -> int:
    """Seconds the link still lives. Raises NotFound for a forged link, LinkExpired for an old one."""
    return _left(f"{file_id}:{expires}", expires, signature)


def verify_thumbnail(file_id: UUID, *, expires: str, signature: str) -> int:
    """The same for :func:`thumbnail_url`."""
    return _left(f"thumbnail:{file_id}:{expires}", expires, signature)


def _left(signed: str, expires: str, signature: str) -> int:
    _verify_signature(signed, signature)
    left = int(expires) - int(time.time())
    if left <= 0:
        raise LinkExpired
    return left


def verify_avatar(file_id: UUID, *, signature: str) -> int:
    """Seconds a browser may keep it. Raises NotFound for a forged link; whether it is an avatar is not looked at."""
    _verify_signature(f"avatar:{file_id}", signature)
    return AVATAR_SECONDS


def _verify_signature(signed: str, signature: str) -> None:
    try:
        _signer().unsign(f"{signed}:{signature}")
    except BadSignature:
        raise NotFound from None
