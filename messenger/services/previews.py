"""What stands behind the first link of a message: fetched by a worker, through the outgoing door."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import http
from core import jobs
from messenger import opengraph
from messenger.access import lock_conversation
from messenger.models import LinkPreview
from messenger.models import Message
from messenger.services.locking import publish_updated
from messenger.text import first_link

KIND = "messenger.link_preview"
_FETCH_SECONDS = 10.0
"""For the whole answer, at each hop of the redirects."""
_REDIRECTS = 3
_READ_BYTES = 256 * 1024
"""Of a page; what it says of itself stands at its beginning."""
_MAX_PAGE_BYTES = 32 * 1024 * 1024
"""Of a page, decompressed; where ``core.http`` gives up."""
_FRESH_FOR = timedelta(days=7)
_NOTHING_FRESH_FOR = timedelta(hours=1)
"""Of a page that says nothing, or is not there."""
_KEPT_FOR = timedelta(days=30)


def request(message_id: UUID, link: str) -> None:
    """Have a worker look at ``link``, once the message stands; in the caller's transaction."""
    if settings.LINK_PREVIEWS:
        # Not the link itself: a job outlives a message that is taken back.
        jobs.enqueue(KIND, payload={"message_id": str(message_id), "link": _digest(link)})


def attach_requested(message_id: UUID, digest: str) -> bool:
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
    if _waiting_for(message_id, link) is None:
        return False
    preview = fetch(link)
    if preview is None:
        return False
    with transaction.atomic():
        message = _waiting_for(message_id, link, lock=True)
        if message is None:
            return False
        Message.objects.filter(pk=message_id).update(link_preview=preview)
        publish_updated(message)
    return True


def _waiting_for(message_id: UUID, link: str, *, lock: bool = False) -> Message | None:
    standing = Message.objects.filter(pk=message_id, is_deleted=False, link_preview__isnull=True)
    # An address that an agent wrote may carry away what it was told: it is not fetched, also when a person sends it on.
    standing = standing.exclude(sender__kind=User.Kind.AGENT).exclude(forwarded_from__kind=User.Kind.AGENT)
    message = standing.first()
    if message is not None and lock:
        lock_conversation(message.conversation_id)
        message = standing.first()
    return message if message is not None and first_link(message.content) == link else None


def fetch(link: str) -> dict[str, Any] | None:
    """What the page says of itself, from memory where that is fresh; None when it says nothing or is not there."""
    key = _digest(link)
    known = LinkPreview.objects.filter(pk=key).first()
    if known is not None:
        age = timezone.now() - known.fetched_at
        if age < (_FRESH_FOR if known.preview else _NOTHING_FRESH_FOR):
            return {"url": link, **known.preview} if known.preview else None
    page = _read_page(link)
    said = opengraph.describe(page) if page is not None else None
    # Without the link, which may be a secret of the message it stood in.
    LinkPreview.objects.update_or_create(pk=key, defaults={"preview": said, "fetched_at": timezone.now()})
    return {"url": link, **said} if said else None


def _read_page(link: str) -> opengraph.Source | None:
    """The beginning of an HTML page; None for everything else, an address that may not be called included."""
    client = http.client(
        role="link_preview",
        timeout=_FETCH_SECONDS,
        redirects=_REDIRECTS,
        retries=0,
        max_bytes=_MAX_PAGE_BYTES,
        headers={"Accept": "text/html,application/xhtml+xml", "User-Agent": "Kintsugi (link preview)"},
        allow_networks=settings.LINK_PREVIEW_NETWORKS,
    )
    try:
        with client, client.stream("GET", link) as answer:
            content_type = answer.headers.get("content-type", "")
            if answer.status_code != 200 or not content_type.lower().startswith(("text/html", "application/xhtml")):
                return None
            return opengraph.Source(_beginning(answer), answer.charset_encoding or "")
    except http.OutgoingError:
        return None


def _beginning(answer: httpx2.Response) -> bytes:
    found = bytearray()
    for piece in answer.iter_bytes():
        found += piece
        if len(found) >= _READ_BYTES:
            break
    return bytes(found[:_READ_BYTES])


def delete_old() -> int:
    """Delete what was fetched more than a month ago; messages keep what they show."""
    gone, _by_model = LinkPreview.objects.filter(fetched_at__lt=timezone.now() - _KEPT_FOR).delete()
    return gone
