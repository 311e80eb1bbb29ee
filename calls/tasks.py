"""What workers do for calls; each a call of a service."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from calls.services import deadlines
from calls.services import leaving
from calls.services import moves
from core import jobs

_TRIES = 3


@shared_task(name="calls.sweep", ignore_result=True)
def sweep() -> None:
    """The deadlines, should no serving process look at them."""
    deadlines.enforce()


@jobs.handler(moves.OPEN_ROOM, max_attempts=_TRIES, lease=30, timeout=60)
def open_room(run: jobs.Run) -> None:
    """Make the room that a call wants."""
    given = run.payload
    moves.open_room(UUID(given["call_id"]), given["generation"], given["why"], is_last_try=run.attempt >= _TRIES)


@jobs.handler(leaving.CLOSE_ROOM, max_attempts=5, lease=30, timeout=60)
def close_room(run: jobs.Run) -> None:
    """End the room of a call that is over."""
    moves.close_room(UUID(run.payload["call_id"]))


@jobs.handler(leaving.REMOVE, max_attempts=5, lease=30, timeout=60)
def remove_leg(run: jobs.Run) -> None:
    """Put a device that left out of the room."""
    moves.remove_leg(UUID(run.payload["leg_id"]))
