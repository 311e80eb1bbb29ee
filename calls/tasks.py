"""What workers do for calls; each a call of a service."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from calls.services import deadlines
from calls.services import leaving
from calls.services import moves
from calls.services import paying
from calls.services import reconcile
from core import jobs

_TRIES = 3


@shared_task(name="calls.sweep", ignore_result=True)
def sweep() -> None:
    """The deadlines, should no serving process look at them."""
    deadlines.enforce()
    paying.look()


@shared_task(name="calls.forget_events", ignore_result=True)
def forget_events() -> None:
    """Webhooks that were taken long ago."""
    reconcile.forget_events()


@jobs.handler(moves.OPEN_ROOM, max_attempts=_TRIES, lease=30, timeout=60)
def open_room(run: jobs.Run) -> None:
    """Make the room that a call wants."""
    given = run.payload
    moves.open_room(UUID(given["call_id"]), given["generation"], given["why"], is_last_try=run.attempt >= _TRIES)


@jobs.handler(leaving.CLOSE_ROOM, max_attempts=5, lease=30, timeout=60)
def close_room(run: jobs.Run) -> None:
    """End the room of a call that is over, or goes another way, and charge it."""
    reconcile.end_room(UUID(run.payload["call_id"]))


@jobs.handler(leaving.RECONCILE, max_attempts=5, lease=60, timeout=120)
def reconcile_call(run: jobs.Run) -> None:
    """Compare what the media server measured with what we did."""
    reconcile.reconcile(UUID(run.payload["call_id"]))


@jobs.handler(paying.READ_STAYS, max_attempts=1, lease=30, timeout=60)
def read_stays(run: jobs.Run) -> None:
    """Who is on a vendor's media server now."""
    reconcile.read_stays(UUID(run.payload["call_id"]))


@jobs.handler(leaving.REMOVE, max_attempts=5, lease=30, timeout=60)
def remove_leg(run: jobs.Run) -> None:
    """Put a device that left out of the room."""
    moves.remove_leg(UUID(run.payload["leg_id"]))
