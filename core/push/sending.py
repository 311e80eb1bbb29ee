"""Handing notices to push services (RFC 8030), each at most once, and forgetting what is old."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx2
from django.conf import settings
from django.db.models import F
from django.db.models import Min
from django.utils import timezone

from core import http
from core import jobs
from core.push import metrics
from core.push import sealing
from core.push.keys import SiteKey
from core.push.keys import site_key
from core.push.models import PushNotice
from core.push.models import PushSubscription

logger = logging.getLogger(__name__)

AT_ONCE = 16
"""Calls to push services from one run."""
ATTEMPTS = 8
"""Of a notice that a push service puts off or cannot take."""
_FIRST_WAIT, _LONGEST_WAIT = 5.0, 900.0
"""Seconds before the second attempt, doubled for each one more, unless the push service says."""
_KEPT = timedelta(days=7)
_LOST = "The process that sent it was lost; it may have arrived."
_ENDED = "The browser has ended its subscription."
_LATE = "It could not be sent while it was of use."

State = PushNotice.State


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a push service said: taken; not now, after ``again`` seconds; or never (``gone``: nor anything else)."""

    taken: bool = False
    again: float | None = None
    error: str = ""
    gone: bool = False


def deliver(run: jobs.Run) -> None:
    """Send what waits of a batch; comes back for what is put off."""
    rows = PushNotice.objects.filter(batch=UUID(run.payload["batch"]))
    with run.fenced():  # no other run is at it now, so who wrote this is gone
        _finish_many(rows.filter(state=State.SENDING), _LOST)
    while True:
        run.check()
        now = timezone.now()
        with run.fenced():
            _finish_many(rows.filter(state=State.WAITING, expires_at__lte=now), _LATE)
            claimed = _claim(rows, now)
        if not claimed:
            break
        outcomes = asyncio.run(_send_all(claimed, site_key()))
        with run.fenced():
            for row, outcome in zip(claimed, outcomes, strict=True):
                _settle(row, outcome)
    if due := rows.filter(state=State.WAITING).aggregate(due=Min("due_at"))["due"]:
        run.later(max(1.0, (due - timezone.now()).total_seconds()))


def forget() -> None:
    """Remove what is older than a week, and give up what no job is left for."""
    now = timezone.now()
    _finish_many(PushNotice.objects.filter(finished_at=None, expires_at__lt=now - timedelta(hours=1)), _LATE)
    PushNotice.objects.filter(created_at__lt=now - _KEPT).delete()


def _claim(rows: Any, now: datetime) -> list[PushNotice]:
    """The next few, written down as being sent."""
    waiting = rows.filter(state=State.WAITING, due_at__lte=now).order_by("pk")
    ids = list(waiting.values_list("pk", flat=True)[:AT_ONCE])
    rows.filter(pk__in=ids, state=State.WAITING).update(state=State.SENDING, attempts=F("attempts") + 1)
    return list(rows.filter(pk__in=ids, state=State.SENDING).select_related("subscription").order_by("pk"))


async def _send_all(rows: list[PushNotice], key: SiteKey) -> list[Outcome]:
    """One odd device does not take the others along, who may be other people's."""
    said = await asyncio.gather(*(_send(row, key) for row in rows), return_exceptions=True)
    return [_broken(one) if isinstance(one, BaseException) else one for one in said]


def _broken(error: BaseException) -> Outcome:
    if not isinstance(error, Exception):
        raise error
    logger.error("A notice could not be sent", exc_info=error)
    return Outcome(error="A fault of ours kept it from being sent.")


async def _send(row: PushNotice, key: SiteKey) -> Outcome:
    device = row.subscription
    if device is None:
        return Outcome(error=_ENDED)
    endpoint = device.endpoint.reveal()
    left = row.expires_at - timezone.now()
    assert row.content is not None  # noqa: S101 - it waits
    sealed = sealing.seal(
        row.content.reveal().encode(),
        endpoint=endpoint,
        p256dh=device.p256dh.reveal(),
        auth=device.auth.reveal(),
        key=key,
        contact=settings.PUSH_CONTACT,
        ttl=max(0, int(left.total_seconds())),
        urgency=row.urgency,
        topic=row.topic,
    )
    client = http.async_client(
        role="push",
        circuit=urlsplit(endpoint).netloc,
        timeout=20,
        retries=0,
        allow_networks=settings.PUSH_NETWORKS,
        schemes=settings.PUSH_SCHEMES,
    )
    try:
        async with client:
            answer = await client.post(endpoint, content=sealed.body, headers=sealed.headers)
    except http.AddressRefused:
        return Outcome(error="This site may not call the address of the push service.", gone=True)
    except http.OutgoingError as error:
        if error.sent:
            return Outcome(error="The push service did not answer; it may have arrived.")
        return Outcome(again=error.context.get("retry_after") or _wait(row.attempts))
    return _meaning(answer, row.attempts)


def _meaning(answer: httpx2.Response, attempts: int) -> Outcome:
    status = answer.status_code
    if 200 <= status < 300:
        return Outcome(taken=True)
    if status in (404, 410):
        return Outcome(error=_ENDED, gone=True)
    if status == 429 or status >= 500:
        return Outcome(again=_asked_wait(answer) or _wait(attempts))
    logger.warning("A push service refuses a notice", extra={"status": status})
    return Outcome(error=f"The push service refuses it ({status}).", gone=status in (401, 403))


def _asked_wait(answer: httpx2.Response) -> float | None:
    """Seconds of Retry-After, which is a number or a date (RFC 9110, 10.2.3)."""
    said = answer.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - timezone.now()).total_seconds())
    except (ValueError, TypeError):
        return None


def _wait(attempts: int) -> float:
    return float(min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (attempts - 1)))


def _settle(row: PushNotice, outcome: Outcome) -> None:
    now = timezone.now()
    mine = PushNotice.objects.filter(pk=row.pk, state=State.SENDING)
    if outcome.taken:
        mine.update(state=State.SENT, content=None, finished_at=now)
        if row.subscription_id:
            PushSubscription.objects.filter(pk=row.subscription_id).update(used_at=now)
        metrics.count(kind=row.kind, outcome="sent")
        return
    if outcome.again is not None:
        due = now + timedelta(seconds=outcome.again)
        if due < row.expires_at and row.attempts < ATTEMPTS:
            mine.update(state=State.WAITING, due_at=due)
            return
    _finish_many(mine, outcome.error or _LATE)
    if outcome.gone and row.subscription_id:
        PushSubscription.objects.filter(pk=row.subscription_id).delete()


def _finish_many(rows: Any, reason: str) -> None:
    for kind, count in _counted(rows).items():
        metrics.count(kind=kind, outcome="failed", amount=count)
    rows.update(state=State.FAILED, error=reason, content=None, finished_at=timezone.now())


def _counted(rows: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for kind in rows.values_list("kind", flat=True):
        found[kind] = found.get(kind, 0) + 1
    return found
