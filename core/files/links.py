"""Signed, short-lived links: whoever holds one may read that one file until it expires."""

from __future__ import annotations

import time
from uuid import UUID

from django.core.signing import BadSignature
from django.core.signing import Signer
from django.urls import reverse

from core.errors import NotFound
from core.files.errors import LinkExpired

WINDOW_SECONDS = 15 * 60
"""A link lives between one and two windows. Its end is rounded, so that a list read twice names the same URL and the
browser does not load the image again."""


def _signer() -> Signer:
    # Signs with SECRET_KEY; SECRET_KEY_FALLBACKS still verify, so the key can be rotated.
    return Signer(salt="core.files.links")


def content_url(file_id: UUID) -> str:
    """The path of a file's bytes, signed."""
    expires = (int(time.time()) // WINDOW_SECONDS + 2) * WINDOW_SECONDS
    signature = _signer().signature(f"{file_id}:{expires}")
    return f"{reverse('file-content', args=[file_id])}?expires={expires}&signature={signature}"


def verify(file_id: UUID, *, expires: str, signature: str) -> int:
    """Seconds the link still lives. Raises NotFound for a forged link, LinkExpired for an old one."""
    try:
        _signer().unsign(f"{file_id}:{expires}:{signature}")
    except BadSignature:
        raise NotFound from None
    left = int(expires) - int(time.time())
    if left <= 0:
        raise LinkExpired
    return left
