"""Writing a call down, and telling of it: what every transition begins and ends with.

A transition holds the stream of the conversation, changes the row by an update that names the state it expects, and
appends one ``call.state``. Either belt alone keeps the races right; the tests take both off to see them go wrong.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from datetime import datetime
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from calls import access
from calls.events import CallState
from calls.events import Cause
from calls.models import Call
from calls.models import CallLeg
from calls.models import CallParticipant
from calls.presentation import calls as presentation
from core.errors import Conflict
from core.realtime import streams
from core.realtime.events import Event
from core.realtime.names import user_stream
from messenger.access import conversation_stream

Status = Call.Status


PASSING_NOTICES = frozenset({Call.Notice.SFU_NOT_CONFIGURED, Call.Notice.NO_MEDIA, Call.Notice.MINUTES_UNKNOWN})
"""What is said while somebody is not heard, and no more once everybody is."""


def change(call: Call, **values: Any) -> None:
    """Write to a call that is still in the state and the generation it was read in; the instance shows it as well.

    Raises Conflict when it is not: then nothing of this transition stands.
    """
    seen = Call.objects.filter(pk=call.pk, status=call.status, generation=call.generation)
    for name, value in values.items():
        setattr(call, name, value)
    call.due_at = next_deadline(call)
    if not seen.update(**values, due_at=call.due_at):
        raise Conflict


def next_deadline(call: Call) -> datetime | None:
    """The earliest of a call's deadlines; those of its legs have an index of their own."""
    if call.status == Status.ENDED:
        return None
    deadlines = [call.connect_until, call.alone_until, latest_end(call)]
    if call.status == Status.RINGING:
        deadlines.append(call.ring_until)
    return min(one for one in deadlines if one is not None)


def latest_end(call: Call) -> datetime:
    """When even the longest call ends."""
    return call.created_at + timedelta(seconds=settings.CALLS.max_seconds)


def live_legs(call: Call) -> list[CallLeg]:
    """The devices that are in it, the oldest first."""
    return list(CallLeg.objects.filter(call=call).exclude(state=CallLeg.State.LEFT).order_by("id"))


def publish(call: Call, cause: Cause, by: UUID | None) -> None:
    """Tell all members how the call is now."""
    event = CallState(call=presentation.shape(call), cause=cause, by=by)
    streams.append(conversation_stream(call.conversation_id), event, subject=call.pk)


def tell(user_ids: Iterable[UUID], event: Event) -> None:
    """An ephemeral event to people, on whichever device they are."""
    streams.publish_ephemeral_each([user_stream(user_id) for user_id in set(user_ids)], event)


def people_of(call: Call) -> list[UUID]:
    """Everybody the call is about."""
    return list(CallParticipant.objects.filter(call=call).values_list("user_id", flat=True))


def pending(call: Call) -> list[UUID]:
    """Those who are rung and have not said anything."""
    rows = CallParticipant.objects.filter(call=call, response=CallParticipant.Response.PENDING)
    return list(rows.values_list("user_id", flat=True))


def payer_there(call: Call) -> UUID | None:
    """Who pays, or would pay, for the media server: nobody who is not in the call."""
    there = users_in(live_legs(call))
    return next((one for one in (call.payer_id, call.initiator_id) if one in there), None)


def users_in(legs: Collection[CallLeg]) -> set[UUID]:
    """Whose devices they are."""
    return {leg.user_id for leg in legs}


def is_direct(call: Call) -> bool:
    """Whether it is between two."""
    return access.is_direct(call)
