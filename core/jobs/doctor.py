"""Is work being done?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from core.findings import Check
from core.findings import Finding
from core.findings import fail
from core.findings import ok
from core.findings import warn
from core.jobs import pulse
from core.jobs.models import Job

_LONGEST_WAIT = timedelta(minutes=5)
_LOST_WAIT = timedelta(minutes=30)


def checks() -> Iterator[Check]:
    """In the order in which they are reported."""
    yield Check("queue", queue, needs="migrations")
    yield Check("beat", beat, needs="redis")


def queue() -> Iterator[Finding]:
    now = timezone.now()
    waiting = Job.objects.filter(state=Job.State.QUEUED, run_at__lte=now)
    oldest = waiting.order_by("run_at").values_list("run_at", flat=True).first()
    age = now - oldest if oldest else timedelta(0)
    sentence = f"{waiting.count()} jobs wait, the oldest for {int(age.total_seconds())} s."
    if age > _LOST_WAIT:
        yield fail("queue", f"{sentence} No worker takes them: start `celery -A kintsugi worker`.")
    elif age > _LONGEST_WAIT:
        yield warn("queue", f"{sentence} Start more workers, or look at what the one there is busy with.")
    else:
        yield ok("queue", sentence)
    failed = Job.objects.filter(state=Job.State.FAILED, finished_at__gt=now - timedelta(days=1)).count()
    if failed:
        yield warn("failed jobs", f"{failed} failed within a day. Their reasons stand in the admin under Jobs.")


def beat() -> Iterator[Finding]:
    """Beat pokes, a worker answers: one sign of life of both, and of the queue between them."""
    if settings.EMBEDDED:
        yield ok("beat", "It runs in the serving process.")
        return
    age = pulse.age()
    if age is None:
        yield fail("beat", "No scheduled work was done lately. Start one `celery -A kintsugi beat` and a worker.")
    elif age > pulse.EVERY_SECONDS * 4:
        yield fail("beat", f"The last scheduled work was done {age:.0f} s ago. Look at beat and at the workers.")
    else:
        yield ok("beat", f"Beat and a worker did scheduled work {age:.0f} s ago.")
