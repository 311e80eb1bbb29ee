"""What stands behind the first link of a message: fetched by a worker, through the outgoing door."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core import http
from core import jobs
from messenger import pages
from messenger.access import lock_conversation
from messenger.models import LinkPreview
from messenger.models import Message
from messenger.services.held import tell_updated
from messenger.writing import first_link

KIND = "messenger.link_preview"
SECONDS = 10.0
MAX_BYTES = 256 * 1024
"""Of a page; what it says of itself stands at its beginning."""
_REDIRECTS = 3
_LARGEST_PAGE = 32 * 1024 * 1024
_GOOD_FOR = timedelta(days=7)
_NOTHING_GOOD_FOR = timedelta(hours=1)
_KEPT = timedelta(days=30)


def request(message_id: UUID, link: str) -> None:
    """Have a worker look at ``link``, once the message stands; in the caller's transaction."""
    if settings.LINK_PREVIEWS:
        # Not the link itself: a job outlives a message that is taken back.
        jobs.enqueue(KIND, payload={"message_id": str(message_id), "link": _digest(link)})


def work(message_id: UUID, digest: str) -> bool:
    """:func:`attach` for the link :func:`request` was given, as long as it is in the message."""
    said = Message.objects.filter(pk=message_id, is_deleted=False).values_list("content", flat=True).first()
    link = first_link(said or "")
    return link is not None and _digest(link) == digest and attach(message_id, link)


def _digest(link: str) -> str:
    return hashlib.sha256(link.encode()).hexdigest()


def attach(message_id: UUID, link: str) -> bool:
    """Look at the link and show it at the message; False when it says nothing, or is not in the message any more.

    Fetches outside any transaction: the message may have been edited or deleted meanwhile, and is read anew.
    """
    if _wanting(message_id, link) is None:
        return False
    preview = look(link)
    if preview is None:
        return False
    with transaction.atomic():
        message = _wanting(message_id, link, lock=True)
        if message is None:
            return False
        Message.objects.filter(pk=message_id).update(link_preview=preview)
        tell_updated(message)
    return True


def _wanting(message_id: UUID, link: str, *, lock: bool = False) -> Message | None:
    standing = Message.objects.filter(pk=message_id, is_deleted=False, link_preview__isnull=True)
    message = standing.first()
    if message is not None and lock:
        lock_conversation(message.conversation_id)
        message = standing.first()
    return message if message is not None and first_link(message.content) == link else None


def look(link: str) -> dict[str, Any] | None:
    """What the page says of itself, from memory where that is fresh; None when it says nothing or is not there."""
    key = _digest(link)
    known = LinkPreview.objects.filter(pk=key).first()
    if known is not None:
        age = timezone.now() - known.fetched_at
        if age < (_GOOD_FOR if known.preview else _NOTHING_GOOD_FOR):
            return {"url": link, **known.preview} if known.preview else None
    page = _fetch(link)
    said = pages.describe(page) if page is not None else None
    # Without the link, which may be a secret of the message it stood in.
    LinkPreview.objects.update_or_create(pk=key, defaults={"preview": said, "fetched_at": timezone.now()})
    return {"url": link, **said} if said else None


def _fetch(link: str) -> pages.Source | None:
    """The beginning of an HTML page; None for everything else, an address that may not be called included."""
    client = http.client(
        role="link_preview",
        timeout=SECONDS,
        redirects=_REDIRECTS,
        retries=0,
        max_bytes=_LARGEST_PAGE,
        headers={"Accept": "text/html,application/xhtml+xml", "User-Agent": "Kintsugi (link preview)"},
        allow_networks=settings.LINK_PREVIEW_NETWORKS,
    )
    try:
        with client, client.stream("GET", link) as answer:
            content_type = answer.headers.get("content-type", "")
            if answer.status_code != 200 or not content_type.lower().startswith(("text/html", "application/xhtml")):
                return None
            return pages.Source(_beginning(answer), answer.charset_encoding or "")
    except http.OutgoingError:
        return None


def _beginning(answer: httpx.Response) -> bytes:
    found = bytearray()
    for piece in answer.iter_bytes():
        found += piece
        if len(found) >= MAX_BYTES:
            break
    return bytes(found[:MAX_BYTES])


def forget_old() -> int:
    """Delete what was fetched more than a month ago; messages keep what they show."""
    gone, _by_model = LinkPreview.objects.filter(fetched_at__lt=timezone.now() - _KEPT).delete()
    return gone
