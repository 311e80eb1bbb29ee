"""Writing notices down: for whom, on which of their devices, and not while they want to be left alone."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import time
from datetime import timedelta
from typing import TYPE_CHECKING
from typing import Any
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo
from zoneinfo import ZoneInfoNotFoundError

from django.db import transaction
from django.utils import timezone

from core import jobs
from core.ids import uuid7
from core.push import sealing
from core.push import subscriptions
from core.push.models import PushNotice
from core.push.models import PushSubscription

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

SEND = "core.send_push"
CLEAR = "clear"
_ALWAYS_SHOWS = (".push.apple.com",)
"""Push services that end the subscription of a page which shows nothing for a push.

Source: WebKit, "Meet Web Push", https://webkit.org/blog/12945/meet-web-push/ (2022-06).
"""
_MOST_LETTERS = 240
"""Of a text that somebody wrote: what a lock screen shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something one person should hear of.

    ``tag`` says what it is about: a newer notice of it takes the place of the older one, at the push service and on the
    screen, and reading takes it away. ``plain`` is shown in place of ``title`` and ``body`` on a device whose person
    wants no text there. ``url`` is the path that a press opens. After ``life`` it is of no use any more.
    """

    user_id: UUID
    kind: str
    tag: str
    title: str
    plain: str
    url: str
    body: str = ""
    icon: str = ""
    urgency: Literal["low", "normal", "high"] = "normal"
    life: timedelta = timedelta(days=1)
    action: Literal["show", "clear"] = "show"


def notify(notices: Sequence[Notice]) -> int:
    """Put them into the outbox, in the caller's transaction, one for each device that wants them; answers how many.

    A worker sends them after the commit. Who is in their quiet hours gets none: what they missed they see when they
    look, and nothing rings in the morning for what was said at night.
    """
    devices = _devices({notice.user_id for notice in notices})
    now, batch = timezone.now(), uuid7()
    rows = [
        _row(notice, device, batch=batch, now=now)
        for notice in notices
        for device in devices.get(notice.user_id, ())
        if notice.action == "clear" or not is_quiet(device.user, now)
    ]
    return _write(rows, batch)


def try_out(actor: AbstractBaseUser, subscription_id: UUID, *, title: str, body: str) -> int:
    """Send a notice to one of the actor's devices, whatever it is set to. Raises NotFound for anybody else's."""
    device = subscriptions.own(actor, subscription_id)
    notice = Notice(
        user_id=device.user_id, kind="trial", tag="trial", title=title, body=body, plain=title, url="/app/settings",
        urgency="high", life=timedelta(minutes=5),
    )  # fmt: skip
    batch = uuid7()
    return _write([_row(notice, device, batch=batch, now=timezone.now())], batch)


def clear(user_id: UUID, tag: str) -> int:
    """Take what is shown of ``tag`` from all of a person's devices, as it was read on one of them.

    What waits is dropped; a device is written to only where something of it was sent.
    """
    topic, now = topic_of(tag), timezone.now()
    mine = PushNotice.objects.filter(user_id=user_id, topic=topic).exclude(kind=CLEAR)
    mine.filter(state=PushNotice.State.WAITING).update(
        state=PushNotice.State.FAILED, error="It was read before it was sent.", content=None, finished_at=now
    )
    shown = mine.filter(state=PushNotice.State.SENT, expires_at__gt=now)
    wanted = set(shown.values_list("subscription_id", flat=True)) - {None}
    if not wanted:
        return 0
    shown.update(expires_at=now)
    notice = Notice(user_id=user_id, kind=CLEAR, tag=tag, title="", plain="", url="", urgency="low", action="clear")
    batch = uuid7()
    devices = [device for device in _devices({user_id}).get(user_id, ()) if device.pk in wanted]
    rows = [_row(notice, device, batch=batch, now=now) for device in devices if _may_be_silent(device)]
    return _write(rows, batch)


def _write(rows: list[PushNotice], batch: UUID) -> int:
    if rows:
        with transaction.atomic():
            PushNotice.objects.bulk_create(rows)
            jobs.enqueue(SEND, payload={"batch": str(batch)})
    return len(rows)


def _may_be_silent(device: PushSubscription) -> bool:
    return not f".{device.host}".endswith(_ALWAYS_SHOWS)


def topic_of(tag: str) -> str:
    """What a push service is told of a tag: at most 32 letters of base64url (RFC 8030, 5.4), which say nothing."""
    return urlsafe_b64encode(hashlib.sha256(tag.encode()).digest())[:32].decode()


def is_quiet(user: Any, now: datetime) -> bool:
    """Whether it is the middle of a person's quiet hours, by their own clock."""
    wishes = getattr(user, "push_preferences", None)
    if wishes is None or wishes.quiet_from is None or wishes.quiet_until is None:
        return False
    return _between(now.astimezone(_zone(user.time_zone)).time(), wishes.quiet_from, wishes.quiet_until)


def _between(moment: time, start: time, end: time) -> bool:
    return start <= moment < end if start < end else moment >= start or moment < end


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):  # a zone that the tables of this machine do not have any more
        return ZoneInfo("UTC")


def _devices(user_ids: Iterable[UUID]) -> dict[UUID, list[PushSubscription]]:
    rows = PushSubscription.objects.filter(user_id__in=list(user_ids), enabled=True, user__is_active=True)
    found: dict[UUID, list[PushSubscription]] = {}
    for row in rows.select_related("user__push_preferences"):
        found.setdefault(row.user_id, []).append(row)
    return found


def _row(notice: Notice, device: PushSubscription, *, batch: UUID, now: datetime) -> PushNotice:
    row = PushNotice(
        batch=batch,
        kind=notice.kind,
        user_id=notice.user_id,
        subscription=device,
        topic=topic_of(notice.tag),
        urgency=notice.urgency,
        due_at=now,
        created_at=now,
        expires_at=now + notice.life,
    )
    row.content = _content(notice, device, row)
    return row


def _content(notice: Notice, device: PushSubscription, row: PushNotice) -> Any:
    text = (
        {"title": notice.title, "body": _cut(notice.body)} if device.shows_text else {"title": notice.plain, "body": ""}
    )
    said = {
        "id": str(row.pk),
        "action": notice.action,
        "kind": notice.kind,
        "tag": notice.tag,
        "title": _cut(text["title"]),
        "body": text["body"],
        "icon": notice.icon if device.shows_text else "",
        "url": notice.url,
        "sound": device.has_sound,
        "at": row.created_at.isoformat(),
    }
    made = json.dumps(said, ensure_ascii=False)
    # Letters take up to four bytes; an address of a picture that does not fit is left out.
    return made if len(made.encode()) <= sealing.MOST_BYTES else json.dumps(said | {"icon": ""}, ensure_ascii=False)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MOST_LETTERS else line[: _MOST_LETTERS - 1] + "…"
