"""Do notices get out?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from core.findings import Check
from core.findings import Finding
from core.findings import ok
from core.findings import warn
from core.push.models import PushNotice
from core.push.models import PushSubscription

_WAIT = timedelta(minutes=5)


def checks() -> Iterator[Check]:
    """In the order in which they are reported."""
    yield Check("push", notices, needs="migrations")


def notices() -> Iterator[Finding]:
    """Notices that wait, and those that push services refused of late."""
    now = timezone.now()
    waiting = PushNotice.objects.filter(finished_at=None, due_at__lt=now - _WAIT).count()
    ended = PushNotice.objects.filter(finished_at__gt=now - timedelta(days=1))
    refused = ended.filter(state=PushNotice.State.FAILED, error__contains="refuses").count()
    if waiting:
        yield warn("push", f"{waiting} notices are due for more than five minutes. Does a worker run?")
    if refused:
        yield warn("push", f"Push services refused {refused} notices today; /admin/core/pushnotice/ says why.")
    if not waiting and not refused:
        yield ok("push", f"{PushSubscription.objects.count()} devices are subscribed; no notice waits.")
