"""In a server of the proof of calls: its clock goes with the play, and what the media server would say is said by it.

The media server carries nothing here. Its door is played: by the services that the real one calls, when media begins to
flow and when it ends. Jobs are done when the play says so, as no worker runs.
"""

from __future__ import annotations

from datetime import datetime
from datetime import timedelta
from typing import Any
from typing import ClassVar
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import User
from calls import clock
from calls import providers
from calls.models import Call
from calls.models import CallInterval
from calls.models import CallLeg
from calls.providers.testing import Scripted
from calls.services import intervals
from calls.services import paying
from core import sql
from core.errors import NotFound
from core.jobs import worker
from core.jobs.models import Job
from core.realtime.commands import Payload
from core.realtime.commands import command
from core.shapes import Shape

_LEG = "01990000-0000-7000-8000-00000000001e"


def set_up() -> None:
    """The clock looks more often, and time is what the play makes of it; everybody has minutes to spend."""
    clock._SECONDS, clock._SPREAD = 0.25, 0.05
    server = Scripted(keeps_history=False)
    for asked in ("configured", "named"):
        setattr(providers, asked, lambda *_name: server)
    settings.PLANS = settings.PLANS | {"basic": settings.PLANS["basic"] | {"call_minutes": 600}}
    of_the_database = sql.now

    def now() -> datetime:
        said = of_the_database()
        with connection.cursor() as cursor:
            cursor.execute("SELECT gone FROM proof_clock")
            gone: timedelta = cursor.fetchone()[0]
        return said + gone

    sql.now = now


class Door(Payload):
    """A leg's door to the media server."""

    example: ClassVar[dict[str, Any]] = {"leg_id": _LEG, "media": "begins"}

    leg_id: UUID
    media: Literal["begins", "ends"]


class Work(Payload):
    example: ClassVar[dict[str, Any]] = {}


class Done(Shape):
    jobs: int


@command("proof.door", Door)
def door(_actor: User, payload: Door) -> None:
    """Media flows through it, or no longer does."""
    if payload.media == "ends":
        intervals.close([payload.leg_id], by=CallInterval.EndedBy.DOOR)
        return
    there = CallLeg.objects.exclude(state=CallLeg.State.LEFT).filter(call__transport=Call.Transport.SFU)
    leg = there.select_related("call").filter(pk=payload.leg_id).first()
    if leg is None or not leg.call.is_live:
        raise NotFound
    intervals.begin(leg.call_id, leg.pk, leg.user_id, transport="sfu", generation=leg.call.generation)


@command("proof.work", Work)
def work(_actor: User, _payload: Work) -> Done:
    """All that workers have to do for calls, now; and what is paid for is paid for."""
    paying.look()
    done = 0
    waiting = Job.objects.filter(kind__startswith="calls.", state=Job.State.QUEUED)
    while found := list(waiting.order_by("created_at").values_list("pk", flat=True)):
        waiting.update(run_at=timezone.now())
        done += sum(worker.run_job(job_id) for job_id in found)
    return Done(jobs=done)
