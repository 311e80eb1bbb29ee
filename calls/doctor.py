"""What this app looks at for ``manage.py doctor``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings

from calls import limits
from calls import providers
from calls.models import Call
from calls.models import CallClock
from calls.providers import turn
from core import sql
from core.findings import Check
from core.findings import Finding
from core.findings import fail
from core.findings import ok
from core.findings import warn

_OVERDUE = timedelta(minutes=2)


def checks() -> Iterator[Check]:
    """In the order in which they are reported."""
    yield Check("calls", ways)
    yield Check("relays", relays, seconds=30)
    yield Check("media server", media_server, seconds=20)
    yield Check("deadlines of calls", deadlines, needs="migrations")


def ways() -> Iterator[Finding]:
    """Which ways there are for media, and who cannot call for want of another."""
    calls = settings.CALLS
    if not calls.turn_urls:
        yield warn(
            "calls",
            "There is no relay: people behind strict networks cannot call each other, and nobody can hide their "
            "address. Set TURN_URLS and TURN_SECRET; see docs/deployment.md.",
        )
    if calls.media_server is None:
        yield ok(
            "calls",
            f"Devices talk directly: up to {limits.MESH_VIDEO} with pictures, {limits.MESH} with sound. A media server "
            "(JANUS_URL or HMS_APP_ACCESS_KEY) would carry more.",
        )


def relays() -> Iterator[Finding]:
    """Each relay is asked as a device would ask it."""
    for url in settings.CALLS.turn_urls:
        try:
            report = turn.probe(url, settings.CALLS.turn_secret)
        except turn.TurnRefused as refused:
            if refused.code == 401:
                why = "It refuses our credential: TURN_SECRET is not its static-auth-secret, or its clock is wrong."
            else:
                why = f"{refused} See that it runs, and that the firewall lets its port through."
            yield fail("relays", f"{url} does not work. {why}")
            continue
        if report.reached:
            yield fail(
                "relays",
                f"{url} relays into private networks ({', '.join(report.reached)}) for everybody who calls. Deny them: "
                "see docs/deployment.md.",
            )
        else:
            yield ok("relays", f"{url} works, and keeps to the internet.")


def media_server() -> Iterator[Finding]:
    """A room is made there, and ended."""
    server = providers.configured()
    if server is not None:
        yield from server.check()


def deadlines() -> Iterator[Finding]:
    """A call that should have ended and did not rings or runs for ever."""
    now = sql.now()
    overdue = Call.objects.filter(due_at__lte=now - _OVERDUE).count()
    ticked = CallClock.objects.values_list("ticked_at", flat=True).first()
    if overdue:
        last = f"the clock was last looked at {ticked:%Y-%m-%d %H:%M:%S} UTC" if ticked else "nobody ever looked"
        yield warn(
            "deadlines of calls",
            f"{overdue} calls are over their time: {last}. See that a serving process or beat runs.",
        )
    else:
        yield ok("deadlines of calls", "None is over.")
